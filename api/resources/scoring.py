"""Scoring runs, and the systems' values that came out."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Number, Text
from api.bodies import FormBody
from api.endpoints import Routes
from api.jobs import KINDS
from api.people import Who
from api.rows import AnyObject, job_serializer
from metrics.models import MetricScore, ScoringRun
from metrics.scoring import create_run
from metrics.views.scoring import ScoringForm
from models_app.jobs import enqueue

routes = Routes("Metrics")
ScoringSerializer = job_serializer(
    ScoringRun, "dataset", "campaign", metrics=AnyObject(help_text="Their names.")
)


class MetricScoreSerializer(serializers.ModelSerializer):
    system = serializers.CharField(source="system.name", help_text="Whose outputs.")

    class Meta:
        model = MetricScore
        fields = (
            "id", "dataset", "system", "metric", "signature", "corpus", "segment_mean", "n",
            "computed_at",
        )  # fmt: skip


def _scoring_form(request: Any, data: Any, files: Any) -> ScoringForm:
    from django.contrib.auth.models import AnonymousUser

    form = ScoringForm(data, user=request.user if request else AnonymousUser())
    return form


@routes.get("scoring-runs/", Who.PERSON, gives=ScoringSerializer, pages=True, parameters=(
    Number("dataset", "Only on this dataset.", "dataset"),
    Number("campaign", "Only of this campaign.", "campaign"),
))  # fmt: skip
def list_scoring_runs(request: Request) -> Any:
    """Metrics being computed; stop and resume them under jobs/scoring/."""
    return KINDS["scoring"].read(request.user).select_related("created_by")


@routes.post("scoring-runs/", Who.RESEARCHER, gives=ScoringSerializer, status=201,
             takes=FormBody(_scoring_form, "ScoringAsked"))  # fmt: skip
def make_scoring_run(request: Request, form: Any) -> Any:
    """Compute metrics on a campaign's or a whole dataset's outputs."""
    asked = form.cleaned_data
    campaign = asked["campaign"]
    run = create_run(
        dataset=campaign.dataset if campaign else asked["dataset"], campaign=campaign,
        metrics=asked["metrics"], knowingly=asked["knowingly"], created_by=request.user,
    )  # fmt: skip
    enqueue(run)
    return run


@routes.get("scoring-runs/<id:run>/", Who.PERSON, gives=ScoringSerializer)
def read_scoring_run(request: Request, run: int) -> Any:
    """One scoring run."""
    return get_object_or_404(KINDS["scoring"].read(request.user), pk=run)


@routes.get("metric-scores/", Who.SITE_READER, gives=MetricScoreSerializer, pages=True, parameters=(
    Number("dataset", "Only on this dataset.", "dataset"),
    Text("metric", "Only of this metric.", "metric"),
    Text("system", "Only of the system of this name.", "system__name"),
))  # fmt: skip
def list_metric_scores(request: Request) -> Any:
    """Systems' values on datasets, with signatures."""
    return MetricScore.objects.select_related("system")
