"""The explorer: a campaign's judged outputs by cause, quadrant and gap, and slices of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from annotation.again import campaign_again
from annotation.models import Campaign
from common.errors import BadInput, NikashError
from metrics.explorer import (
    BANDS,
    NO_CAUSE,
    QUADRANTS,
    Filter,
    Outputs,
    cause_counts,
    chosen,
    filter_from,
    metric_place,
    newest_table,
    outputs_of,
)
from metrics.models import Slice
from metrics.reports.saying import label_of, sentences
from metrics.reports.words import DASH, number
from metrics.slices import slice_csv
from metrics.views.reports import asks_with_excluded, campaign_for, changeable_campaign
from models_app.models import Output

ROWS_A_PAGE = 25


@require_GET
def outputs(request: HttpRequest, pk: int) -> HttpResponse:
    """Nine queries, however many outputs."""
    campaign = campaign_for(request, pk)
    with_excluded = asks_with_excluded(request)
    table = newest_table(campaign, with_excluded=with_excluded)
    known = None if table is None else outputs_of(table)
    context: dict[str, Any] = {
        "campaign": campaign,
        "table": table if known is not None else None,
        "with_excluded": with_excluded,
    }
    if known is not None:
        context |= _shown(request, campaign, known)
    return render(request, "metrics/slice.html", context)


def _shown(request: HttpRequest, campaign: Campaign, known: Outputs) -> dict[str, Any]:
    asked = filter_from(request.GET)
    rows = chosen(known, asked)
    everything = chosen(known, asked._replace(cause=""))
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "asked": asked,
        "query": asked.query(),
        "n": len(known),
        "n_segments": len(set(known.segment[rows].tolist())),
        "page": page,
        "cards": _cards(campaign, known, asked, page),
        "choices": _choices(known, cause_counts(known, everything)),
        "slices": campaign.slices.all(),
    }


def _cards(campaign: Campaign, known: Outputs, asked: Filter, page: Page) -> list[dict[str, Any]]:
    """What the page shows of each of its outputs."""
    places = [int(place) for place in page.object_list]
    texts = Output.objects.select_related("segment").in_bulk([int(known.output[p]) for p in places])
    metric = metric_place(known, asked.metric)
    labels = dict(known.causes)
    names = [name for name, _label in known.causes]
    found = []
    for place in places:
        output = texts.get(int(known.output[place]))
        if output is None:  # deleted since the report was made
            continue
        found.append(
            {
                "key": known.keys[place],
                "href": reverse("metrics:segment", args=[campaign.pk, output.segment_id]),
                "system": known.systems[known.system[place]],
                "domain": output.segment.domain,
                "output": output.text,
                "reference": next(iter(output.segment.references), ""),
                "source": output.segment.source,
                "gap": number(float(known.gap(metric)[place]), 2),
                "human": number(float(known.human[place, metric]), 2),
                "machine": number(float(known.machine[place, metric]), 2),
                "quadrant": _QUADRANTS[QUADRANTS[known.quadrant[place, metric]]](),
                "cause": label_of(labels.get(names[known.main[place]]))
                if known.main[place] >= 0
                else DASH,
                "why": sentences(known.explanations[place]),
            }
        )
    return found


def _choices(known: Outputs, counts: dict[str, int]) -> dict[str, list[tuple[str, str]]]:
    """(value, words) of every field of the filter."""
    causes = [(name, f"{label_of(label)} ({counts[name]})") for name, label in known.causes]
    return {
        "metric": list(known.metrics),
        "quadrant": [(name, str(_QUADRANTS[name]())) for name in QUADRANTS],
        "cause": [*causes, (NO_CAUSE, f"{_('none found')} ({counts[NO_CAUSE]})")],
        "domain": [(name, name) for name in known.domains],
        "system": [(name, name) for name in known.systems],
        "length": [(name, str(_BANDS[name]())) for name in BANDS],
        "error": [(name, name) for name in known.categories],
        "direction": [("over", _("the metric overrates")), ("under", _("the metric underrates"))],
        "sort": [
            ("size", _("widest gap first")),
            ("-gap", _("most overrated first")),
            ("gap", _("most underrated first")),
            ("place", _("the campaign's order")),
        ],
    }


_QUADRANTS = {
    "both low": lambda: _("both low"),
    "only people high": lambda: _("only people high"),
    "only metric high": lambda: _("only metric high"),
    "both high": lambda: _("both high"),
}
_BANDS = {
    "short": lambda: _("short"),
    "middle": lambda: _("middle"),
    "long": lambda: _("long"),
}


@require_POST
def slice_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the filter under a name; a slice of that name gets the new filter."""
    campaign = changeable_campaign(request, pk)
    query = filter_from(QueryDict(request.POST.get("query", ""))).query()
    kept = Slice(campaign=campaign, name=request.POST.get("name", "").strip(), query=query)
    try:
        kept.full_clean(exclude=["created_by"], validate_unique=False, validate_constraints=False)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        values = {"query": query, "created_by": request.user}
        Slice.objects.update_or_create(campaign=campaign, name=kept.name, defaults=values)
        messages.success(request, _("Saved as %(name)s.") % {"name": kept.name})
    return _back(campaign, query)


@require_POST
def slice_delete(request: HttpRequest, pk: int, slice_pk: int) -> HttpResponse:
    campaign = changeable_campaign(request, pk)
    get_object_or_404(Slice, campaign=campaign, pk=slice_pk).delete()
    messages.success(request, _("The slice is deleted; its outputs are untouched."))
    return _back(campaign, "")


@require_GET
def slice_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The chosen outputs as CSV, with every rater's score and note."""
    campaign = campaign_for(request, pk)
    table = newest_table(campaign, with_excluded=asks_with_excluded(request))
    known = None if table is None else outputs_of(table)
    record(None, "outputs.export", campaign, campaign_id=campaign.pk)
    text = slice_csv(campaign, known, filter_from(request.GET))
    name = slugify(campaign.name) or f"campaign-{campaign.pk}"
    disposition = f'attachment; filename="{name}-outputs.csv"'
    return HttpResponse(text, "text/csv", headers={"Content-Disposition": disposition})


@require_POST
def slice_rerate(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft campaign over the chosen outputs' segments and systems."""
    campaign = changeable_campaign(request, pk)
    asked = filter_from(QueryDict(request.POST.get("query", "")))
    try:
        again = _again(request, campaign, asked)
    except NikashError as problem:
        messages.error(request, problem.message)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("A draft over these segments; look at it, then open it."))
        return redirect("annotation:campaign_detail", again.pk)
    return _back(campaign, asked.query())


def _again(request: HttpRequest, campaign: Campaign, asked: Filter) -> Campaign:
    table = newest_table(campaign, with_excluded=asked.with_excluded == "1")
    known = None if table is None else outputs_of(table)
    if known is None:
        raise BadInput(_("there is no report to choose outputs from; make the report first"))
    rows = chosen(known, asked)
    systems = campaign.systems.all()
    protocol = request.POST.get("protocol", "")
    compares = not protocol and campaign.protocol_object.compares  # needs the others beside it
    if request.POST.get("systems") != "all" and not compares:
        names = {known.systems[place] for place in set(known.system[rows].tolist())}
        systems = systems.filter(name__in=names)
    return campaign_again(
        campaign,
        name=request.POST.get("name", "").strip(),
        segments=set(known.segment[rows].tolist()),
        systems=set(systems.values_list("pk", flat=True)),
        protocol=protocol,
        by=request.user,
    )


def _back(campaign: Campaign, query: str) -> HttpResponse:
    address = reverse("metrics:outputs", args=[campaign.pk])
    return redirect(f"{address}?{query}" if query else address)
