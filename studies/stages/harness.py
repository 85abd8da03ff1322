"""The evaluation harness's tasks, on every system that is asked for."""

from models_app.benchmarks.running import start_benchmarks
from models_app.models import System
from studies.work import Work


def run_benchmarks(work: Work) -> None:
    entry = work.configuration.get("benchmarks")
    if not entry:
        return
    systems = list(System.objects.filter(name__in=work.systems(entry["systems"])))
    settings = {key: entry[key] for key in ("shots", "limit") if key in entry}
    started = start_benchmarks(
        systems,
        entry["tasks"],
        source=entry.get("source", "sample"),
        settings={**settings, "seed": work.seed},
        user=work.study.created_by,
        queue=False,
    )
    for number, run in enumerate(started.runs, start=1):
        work.say(f"benchmark {run.task}, {run.system.name} ({number} of {len(started.runs)})")
        work.do(run)
