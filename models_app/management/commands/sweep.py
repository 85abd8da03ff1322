"""manage.py sweep NAME --config FILE | --show | --resume | --cancel | --drop TRIAL --reason TEXT"""

import json
from pathlib import Path
from typing import Any

from common.errors import BadInput, NikashError
from common.problems import shown
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.jobs import enqueue, run_inline
from models_app.management.cli import NikashCommand
from models_app.models import Job, Sweep
from models_app.sweeps.job import cancel_sweep, resume_sweep
from models_app.sweeps.outcomes import trials
from models_app.sweeps.plan import drop_trials, plan_sweep
from models_app.sweeps.space import shown_condition


class Command(NikashCommand):
    help = "Plan and run training runs that differ in named factors."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--config", metavar="FILE", help="plan it as this JSON file says")
        what.add_argument("--show", action="store_true", help="every trial and what became of it")
        what.add_argument("--resume", action="store_true", help="go on with what is not done")
        what.add_argument("--cancel", action="store_true", help="stop at the trial's next step")
        what.add_argument("--drop", type=int, metavar="TRIAL", help="give a trial up")
        parser.add_argument("--reason", default="", help="why the trial is dropped")
        parser.add_argument("--failed", action="store_true", help="with --resume: failed ones too")
        parser.add_argument("--max-trials", type=int, help="with --resume: another budget")
        parser.add_argument("--max-seconds", type=int, help="with --resume: another budget")
        parser.add_argument("--wait", action="store_true", help="train here and now")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["config"]:
            return self._plan(options)
        sweep = Sweep.objects.filter(name=options["name"]).first()
        if sweep is None:
            known = ", ".join(Sweep.objects.values_list("name", flat=True)[:20]) or "none yet"
            raise BadInput(f"there is no sweep called {shown(options['name'])}; known: {known}")
        if options["resume"]:
            self._resume(sweep, options)
        elif options["cancel"]:
            cancel_sweep(sweep)
        elif options["drop"] is not None:
            self._drop(sweep, options["drop"], options["reason"])
        else:
            self._show(sweep)

    def _plan(self, options: dict[str, Any]) -> None:
        sweep = plan_sweep(options["name"], _read(options["config"]), queue=False)
        self.say(f"{sweep.name}: {sweep.runs.count() or sweep.max_trials} trials planned")
        self._go(sweep, wait=options["wait"])

    def _go(self, sweep: Sweep, *, wait: bool) -> None:
        if not wait:
            enqueue(sweep)
            return self.say("It waits for a worker; follow it on the page Sweeps.")
        sweep = run_inline(sweep)
        if sweep.state != Job.State.DONE:
            raise NikashError(sweep.error or f"the sweep is {sweep.get_state_display()}")
        self.say(sweep.message)

    def _resume(self, sweep: Sweep, options: dict[str, Any]) -> None:
        for field in ("max_trials", "max_seconds"):
            if options[field] is not None:
                if options[field] < 1:
                    raise BadInput(f"--{field.replace('_', '-')} must be above 0")
                setattr(sweep, field, options[field])
        sweep.save(update_fields=["max_trials", "max_seconds"])
        if not resume_sweep(sweep, failed=options["failed"]):
            raise BadInput("there is nothing to resume: it is at work, or all its trials are done")
        if options["wait"]:
            self._go(sweep, wait=True)

    def _drop(self, sweep: Sweep, trial: int, reason: str) -> None:
        if not drop_trials(sweep.runs.filter(trial=trial), reason):
            raise BadInput(
                f"trial {trial} cannot be dropped: only one that waits, failed or was cancelled"
            )

    def _show(self, sweep: Sweep) -> None:
        self.stdout.write(f"{sweep.name}: {sweep.get_state_display()} {sweep.message}".rstrip())
        for trial in trials(sweep):
            value = "–" if trial.value is None else f"{trial.value:.4g}"
            line = f"{trial.number}\t{shown_condition(trial.condition)}\t{trial.state}\t{value}"
            self.stdout.write(f"{line}\t{trial.reason}".rstrip())


def _read(name: str) -> Any:
    try:
        return json.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=name) from problem
    except ValueError as problem:
        raise BadInput(f"is not JSON ({problem})", file=name) from problem
