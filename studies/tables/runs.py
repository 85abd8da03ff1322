"""The training runs, planned ones that failed or were dropped among them, and what each cost."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from models_app.models import TrainingRun
from models_app.training.card import full_card
from studies.configuration import planned_runs
from studies.tables import TABLES
from studies.tables.base import Column, Table


@TABLES.register("runs")
class Runs(Table):
    """Option: `training`, names of entries; all unless told."""

    title = _("Training runs")
    columns = (
        Column("run", "Run", "text"),
        Column("method", "Method", "text"),
        Column("n_examples", "Examples"),
        Column("trainable", "Trained parameters"),
        Column("best_step", "Step chosen"),
        Column("loss", "Validation loss", "number", "nats per token"),
        Column("seconds", "Time", "number", "s"),
        Column("memory", "Peak memory", "number", "MiB"),
        Column("energy", "Energy", "number", "Wh"),
        Column("state", "State", "text"),
    )
    recipe = "from the run cards; one run each, so no interval: repeat over seeds for a spread"

    def rows(self) -> list[dict[str, Any]]:
        entries = self.work.configuration.get("training", ())
        wanted = self.options.get("training", [entry["name"] for entry in entries])
        rows = []
        for entry in entries:
            if entry["name"] in wanted:
                rows += [self._row(plan.name) for plan in planned_runs(entry, self.work.seed)]
        return rows

    def _row(self, name: str) -> dict[str, Any]:
        run = TrainingRun.objects.filter(name=self.work.name(name)).first()
        if run is None:
            return {
                "run": name,
                "state": "not planned yet",
                "reason": "the study has not got there",
            }
        loss = run.points.filter(name="eval_loss", step=run.best_step or 0).first()
        card = full_card(run)
        return {
            "run": name,
            "method": str(run.get_method_display()),
            "n_examples": card.get("data", {}).get("n_examples"),
            "trainable": card.get("parameters", {}).get("trainable"),
            "best_step": run.best_step,
            "loss": loss.value if loss else None,
            "seconds": card.get("seconds"),
            "memory": _mib(card.get("peak_memory", {})),
            "energy": _wh(card.get("energy")),
            "state": "dropped" if run.dropped_reason else str(run.get_state_display()),
            "reason": run.dropped_reason or run.error or None,
        }


def _mib(peak: dict[str, int]) -> float | None:
    """The most memory that the process or a device had at once."""
    return max(peak.values()) / 2**20 if peak else None


def _wh(energy: dict[str, Any] | None) -> float | None:
    return 1000 * energy["kwh"] if energy and energy.get("kwh") is not None else None
