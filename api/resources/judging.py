"""Language models as judges."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Campaign
from api.asking import Number
from api.bodies import FormBody
from api.endpoints import Routes
from api.jobs import KINDS
from api.people import Who
from api.rows import audited, job_serializer, name_of
from metrics.judge.asking import start_judging
from metrics.judge.forms import JudgeForm
from metrics.models import JudgeRun

routes = Routes("Metrics")
JudgeSerializer = job_serializer(
    JudgeRun, "judge", "campaign", "system_a", "system_b",
    judge_name=name_of("judge.name", "Who judges."),
)  # fmt: skip


class VerdictSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The verdict's id.")
    segment = serializers.IntegerField(source="segment_id", help_text="The segment's id.")
    swapped = serializers.BooleanField(help_text="Whether B's text was shown first.")
    verdict = serializers.ChoiceField(choices=["a", "b", "tie", "none"], help_text="The better.")
    answer = serializers.CharField(allow_blank=True, help_text="What the judge wrote.")


def _judge_form(request: Any, data: Any, files: Any) -> JudgeForm:
    seen = Campaign.objects.visible_to(request.user) if request else Campaign.objects.none()
    return JudgeForm(data, campaigns=seen)


def _judges(request: Request) -> Any:
    return KINDS["judge"].read(request.user).select_related("judge", "created_by")


@routes.get("judge-runs/", Who.PERSON, gives=JudgeSerializer, pages=True,
            parameters=(Number("campaign", "Only of this campaign.", "campaign"),))  # fmt: skip
def list_judge_runs(request: Request) -> Any:
    """Language models as judges; stop and resume them under jobs/judge/."""
    return _judges(request)


@routes.post("judge-runs/", Who.ADMIN, gives=JudgeSerializer, status=201,
             takes=FormBody(_judge_form, "JudgeAsked"))  # fmt: skip
def make_judge_run(request: Request, form: Any) -> Any:
    """Ask a registered system which of two systems' outputs is better."""
    run = start_judging(**form.cleaned_data, user=request.user)
    audited(request, "judge.start", run, campaign_id=run.campaign_id)
    return run


@routes.get("judge-runs/<id:run>/verdicts/", Who.PERSON, gives=VerdictSerializer, pages=True)
def list_verdicts(request: Request, run: int) -> Any:
    """A judge's answers, each pair in both orders."""
    return get_object_or_404(_judges(request), pk=run).verdicts.all()
