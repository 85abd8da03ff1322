"""Guidelines for researchers: list, read, write the next version."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import reads_site, researcher_required, site_reader_required
from annotation.forms_guideline import GuidelineForm, TextFormSet
from annotation.guidelines import add_version, as_html, in_language
from annotation.models import Campaign, Guideline
from common.errors import NikashError


@require_safe
@site_reader_required
def guideline_list(request: HttpRequest) -> HttpResponse:
    names = Guideline.objects.values("name").annotate(newest=Max("version")).order_by("name")
    page = Paginator(names, 50).get_page(request.GET.get("page"))
    newest = {row["name"]: row["newest"] for row in page}
    languages = defaultdict(list)
    texts = Guideline.objects.filter(name__in=newest).order_by("language")
    for name, version, language in texts.values_list("name", "version", "language"):
        if version == newest[name]:
            languages[name].append(language)
    campaigns = defaultdict(list)
    for campaign in Campaign.objects.visible_to(request.user).filter(guideline__in=newest):
        campaigns[campaign.guideline].append(campaign)
    for row in page:
        row.update(languages=languages[row["name"]], campaigns=campaigns[row["name"]])
    return render(request, "annotation/guideline_list.html", {"page": page})


@require_safe
def guideline_detail(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """One version in one language: the one asked for, else the reader's own."""
    texts = _texts(name)
    here = [text for text in texts if text.version == version]
    wanted = request.GET.get("language") or get_language() or "en"
    guideline = in_language(here, wanted)
    if guideline is None:
        raise Http404
    campaigns = Campaign.objects.visible_to(request.user).filter(guideline=name)
    if not reads_site(request.user) and not campaigns.exists():
        raise Http404
    context = {
        "guideline": guideline,
        "guideline_html": as_html(guideline.text, demote=1),
        "languages": sorted(text.language for text in here),
        "versions": sorted({text.version for text in texts}, reverse=True),
        "campaigns": campaigns.filter(guideline_version=version),
        "crumbs": _crumbs(),
    }
    return render(request, "annotation/guideline_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@researcher_required
def guideline_new(request: HttpRequest) -> HttpResponse:
    """?name=... for the next version of a guideline, nothing for a new one."""
    name, before = request.GET.get("name", ""), []
    if name:
        before = _newest(_texts(name))
        if not before:
            raise Http404
    version = before[0].version if before else 0
    posted = request.POST if request.method == "POST" else None
    form = GuidelineForm(posted, initial={"based_on": version}, is_new=not version)
    texts = TextFormSet(posted, initial=_initial(before), prefix="texts")
    context = {
        "name": name,
        "next": version + 1,
        "form": form,
        "texts": texts,
        "opened": request.GET.get("language") or get_language(),
        "crumbs": _crumbs(),
    }
    if posted is None:
        return _page(request, context)
    if not (form.is_valid() & texts.is_valid()):
        return _page(request, context, status=422)
    if "preview" in posted:
        written = texts.texts().items()
        context["previews"] = [(tag, as_html(text, demote=2)) for tag, text in written]
        return _page(request, context)
    name = name or form.cleaned_data["name"]
    try:
        made = add_version(name=name, texts=texts.texts(), based_on=form.cleaned_data["based_on"])
    except NikashError as problem:
        return _page(request, context | {"problem": problem}, status=422)
    messages.success(request, _("Version %(n)s of %(name)s is stored.") % {"n": made, "name": name})
    return redirect("annotation:guideline_detail", name, made)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "annotation/guideline_new.html", context, status=status)


def _texts(name: str) -> list[Guideline]:
    """Every version in every language, newest first."""
    return [] if "\0" in name else list(Guideline.objects.filter(name=name))


def _newest(texts: list[Guideline]) -> list[Guideline]:
    return [text for text in texts if text.version == texts[0].version]


def _initial(before: list[Guideline]) -> list[dict[str, str]]:
    if before:
        return [{"language": text.language, "text": text.text} for text in before]
    return [{"language": code, "text": ""} for code, _name in settings.LANGUAGES]


def _crumbs() -> list[tuple[str, str]]:
    return [
        (_("Campaigns"), reverse("annotation:campaign_list")),
        (_("Guidelines"), reverse("annotation:guideline_list")),
    ]
