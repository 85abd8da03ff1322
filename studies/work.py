"""A study while it runs: where its files are, what its parts are called, how far it is."""

from pathlib import Path
from typing import Any

from django.conf import settings

from common.errors import BadInput, NikashError
from metrics import tasks as metrics_tasks  # noqa: F401 - makes the jobs known
from models_app import tasks as models_tasks  # noqa: F401 - makes the jobs known
from models_app.jobs import Progress, run_inline
from models_app.models import Job
from studies.configuration import systems_of
from studies.models import Study


class Work:
    """What every stage is given. Stages do what is missing, so that a study can go on anywhere."""

    def __init__(self, study: Study, progress: Progress) -> None:
        self.study, self.progress = study, progress
        self.configuration: dict[str, Any] = study.configuration
        self.seed: int = self.configuration.get("seed", 1)

    def name(self, part: str) -> str:
        """What a part of the study is called in the database; at most 100 characters."""
        full = self.study.full_name(part)
        if len(full) > 100:
            raise BadInput(f"{full!r} has {len(full)} characters; 100 is the most: shorten a name")
        return full

    def file(self, given: str) -> Path:
        """A file of the study: beside its configuration, among the fixtures, or where it says."""
        path = Path(given).expanduser()
        if given.startswith("fixtures/"):
            path = settings.BASE_DIR / path
        path = path if path.is_absolute() else Path(self.study.folder) / path
        if not path.is_file():
            raise BadInput(f"there is no file {path}; correct the study's configuration")
        return path

    def systems(self, names: list[str]) -> list[str]:
        """Full names of systems, a grid's replaced by those of its cells."""
        return [self.name(name) for name in systems_of(self.configuration, names)]

    def say(self, text: str) -> None:
        """Show what is being done; raises Cancelled where somebody asked to stop."""
        self.progress.say(text)

    def do(self, job: Job, *, may_fail: bool = False) -> Job:
        """Do a job here and now; NikashError where it fails, unless it may."""
        if job.state != Job.State.DONE:
            type(job).objects.filter(
                pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED]
            ).update(state=Job.State.QUEUED, cancel_requested=False, tries=0)
            job = run_inline(job)
        if job.state != Job.State.DONE and not may_fail:
            raise NikashError(f"{job}: {job.error or job.get_state_display()}")
        self.progress.stop_if_cancelled()
        return job
