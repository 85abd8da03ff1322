"""Every kind of long work: who sees it, who may stop it, how it goes on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.access import is_admin, is_researcher, reads_site
from annotation.models import Campaign
from api.people import Who, check_who
from metrics import tasks as _measuring  # noqa: F401 - makes the jobs known
from metrics.models import JudgeRun, Package, ReportRun, ScoringRun
from metrics.views.scoring import runs_for
from models_app import jobs
from models_app import tasks as _making  # noqa: F401 - makes the jobs known
from models_app.models import (
    BenchmarkRun,
    CorpusReport,
    CorpusTranslation,
    GenerationRun,
    Job,
    Sweep,
    TrainingRun,
    Upload,
)
from models_app.sweeps.job import cancel_sweep, resume_sweep
from models_app.upload_jobs import cancel_upload, latest, resume_upload, uploads_of
from studies.access import visible_to
from studies.models import Study

Rows = Callable[[Any], QuerySet]


class Kind(NamedTuple):
    """`read` and `change` give the rows that a person may read, or stop and resume.

    `look` is given a row and says how far it is now, where the row itself does not.
    """

    model: type[Job]
    read: Rows
    change: Rows
    cancel: Callable[[Any], Any] = jobs.request_cancel
    resume: Callable[[Any], Any] = jobs.resume
    look: Callable[[Any], Any] = lambda job: job


def _site(model: type[Job]) -> tuple[Rows, Rows]:
    """Read by those who read the site, changed by admins."""

    def read(user: Any) -> QuerySet:
        return model.objects.all() if reads_site(user) else model.objects.none()

    def change(user: Any) -> QuerySet:
        return model.objects.all() if is_admin(user) else model.objects.none()

    return read, change


def _of_campaigns(model: type[Job]) -> tuple[Rows, Rows]:
    """Read and changed as their campaigns are."""

    def read(user: Any) -> QuerySet:
        return model.objects.filter(campaign__in=Campaign.objects.visible_to(user))

    def change(user: Any) -> QuerySet:
        return model.objects.filter(campaign__in=Campaign.objects.manageable_by(user))

    return read, change


def _scoring_to_read(user: Any) -> QuerySet:
    return runs_for(user) if is_researcher(user) else ScoringRun.objects.none()


def _scoring_to_change(user: Any) -> QuerySet:
    if not is_researcher(user):
        return ScoringRun.objects.none()
    held = Campaign.objects.manageable_by(user).values("pk")
    return ScoringRun.objects.filter(campaign=None) | ScoringRun.objects.filter(campaign__in=held)


def _studies_to_change(user: Any) -> QuerySet:
    return Study.objects.all() if is_admin(user) else Study.objects.none()


def _studies_to_read(user: Any) -> QuerySet:
    return visible_to(user) if is_researcher(user) else Study.objects.none()


def _study_again(study: Study) -> bool:
    from studies.running import start_study

    if not study.is_finished:
        return False
    start_study(study.name, study.configuration, study.folder, user=study.created_by)
    return True


KINDS: dict[str, Kind] = {
    "generation": Kind(GenerationRun, *_site(GenerationRun)),
    "training": Kind(TrainingRun, *_site(TrainingRun)),
    "sweep": Kind(Sweep, *_site(Sweep), cancel_sweep, resume_sweep),
    "benchmark": Kind(BenchmarkRun, *_site(BenchmarkRun)),
    "corpus-report": Kind(CorpusReport, *_site(CorpusReport)),
    "corpus-translation": Kind(CorpusTranslation, *_site(CorpusTranslation)),
    "scoring": Kind(ScoringRun, _scoring_to_read, _scoring_to_change),
    "judge": Kind(
        JudgeRun, _of_campaigns(JudgeRun)[0],
        lambda user: JudgeRun.objects.all() if is_admin(user) else JudgeRun.objects.none(),
    ),
    "report": Kind(ReportRun, *_of_campaigns(ReportRun)),
    "package": Kind(Package, *_of_campaigns(Package)),
    "study": Kind(Study, _studies_to_read, _studies_to_change, jobs.request_cancel, _study_again),
    "upload": Kind(Upload, uploads_of, uploads_of, cancel_upload, resume_upload, latest),
}  # fmt: skip
HEAVY = (
    "payload", "results", "configuration", "card", "settings", "environment", "loaded", "problems",
)  # fmt: skip


def rows_of(request: Request, kind: str, *, to_change: bool = False) -> QuerySet:
    """The jobs of a kind that this person may read, or change; a kind unknown is not found."""
    check_who(request, Who.PERSON)
    found = KINDS.get(kind)
    if found is None:
        raise NotFound
    rows = (found.change if to_change else found.read)(request.user)
    names = {field.name for field in found.model._meta.get_fields()}
    return rows.select_related("created_by").defer(*(names & set(HEAVY)))


class AnyJobSerializer(serializers.Serializer):
    """A job of whatever kind."""

    id = serializers.IntegerField(source="pk", help_text="Its id among those of its kind.")
    kind = serializers.SerializerMethodField(help_text="As in its address.")
    name = serializers.CharField(source="__str__", help_text="What it does.")
    state = serializers.ChoiceField(
        choices=Job.State.values, help_text="queued, running, then done, failed or cancelled."
    )
    finished = serializers.BooleanField(source="is_finished", help_text="Whether it is over.")
    n_done = serializers.IntegerField(help_text="Steps done, of n_total.")
    n_total = serializers.IntegerField(help_text="Steps in all; 0 until it is known.")
    message = serializers.CharField(allow_blank=True, help_text="What it is doing.")
    error = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    cancel_requested = serializers.BooleanField(help_text="Whether it was asked to stop.")
    queued_at = serializers.DateTimeField(help_text="Since when it waits.")
    started_at = serializers.DateTimeField(allow_null=True, help_text="When a worker took it.")
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it ended.")

    def get_kind(self, job: Job) -> str:
        return next(name for name, kind in KINDS.items() if isinstance(job, kind.model))
