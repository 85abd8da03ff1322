"""Every system's outputs on the datasets that are judged, scored or asked for."""

from collections.abc import Iterator

from models_app.generation import generate_together, start_generation
from models_app.jobs import Cancelled
from models_app.models import Checkpoint, Dataset, GenerationRun, Job, System
from studies.work import Work


def generate(work: Work) -> None:
    for dataset_key, names in _wanted(work):
        dataset = Dataset.objects.get(name=work.name(dataset_key))
        systems = System.objects.filter(
            name__in=work.systems(names), kind=System.Kind.MODEL
        ).select_related("checkpoint", "adapter", "template")
        for together in _by_base(list(systems)):
            _run(work, together, dataset)


def _run(work: Work, systems: list[System], dataset: Dataset) -> None:
    runs = start_generation(systems, dataset, queue=False)
    if not runs:
        return
    what = f"generating: {dataset.name.split(': ', 1)[-1]}"
    work.say(f"{what}, {len(runs)} systems")
    base = systems[0].checkpoint
    if len(runs) > 1 and base and base.architecture == Checkpoint.Architecture.CAUSAL:

        def report(done: int, total: int) -> None:
            work.say(f"{what}, {done} of {total}")

        try:
            generate_together(runs, report)
        except Cancelled:
            GenerationRun.objects.filter(pk__in=[run.pk for run in runs]).update(
                state=Job.State.CANCELLED
            )
            raise
        return
    for run in runs:
        work.do(run)


def _by_base(systems: list[System]) -> Iterator[list[System]]:
    """Systems on one checkpoint together, so that its weights are loaded once."""
    for base in dict.fromkeys(system.checkpoint_id for system in systems):
        yield [system for system in systems if system.checkpoint_id == base]


def _wanted(work: Work) -> Iterator[tuple[str, list[str]]]:
    """(dataset, systems), each dataset once."""
    wanted: dict[str, list[str]] = {}
    for part in ("generate", "campaigns"):
        for entry in work.configuration.get(part, ()):
            names = wanted.setdefault(entry["dataset"], [])
            names += [name for name in entry["systems"] if name not in names]
    return iter(wanted.items())
