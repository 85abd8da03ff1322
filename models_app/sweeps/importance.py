"""How much each factor decides, by Optuna's evaluators. Optuna is imported when used."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from models_app.sweeps.space import distributions

LEAST = 4  # trials; fewer say nothing about importance


def importance(
    conditions: Sequence[Mapping[str, Any]],
    values: Sequence[float],
    space: Mapping[str, Any],
    *,
    greater_is_better: bool,
) -> dict[str, Any]:
    """{"fanova": {factor: share}, "ped_anova": {…}}, each summing to 1, or {"reason": why not}.

    Sources: Hutter, Hoos and Leyton-Brown (2014), fANOVA, ICML; Watanabe, Bansal and Hutter
    (2023), PED-ANOVA, IJCAI. Both as Optuna has them, fANOVA with seed 1.
    """
    if len(values) < LEAST:
        return {"reason": f"fewer than {LEAST} finished trials"}
    if len(set(values)) == 1:
        return {"reason": "all values are equal"}
    varied = [name for name in space if len({str(row[name]) for row in conditions}) > 1]
    if len(varied) < 2:
        return {"reason": "fewer than two factors vary"}
    import optuna
    from optuna.importance import (
        FanovaImportanceEvaluator,
        PedAnovaImportanceEvaluator,
        get_param_importances,
    )

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize" if greater_is_better else "minimize")
    known = {name: one for name, one in distributions(space).items() if name in varied}
    for condition, value in zip(conditions, values, strict=True):
        params = {name: condition[name] for name in varied}
        study.add_trial(optuna.create_trial(params=params, distributions=known, value=value))
    found: dict[str, Any] = {"n": len(values), "library": f"Optuna {optuna.__version__}"}
    evaluators = {
        "fanova": lambda: FanovaImportanceEvaluator(seed=1),
        "ped_anova": PedAnovaImportanceEvaluator,
    }
    for name, make in evaluators.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            shares = get_param_importances(study, evaluator=make())
        found[name] = {factor: float(share) for factor, share in shares.items()}
    return found
