"""Run a study: every stage, then its tables. What is done already is found and not done again."""

from pathlib import Path
from typing import Any

from django.db import transaction

from common.errors import BadInput
from models_app.jobs import Progress, enqueue
from models_app.loading.common import check_fields
from models_app.models import Job
from studies.configuration import check_configuration
from studies.models import Study
from studies.stages import STAGES
from studies.tables import make_tables
from studies.work import Work


@transaction.atomic
def start_study(
    name: str,
    configuration: dict[str, Any],
    folder: Path | str,
    *,
    user: Any = None,
    queue: bool = True,
) -> Study:
    """The study of this name, new or as it is; a finished one is done again where it is asked for.

    Raises BadInput for a configuration that cannot be run, and for a name taken by another one.
    """
    configuration = check_configuration(configuration)
    study = Study(name=name, configuration=configuration, folder=str(folder), created_by=user)
    found = Study.objects.select_for_update().filter(name=name).first()
    if found is None:
        check_fields(study, exclude=("environment", "results"))
        study.save()
    elif found.configuration != configuration:
        raise BadInput(
            f"the study {name!r} exists with another configuration; what it made depends on that: "
            "give the new one another name"
        )
    else:
        study = found
        Study.objects.filter(pk=study.pk).exclude(state=Job.State.RUNNING).update(
            state=Job.State.QUEUED, cancel_requested=False, error="", tries=0
        )
        study.refresh_from_db()
    if queue:
        enqueue(study)
    return study


def run_study(study: Study, progress: Progress) -> None:
    """The job. Raises NikashError with the stage at which it could not go on."""
    work = Work(study, progress)
    progress.total(len(STAGES) + 1)
    for stage in STAGES:
        Study.objects.filter(pk=study.pk).update(stage=stage.name)
        stage.do(work)
        progress.advance()
    progress.say("making the tables")
    Study.objects.filter(pk=study.pk).update(stage="tables")
    Study.objects.filter(pk=study.pk).update(results=make_tables(work), stage="")
    progress.advance()
    progress.say("")
