"""A sweep from its description: every planned trial is a row before anything runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from common.errors import BadInput, MissingLibrary, NikashError
from common.problems import shown
from models_app.corpora.subsets import make_subsets
from models_app.jobs import enqueue
from models_app.models import Adapter, Checkpoint, Corpus, Job, Sweep, TrainingRun
from models_app.sweeps.space import ROWS, Condition, cells, check_space
from models_app.training.settings import TrainingSettings
from models_app.training.start import start_training

KEYS = (
    "kind", "factors", *ROWS, "settings", "seeds", "subset_seed", "objective",
    "greater_is_better", "max_trials", "max_seconds", "prune", "search_seed", "drop",
)  # fmt: skip
NEEDED = ("checkpoint", "corpus", "prompt")
LONGEST_NAME = 90
LEAST_IS_BEST = {"loss", "perplexity", "ter"}


@transaction.atomic
def plan_sweep(
    name: str, described: Mapping[str, Any], *, user: Any = None, queue: bool = True
) -> Sweep:
    """The sweep with its trials; for a search, the trials come one by one.

    described : kind (grid or search), factors, what all trials have in common (checkpoint, corpus,
        prompt, method, size, settings), seeds, objective, budget; docs/sweeps.md has them all

    A combination that cannot be trained is kept as a dropped trial with the reason. Raises BadInput
    for a description that cannot be used, and where no combination can be trained.
    """
    sweep = _sweep(name.strip(), described)
    sweep.created_by = user
    sweep.save()
    if sweep.kind == Sweep.Kind.GRID:
        _plan_grid(sweep, described.get("drop", []))
    else:
        _check_search(sweep)
    if queue:
        enqueue(sweep)
    return sweep


def _sweep(name: str, described: Mapping[str, Any]) -> Sweep:
    if not isinstance(described, Mapping):
        raise BadInput("a sweep is described by a JSON object")
    for key in described:
        if key not in KEYS:
            raise BadInput(f"a sweep has no {shown(key)}; known: {', '.join(KEYS)}")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"a sweep's name has at most {LONGEST_NAME} characters; trials add a number")
    kind = described.get("kind", "grid")
    if kind not in Sweep.Kind.values:
        raise BadInput(f"kind must be grid or search, not {shown(kind)}")
    space = check_space(described.get("factors"), ranges=kind == Sweep.Kind.SEARCH)
    base = {key: described[key] for key in (*ROWS, "settings") if described.get(key) is not None}
    for key in NEEDED:
        if key not in base and key not in space:
            raise BadInput(f"name a {key}, for all trials or as a factor")
    for key in ("subset_seed", "search_seed"):
        base[key] = _whole(key, described.get(key, 1), 0)
    base["prune"] = bool(described.get("prune", True))
    objective = str(described.get("objective", "eval_loss"))
    greater = described.get("greater_is_better", not LEAST_IS_BEST & set(objective.split("_")))
    sweep = Sweep(
        name=name,
        kind=kind,
        base=base,
        space=space,
        objective=objective,
        greater_is_better=bool(greater),
        n_seeds=_whole("seeds", described.get("seeds", 1), 1),
        max_trials=_limit("max_trials", described.get("max_trials")),
        max_seconds=_limit("max_seconds", described.get("max_seconds")),
    )
    try:
        sweep.full_clean(exclude=["base", "space", "environment", "created_by"])
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise BadInput(f"{field}: {messages[0]}") from problem
    return sweep


def _whole(key: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**15:
        raise BadInput(f"{key} must be a whole number of at least {least}, not {shown(value)}")
    return value


def _limit(key: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise BadInput(f"{key} must be a whole number above 0, not {shown(value)}")
    return value


def _plan_grid(sweep: Sweep, drops: Any) -> None:
    conditions = list(_grid_conditions(sweep))
    problems = []
    for trial, condition in enumerate(conditions, start=1):
        run = make_trial(sweep, trial, condition)
        if run.dropped_reason:
            problems.append(run.dropped_reason)
    if len(problems) == len(conditions):
        raise BadInput(f"no combination can be trained; the first: {problems[0]}")
    for rule in _drop_rules(drops, sweep):
        matching = [
            run.pk
            for run in sweep.runs.filter(state=Job.State.QUEUED)
            if rule["condition"].items() <= run.condition.items()
        ]
        drop_trials(TrainingRun.objects.filter(pk__in=matching), rule["reason"])
    Sweep.objects.filter(pk=sweep.pk).update(n_total=len(conditions))
    sweep.n_total = len(conditions)


def _grid_conditions(sweep: Sweep) -> Iterable[Condition]:
    """All combinations with the first seed, then all with the next: a budget cuts evenly."""
    first = int(sweep.base.get("settings", {}).get("seed", TrainingSettings.seed))
    for n in range(sweep.n_seeds):
        for condition in cells(sweep.space):
            yield condition | {"seed": first + n}


def _drop_rules(given: Any, sweep: Sweep) -> list[dict[str, Any]]:
    if not isinstance(given, list):
        raise BadInput('drop must be a list of {"condition": {…}, "reason": "…"}')
    for rule in given:
        known = isinstance(rule, Mapping) and set(rule) == {"condition", "reason"}
        if not known or not isinstance(rule["condition"], Mapping) or not rule["reason"]:
            raise BadInput('drop must be a list of {"condition": {…}, "reason": "…"}')
        for name, level in rule["condition"].items():
            if level not in sweep.space.get(name, []) and name != "seed":
                raise BadInput(f"drop: {name} {shown(level)} is not in this sweep")
    return given


def _check_search(sweep: Sweep) -> None:
    if sweep.max_trials is None and sweep.max_seconds is None:
        raise BadInput("a search needs a budget: max_trials, max_seconds, or both")
    if sweep.n_seeds != 1:
        raise BadInput(
            "a search has one run for each trial; try its best conditions with several seeds in a "
            "grid afterwards"
        )
    first = {
        name: given["low"] if isinstance(given, Mapping) else given[0]
        for name, given in sweep.space.items()
    }
    trial_fields(sweep, first)
    Sweep.objects.filter(pk=sweep.pk).update(n_total=sweep.max_trials or 0)


def trial_fields(sweep: Sweep, condition: Mapping[str, Any]) -> dict[str, Any]:
    """What `start_training` is asked for; BadInput for a name or a setting that is not known."""
    base = sweep.base
    asked = {name: condition.get(name, base.get(name)) for name in ROWS}
    settings = dict(base.get("settings", {}))
    settings |= {name: level for name, level in condition.items() if name not in ROWS}
    if "eval_metric" not in settings and sweep.objective.startswith("eval_"):
        metric = sweep.objective.removeprefix("eval_")
        settings["eval_metric"] = "" if metric in ("loss", "perplexity") else metric
    corpus = _named(Corpus, asked["corpus"])
    size, adapter = asked["size"], asked["start_adapter"]
    return {
        "checkpoint": _named(Checkpoint, asked["checkpoint"]),
        "corpus": corpus,
        "prompt": asked["prompt"],
        "method": asked["method"] or TrainingRun.Method.LORA,
        "subset": _subset(corpus, size, base["subset_seed"]) if size is not None else None,
        "start_adapter": _named(Adapter, adapter) if adapter else None,
        "settings": TrainingSettings.of(settings),
    }


def _named(model: Any, name: Any) -> Any:
    if found := model.objects.filter(name=name).first():
        return found
    known = ", ".join(model.objects.values_list("name", flat=True)[:20]) or "none yet"
    raise BadInput(f"there is no {model._meta.verbose_name} called {shown(name)}; known: {known}")


def _subset(corpus: Corpus, size: Any, seed: int) -> Any:
    if isinstance(size, bool) or not isinstance(size, int):
        raise BadInput(f"size must be a whole number of examples, not {shown(size)}")
    return make_subsets(corpus, sizes=[size], seed=seed)[0]


def make_trial(sweep: Sweep, trial: int, condition: Condition) -> TrainingRun:
    """The row of a trial; where it cannot be trained, a dropped one that says why."""
    fields = trial_fields(sweep, condition)
    name = f"{sweep.name} {trial}"
    placed = {"sweep": sweep, "trial": trial, "condition": dict(condition)}
    try:
        with transaction.atomic():
            return start_training(name=name, **fields, **placed, user=sweep.created_by, queue=False)
    except MissingLibrary:
        raise
    except NikashError as problem:
        settings = fields.pop("settings").as_dict()
        return TrainingRun.objects.create(
            name=name,
            **fields,
            **placed,
            created_by=sweep.created_by,
            settings=settings,
            state=Job.State.CANCELLED,
            finished_at=timezone.now(),
            dropped_reason=f"cannot be trained: {problem.message}"[:300],
        )


def drop_trials(runs: Any, reason: str) -> int:
    """Give up trials that wait, failed or were cancelled, for a reason that stays beside them."""
    if not reason.strip():
        raise BadInput("say why the trial is dropped; the reason stays beside it")
    free = runs.exclude(state__in=[Job.State.RUNNING, Job.State.DONE]).filter(dropped_reason="")
    dropped: int = free.update(
        state=Job.State.CANCELLED, dropped_reason=reason[:300], finished_at=timezone.now()
    )
    return dropped
