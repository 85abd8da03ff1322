"""A sweep's tables: every trial, conditions over seeds, best of n, effects. Cells are texts."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from models_app.models import Sweep
from models_app.sweeps.best import expected_best, spread
from models_app.sweeps.effects import Effects, effects
from models_app.sweeps.outcomes import Trial
from models_app.sweeps.space import shown_condition

Table = dict[str, Any]


def words() -> dict[str, str]:
    return {
        "waiting": _("waiting"), "running": _("running"), "done": _("done"),
        "failed": _("failed"), "cancelled": _("cancelled"), "dropped": _("dropped"),
        "pruned": _("pruned"),
    }  # fmt: skip


def number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return _("not defined")
    return f"{value:.4g}"


def done(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.value is not None]


def factors(sweep: Sweep) -> list[str]:
    return list(sweep.space)


def trial_rows(sweep: Sweep, trials: Sequence[Trial]) -> list[list[Any]]:
    """As COLUMNS of `trial_columns`; numbers as they are, None where there is none."""
    return [
        [
            *(trial.number, trial.run.name, *map(trial.condition.get, factors(sweep))),
            *(trial.condition.get("seed"), trial.state, trial.value, trial.seconds),
            *(trial.memory, trial.kwh, trial.reason),
        ]
        for trial in trials
    ]


def trial_columns(sweep: Sweep) -> list[str]:
    return [
        "trial", "run", *factors(sweep), "seed", "state", sweep.objective, "seconds",
        "peak_memory_bytes", "kwh", "reason",
    ]  # fmt: skip


def seed_table(sweep: Sweep, trials: Sequence[Trial]) -> Table:
    """Each condition: how many of its planned seeds were finished, mean and SD over them."""
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        own = {name: level for name, level in trial.condition.items() if name != "seed"}
        groups[shown_condition(own)].append(trial)
    rows = []
    for condition, group in groups.items():
        found = spread([trial.value for trial in done(group)])
        rows.append([condition, found.n, len(group), number(found.mean), number(found.sd)])
    return {
        "columns": [_("Condition"), _("Finished"), _("Planned"), _("Mean"), _("SD over seeds")],
        "rows": rows,
        "numeric_from": 1,
    }


def spread_table(trials: Sequence[Trial]) -> Table:
    found = spread([trial.value for trial in done(trials)])
    labels = ["n", _("Mean"), _("SD"), _("Lowest"), _("First quarter"), _("Median")]
    return {
        "columns": [*labels, _("Third quarter"), _("Highest")],
        "rows": [[found.n, *(number(value) for value in found[1:])]],
        "numeric_from": 0,
    }


def best_table(sweep: Sweep, trials: Sequence[Trial]) -> Table | None:
    """None for a search, whose trials are not drawn independently."""
    if sweep.kind == Sweep.Kind.SEARCH:
        return None
    rows = expected_best(
        [trial.value for trial in done(trials)], greater_is_better=sweep.greater_is_better
    )
    return {
        "columns": [
            _("Trials"), _("Expected best"), _("SD"), _("Expected best, each trial once"),
        ],
        "rows": [[row.n, *(number(value) for value in row[1:])] for row in rows],
        "numeric_from": 0,
    }  # fmt: skip


def effects_of(sweep: Sweep, trials: Sequence[Trial]) -> Effects:
    """Of the factors that are levels; a range searched has none."""
    finished = done(trials)
    levels = {
        name: [trial.condition[name] for trial in finished]
        for name, given in sweep.space.items()
        if isinstance(given, list)
    }
    return effects(levels, [trial.value for trial in finished])


def term_table(found: Effects) -> Table:
    return {
        "columns": [
            _("Factor or pair"), _("df"), _("Sum of squares"), _("Share, %"), "F", "p",
            _("Not defined because"),
        ],
        "rows": [
            [
                *(" × ".join(term.factors), term.df, number(term.ss), number(100 * term.share)),
                *(number(term.f), number(term.p), term.reason),
            ]
            for term in found.terms
        ],
        "numeric_from": 1,
    }  # fmt: skip


def level_table(found: Effects) -> Table:
    return {
        "columns": [_("Factor"), _("Level"), "n", _("Mean"), _("SD"), _("Adjusted mean")],
        "rows": [
            [
                *(row.factor, str(row.level), row.n),
                *(number(row.mean), number(row.sd), number(row.adjusted)),
            ]
            for row in found.levels
        ],
        "numeric_from": 2,
    }
