"""manage.py benchmark run | list | show | export"""

from itertools import product
from typing import Any

from common.errors import BadInput, NikashError
from common.tables import write_csv
from models_app import tasks as _jobs  # noqa: F401 - makes the jobs known
from models_app.benchmarks.catalogue import tasks
from models_app.benchmarks.running import DEFAULTS, start_benchmarks
from models_app.benchmarks.tables import COLUMNS, item_rows
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.management.found import system_named
from models_app.models import BenchmarkRun, Job, System


class Command(NikashCommand):
    help = "Run benchmark tasks by the lm-evaluation-harness, and read what came out."

    def add_arguments(self, parser: Any) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="run tasks with systems")
        run.add_argument("--system", action="append", required=True, help="may be repeated")
        run.add_argument("--task", action="append", required=True, help="may be repeated")
        run.add_argument(
            "--source",
            choices=BenchmarkRun.Source.values,
            default=BenchmarkRun.Source.SAMPLE,
            help="our look-alike, the hub, or a file",
        )
        run.add_argument("--file", default="", help="items in JSON Lines, for --source file")
        run.add_argument("--shots", type=int, default=DEFAULTS["shots"])
        run.add_argument("--limit", type=int, default=DEFAULTS["limit"], help="0: all items")
        run.add_argument("--seed", type=int, default=DEFAULTS["seed"])
        run.add_argument("--batch-size", type=int, default=DEFAULTS["batch_size"])
        run.add_argument("--chat", action="store_true", help="use the model's chat template")
        run.add_argument("--wait", action="store_true", help="run here and now")
        verbs.add_parser("list", help="the tasks there are, and the runs")
        for verb, what in (("show", "a run's numbers"), ("export", "a run's items as CSV")):
            verbs.add_parser(verb, help=what).add_argument("run", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _run(self, options: dict[str, Any]) -> None:
        systems = [system_named(name) for name in dict.fromkeys(options["system"])]
        if options["wait"]:
            self._here(systems, options)
            return
        started = self._started(systems, options["task"], options, queue=True)
        self.say(f"{len(started)} runs wait for a worker")

    def _here(self, systems: list[System], options: dict[str, Any]) -> None:
        """One run after the other: one that waits long would be taken by a worker."""
        for task, system in product(dict.fromkeys(options["task"]), systems):
            for run in self._started([system], [task], options, queue=False):
                done = run_inline(run)
                if done.state != Job.State.DONE:
                    reason = done.error or done.get_state_display()
                    raise NikashError(f"{done} did not finish: {reason}")
                self.say(f"{done}: {done.items.count()} items, run {done.pk}")

    def _started(
        self, systems: list[System], names: list[str], options: dict[str, Any], *, queue: bool
    ) -> list[BenchmarkRun]:
        started = start_benchmarks(
            systems,
            names,
            source=options["source"],
            file=options["file"],
            settings={name: options[name] for name in DEFAULTS},
            queue=queue,
        )
        for run in started.done:
            self.say(f"{run} was done before under the same settings: run {run.pk}")
        return started.runs

    def _list(self, options: dict[str, Any]) -> None:
        rows = [[t.name, t.kind, t.language, t.licence, t.label] for t in tasks().values()]
        write_csv(self.stdout, ["task", "kind", "language", "licence", "label"], rows)
        runs = BenchmarkRun.objects.select_related("system")
        self.say(f"{len(runs)} runs")
        for run in runs:
            self.say(f"{run.pk}: {run} ({run.source}), {run.state}")

    def _show(self, options: dict[str, Any]) -> None:
        run = _run_numbered(options["run"])
        self.say(f"{run}: {run.state}. {run.error}".strip())
        write_csv(self.stdout, ["metric", "value"], sorted(run.results.items()))

    def _export(self, options: dict[str, Any]) -> None:
        run = _run_numbered(options["run"])
        write_csv(self.stdout, COLUMNS, item_rows(run))


def _run_numbered(pk: int) -> BenchmarkRun:
    if found := BenchmarkRun.objects.select_related("system").filter(pk=pk).first():
        return found
    raise BadInput(f"there is no benchmark run {pk}; `benchmark list` names them")
