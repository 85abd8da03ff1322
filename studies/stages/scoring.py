"""Automatic metrics on every dataset that asks for them."""

from metrics.models import ScoringRun
from metrics.scoring import create_run
from models_app.models import Checkpoint, Dataset, Job
from studies.work import Work


def score(work: Work) -> None:
    for entry in work.configuration.get("scoring", ()):
        dataset = Dataset.objects.get(name=work.name(entry["dataset"]))
        options = {
            metric: _with_checkpoint(work, given)
            for metric, given in entry.get("options", {}).items()
        }
        asked = {"dataset": dataset, "metrics": entry["metrics"], "options": options}
        run = ScoringRun.objects.filter(**asked, campaign=None, state=Job.State.DONE).first()
        if run is not None:
            continue
        work.say(f"scoring {entry['dataset']}: {', '.join(entry['metrics'])}")
        work.do(create_run(**asked, knowingly=entry.get("knowingly", ())))


def _with_checkpoint(work: Work, given: dict[str, object]) -> dict[str, object]:
    """A metric's options, a checkpoint of the study by its place rather than its key."""
    key = given.get("checkpoint")
    if key not in work.configuration.get("checkpoints", {}):
        return given
    return {**given, "checkpoint": Checkpoint.objects.get(name=work.name(str(key))).location}
