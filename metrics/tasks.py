"""Celery's doors to the measuring room, and the same work done in a command's own process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from metrics import reporting, scoring
from metrics.judge.asking import judge_pairs
from metrics.models import JudgeRun, Package, ReportRun, ScoringRun
from metrics.packages.making import make_package
from models_app import jobs
from models_app.energy.tracker import energy_of
from models_app.jobs import Progress

Watch = Callable[[int, int], None]
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Within, a job done in this process also tells `watch` how far it is."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def _reporter(progress: Progress) -> scoring.Report:
    said = ""

    def report(done: int, total: int, message: str) -> None:
        nonlocal said
        progress.total(total, done)
        if message != said:
            progress.say(said := message)
        if watch := _watch.get():
            watch(done, total)

    return report


def score_outputs(run: ScoringRun, progress: Progress) -> None:
    progress.say(scoring.score_run(run, _reporter(progress)))


def make_report(run: ReportRun, progress: Progress) -> None:
    reporting.compute_report(run, _reporter(progress))


evaluating = energy_of("evaluation", lambda run: {"subject": f"scores: {run}"})
scoring_task = jobs.job_task(ScoringRun)(evaluating(score_outputs))
report_task = jobs.job_task(ReportRun)(make_report)
package_task = jobs.job_task(Package)(make_package)
judge_task = jobs.job_task(JudgeRun)(judge_pairs)
