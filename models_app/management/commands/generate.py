"""manage.py generate --dataset NAME --system NAME [--system NAME ...] [--wait]"""

from itertools import groupby
from typing import Any

from django.utils import timezone

from common.errors import BadInput, NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.generation import generate_together, start_generation
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand, counting, dataset_named
from models_app.models import GenerationRun, Job, Output, System


class Command(NikashCommand):
    help = "Generate outputs with models; what exists already is kept."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dataset", required=True)
        parser.add_argument("--system", action="append", required=True, help="may be repeated")
        parser.add_argument("--wait", action="store_true", help="generate here and now")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = dataset_named(options["dataset"])
        systems = [_system(name) for name in dict.fromkeys(options["system"])]
        wait = options["wait"]
        runs = start_generation(systems, dataset, queue=not wait)
        if not runs:
            self.say(f"Every output on {dataset} is there already; nothing to do.")
        elif wait:
            self._do(runs)
        else:
            self.say(f"{len(runs)} runs wait for a worker; follow them on the page Runs.")

    def _do(self, runs: list[GenerationRun]) -> None:
        def kind(run: GenerationRun) -> tuple[str, int]:
            return run.system.backend, run.system.checkpoint_id or 0

        started = timezone.now()
        for _, group in groupby(sorted(runs, key=kind), key=kind):
            alike = list(group)
            if len(alike) > 1:
                with counting("outputs") as counter:
                    generate_together(alike, counter)
            else:
                run_inline(alike[0])
        for run in GenerationRun.objects.filter(pk__in=[run.pk for run in runs]):
            if run.state != Job.State.DONE:
                reason = run.error or run.get_state_display()
                raise NikashError(f"{run.system} did not finish: {reason}")
            n = Output.objects.filter(run=run).count()
            self.say(f"{run.system}: {n} outputs of this run")
        self.say(f"Finished in {(timezone.now() - started).total_seconds():.0f} s.")


def _system(name: str) -> System:
    found = System.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(System.objects.filter(kind="model").values_list("name", flat=True)[:20])
        raise BadInput(f"there is no system called {name!r}; models here: {known or 'none yet'}")
    return found
