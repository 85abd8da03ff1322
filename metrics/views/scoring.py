"""Computing metrics: choose them, start, follow, stop and go on."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import is_admin, is_researcher, only, reads_site
from annotation.access import campaign_reader_required
from annotation.models import Campaign
from common.errors import NikashError
from metrics.automatic import METRICS
from metrics.automatic.crew import MODELS
from metrics.automatic.doctor import FAILED
from metrics.columns import column_warnings
from metrics.examining import run_findings, serious, unfit_at_once
from metrics.models import MetricScore, ScoringRun
from metrics.recipes import build_metric
from metrics.reports.words import points
from metrics.scoring import DEFAULT_METRICS, create_run
from models_app.jobs import enqueue, progress_view, request_cancel, resume
from models_app.models import Dataset


class ScoringForm(forms.Form):
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        help_text=gettext_lazy("scores its systems on all of its dataset"),
    )
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Or a whole dataset"), queryset=Dataset.objects.none(), required=False
    )
    metrics = forms.MultipleChoiceField(
        label=gettext_lazy("Metrics"), widget=forms.CheckboxSelectMultiple
    )

    knowingly = forms.MultipleChoiceField(
        label=gettext_lazy("Use it all the same"),
        help_text=gettext_lazy("the run remembers it, and the report says so"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unfit: list[dict[str, Any]] = []  # what the doctor found where it stops the start
        self.fields["campaign"].queryset = Campaign.objects.manageable_by(user).order_by("name")
        datasets = Dataset.objects.all() if is_researcher(user) else Dataset.objects.none()
        self.fields["dataset"].queryset = datasets
        self.fields["metrics"].choices = [
            (name, f"{kind.label} ({kind.unit})") for name, kind in METRICS.items()
        ]
        self.fields["knowingly"].choices = METRICS.choices()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("campaign")) == bool(data.get("dataset")):
            raise forms.ValidationError(_("Choose a campaign or a dataset, one of the two."))
        if not self.errors:
            self._ask_doctor(data)
        return data

    def _ask_doctor(self, data: dict[str, Any]) -> None:
        dataset = data["campaign"].dataset if data["campaign"] else data["dataset"]
        found = unfit_at_once(data["metrics"], dataset)
        unfit = {one["metric"]: one["label"] for one in found}
        data["knowingly"] = [name for name in data["knowingly"] if name in unfit]
        if set(unfit) - set(data["knowingly"]):
            self.unfit = found
            self.fields["knowingly"].choices = unfit.items()
            self.add_error("knowingly", _("Leave these metrics out, or use them knowingly."))

    def __iter__(self) -> Iterator[forms.BoundField]:
        """The fields to show: consent is asked for only where it is needed."""
        return (field for field in super().__iter__() if field.name != "knowingly" or self.unfit)

    def clean_metrics(self) -> list[str]:
        names = self.cleaned_data["metrics"]
        slow = [name for name in names if METRICS.get(name).effort >= MODELS]
        for name in slow:
            try:
                build_metric(name, {}).ready()
            except NikashError as problem:
                raise forms.ValidationError(problem.message) from problem
        return names


def runs_for(user: Any) -> QuerySet[ScoringRun]:
    """Runs of campaigns this person may read, and of whole datasets, which researchers share."""
    runs = ScoringRun.objects.select_related("dataset", "campaign", "created_by")
    if is_admin(user):
        return runs
    mine = Q(campaign__in=Campaign.objects.visible_to(user).values("pk"))
    return runs.filter(mine | Q(campaign=None) if reads_site(user) else mine)


def changeable_runs(user: Any) -> QuerySet[ScoringRun]:
    """Those that this person may stop and start again."""
    runs = ScoringRun.objects.select_related("dataset", "campaign")
    if is_admin(user):
        return runs
    mine = Q(campaign__in=Campaign.objects.manageable_by(user).values("pk"))
    return runs.filter(mine | Q(campaign=None) if is_researcher(user) else mine)


def may_score(user: Any) -> bool:
    return is_researcher(user) or Campaign.objects.manageable_by(user).exists()


@require_GET
@campaign_reader_required
def scoring_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(runs_for(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "metrics/scoring_list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@only(may_score)
def scoring_start(request: HttpRequest) -> HttpResponse:
    initial = {"metrics": DEFAULT_METRICS, **request.GET.dict()}
    data = request.POST if request.method == "POST" else None
    form = ScoringForm(data, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        campaign = form.cleaned_data["campaign"]
        run = create_run(
            dataset=campaign.dataset if campaign else form.cleaned_data["dataset"],
            campaign=campaign,
            metrics=form.cleaned_data["metrics"],
            knowingly=form.cleaned_data["knowingly"],
            created_by=request.user,
        )
        enqueue(run)
        return redirect("metrics:scoring_detail", pk=run.pk)
    status = 422 if form.errors else 200
    return render(request, "metrics/scoring_start.html", {"form": form}, status=status)


@require_GET
def scoring_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(runs_for(request.user), pk=pk)
    context = {
        "run": run,
        "may_change": changeable_runs(request.user).filter(pk=run.pk).exists(),
        "labels": [METRICS.get(name).label for name in run.metrics if name in METRICS],
        "notes": run.environment.get("notes", []),
        "scores": _scores(run),
        "label_reports": run.environment.get("labels", []),
        **_doctor(run),
    }
    return render(request, "metrics/scoring_detail.html", context)


def _doctor(run: ScoringRun) -> dict[str, Any]:
    found = run_findings(run)
    unfit = {one["metric"]: one["label"] for one in serious(found) if not one["used_knowingly"]}
    failed = [one for one in found if one["state"] == FAILED]
    others = [one for one in found if one["state"] != FAILED]
    findings = {"failed": failed, "others": others} if found else {}
    return {"findings": findings, "unfit": list(unfit.items())}


def _scores(run: ScoringRun) -> dict[str, Any]:
    """The run's scores; of a system without one, the newest under another signature."""
    signatures = run.environment.get("signatures", {})
    stored = MetricScore.objects.filter(dataset=run.dataset, metric__in=signatures).select_related(
        "system"
    )
    if run.campaign:
        stored = stored.filter(system__campaigns=run.campaign)
    newest: dict[tuple[str, str], MetricScore] = {}
    for row in stored.order_by("metric", "system__name", "computed_at"):
        key = (row.metric, row.system.name)
        known = newest.get(key)
        if known is None or known.signature != signatures[row.metric]["corpus"]:
            newest[key] = row
    rows = list(newest.values())
    return {
        "warnings": column_warnings(rows),
        "columns": [
            _("Metric"),
            _("System"),
            _("Corpus"),
            _("Mean of segments"),
            _("n"),
            _("Signature"),
        ],
        "rows": [
            [
                METRICS.get(row.metric).label,
                row.system.name,
                points(row.corpus),
                points(row.segment_mean),
                row.n,
                row.signature,
            ]
            for row in rows
        ],
        "numeric_from": 2,
    }


scoring_progress = require_GET(progress_view(ScoringRun, lambda request: runs_for(request.user)))


@require_POST
def scoring_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(changeable_runs(request.user), pk=pk)
    request_cancel(run)
    messages.info(request, _("The run stops as soon as it can; what it computed is kept."))
    return redirect("metrics:scoring_detail", pk=run.pk)


@require_POST
def scoring_resume(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(changeable_runs(request.user), pk=pk)
    chosen = [name for name in request.POST.getlist("knowingly") if name in run.metrics]
    if chosen:
        known = [*run.environment.get("knowingly", []), *chosen]
        run.environment = {**run.environment, "knowingly": list(dict.fromkeys(known))}
        run.save(update_fields=["environment"])
    resume(run)
    return redirect("metrics:scoring_detail", pk=run.pk)
