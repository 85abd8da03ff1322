"""Finished benchmark runs, put beside each other where they are comparable."""

from collections.abc import Iterable
from typing import NamedTuple

from metrics.automatic.base import Pair
from models_app.benchmarks.catalogue import Task, tasks
from models_app.models import BenchmarkItem, BenchmarkRun, Job, System

COMPARED = ("shots", "limit", "seed", "chat")  # settings that must be alike
FIELDS = ("run_id", "position", "prompt", "target", "prediction", "response", "references")


class Answers(NamedTuple):
    """One run's items in the order of their places."""

    run: BenchmarkRun
    positions: tuple[int, ...]
    pairs: tuple[Pair, ...]  # hypothesis: the chosen label or the text; label: the right one
    by_length: tuple[str, ...]  # labels chosen by log-likelihood per character; "" for texts


class Comparison(NamedTuple):
    """The same items asked of several systems under the same settings."""

    task: Task
    source: str
    data_hash: str
    settings: tuple[tuple[str, object], ...]
    answers: tuple[Answers, ...]  # one a system, the newest run, by name


def comparisons(systems: Iterable[System] | None = None) -> list[Comparison]:
    """Every task that was run, with each system's newest run; two queries.

    Runs on other data or with other shots are another comparison, never mixed.
    """
    runs = BenchmarkRun.objects.filter(state=Job.State.DONE).select_related(
        "system__checkpoint", "system__adapter"
    )
    if systems is not None:
        runs = runs.filter(system__in=systems)
    groups: dict[tuple[object, ...], dict[int, BenchmarkRun]] = {}
    for run in runs.order_by("-pk"):
        if run.task in tasks():
            groups.setdefault(_key(run), {}).setdefault(run.system_id, run)
    found = _answers([run for group in groups.values() for run in group.values()])
    ordered = sorted(groups.items(), key=lambda group: tuple(map(str, group[0])))
    return [
        Comparison(
            task=tasks()[str(key[0])],
            source=str(key[1]),
            data_hash=str(key[2]),
            settings=tuple(zip(COMPARED, key[3:], strict=True)),
            answers=tuple(
                found[run.pk] for run in sorted(group.values(), key=lambda run: run.system.name)
            ),
        )
        for key, group in ordered
    ]


def _key(run: BenchmarkRun) -> tuple[object, ...]:
    return (run.task, run.source, run.data_hash, *(run.settings.get(name) for name in COMPARED))


def _answers(runs: list[BenchmarkRun]) -> dict[int, Answers]:
    by_run: dict[int, list[BenchmarkItem]] = {run.pk: [] for run in runs}
    items = BenchmarkItem.objects.filter(run__in=by_run).order_by("run", "position")
    for item in items.only(*FIELDS, "metrics"):
        by_run[item.run_id].append(item)
    return {run.pk: _of_run(run, by_run[run.pk]) for run in runs}


def _of_run(run: BenchmarkRun, items: list[BenchmarkItem]) -> Answers:
    task = tasks()[run.task]
    labels = task.gives_labels
    pairs = tuple(
        Pair(
            source=item.prompt,
            hypothesis=item.prediction if labels else item.response,
            references=() if labels else tuple(item.references),
            label=item.target if labels else "",
            source_lang=task.source_language or task.language,
            target_lang=task.language,
        )
        for item in items
    )
    by_length = tuple(str(item.metrics.get("prediction_norm", "")) for item in items)
    return Answers(run, tuple(item.position for item in items), pairs, by_length)


class Frame(NamedTuple):
    """What must be alike for tasks to stand in one table: source of the data and settings."""

    source: str
    settings: tuple[tuple[str, object], ...]

    @property
    def slug(self) -> str:
        return "-".join([self.source, *(str(value) for _, value in self.settings)])


def frames(found: Iterable[Comparison]) -> dict[Frame, list[Comparison]]:
    """Comparisons that may be put into one mean; of a task's data only the newest, once."""
    by_frame: dict[Frame, dict[str, Comparison]] = {}
    for comparison in found:
        tasks_of = by_frame.setdefault(Frame(comparison.source, comparison.settings), {})
        known = tasks_of.get(comparison.task.name)
        if known is None or _newest(comparison) > _newest(known):
            tasks_of[comparison.task.name] = comparison
    return {frame: list(tasks_of.values()) for frame, tasks_of in by_frame.items()}


def _newest(comparison: Comparison) -> int:
    return max(answers.run.pk for answers in comparison.answers)
