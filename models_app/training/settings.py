"""How a run trains: every setting, its default and what it may be. No Django here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from common.errors import BadInput

BITS = (4, 8, 16, 32)
SCHEDULES = ("linear", "cosine", "constant", "constant_with_warmup")
TARGETS = "all-linear"


@dataclass(frozen=True)
class TrainingSettings:
    """Defaults are those of the demo's adapters; sizes in tokens, rates per step.

    target_modules : "all-linear", or names of layers separated by commas
    bits : 4 and 8 quantise the frozen base (QLoRA); 16 is bfloat16, 32 full precision
    max_steps : 0 means `epochs` decides
    choose_by : the curve that chooses the checkpoint, "last" for the last one
    patience : evaluations without a better value before training stops; 0 never stops early
    accelerate : a DeepSpeed or FSDP configuration, passed through to the trainer
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    target_modules: str = TARGETS
    use_rslora: bool = False
    use_dora: bool = False
    bits: int = 32
    epochs: float = 3.0
    max_steps: int = 0
    batch_size: int = 8
    accumulation: int = 1
    learning_rate: float = 2e-4
    schedule: str = "linear"
    warmup_ratio: float = 0.05
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    max_prompt_tokens: int = 512
    max_answer_tokens: int = 512
    gradient_checkpointing: bool = False
    eval_steps: int = 50
    eval_metric: str = ""
    n_eval_generated: int = 64
    choose_by: str = "eval_loss"
    patience: int = 0
    seed: int = 1
    accelerate: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "TrainingSettings":
        """Checked settings; raises BadInput naming the setting and what to write instead."""
        known = {field.name: field for field in fields(cls)}
        for name in given:
            if name not in known:
                raise BadInput(f"no training setting {name!r}; known: {', '.join(known)}")
        values = {name: _typed(name, known[name].default, value) for name, value in given.items()}
        made = cls(**values)
        made._check()
        return made

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def greater_is_better(self) -> bool:
        """Whether more is better on the curve that chooses; losses and TER want less."""
        return not {"loss", "perplexity", "ter"} & set(self.choose_by.split("_"))

    def _check(self) -> None:
        _one_of("bits", self.bits, BITS)
        _one_of("schedule", self.schedule, SCHEDULES)
        for name in ("rank", "batch_size", "accumulation", "eval_steps", "n_eval_generated"):
            _at_least(name, getattr(self, name), 1)
        for name in ("max_prompt_tokens", "max_answer_tokens"):
            _at_least(name, getattr(self, name), 4)
        for name in ("max_steps", "patience", "seed", "weight_decay", "max_grad_norm"):
            _at_least(name, getattr(self, name), 0)
        for name in ("learning_rate", "alpha", "epochs"):
            if not getattr(self, name) > 0:
                raise BadInput(f"{name} must be above 0, not {getattr(self, name)}")
        for name in ("dropout", "warmup_ratio"):
            if not 0 <= getattr(self, name) < 1:
                raise BadInput(f"{name} must be at least 0 and below 1")


def _typed(name: str, default: Any, value: Any) -> Any:
    """A value of the default's kind, from a form, a command line or JSON."""
    if name == "accelerate":
        if value is None or isinstance(value, Mapping):
            return value or None
        raise BadInput("accelerate must be a JSON object")
    try:
        if isinstance(default, bool):
            return _flag(value)
        if isinstance(default, int):
            whole = float(value)
            if whole != int(whole):
                raise ValueError
            return int(whole)
        return type(default)(value)
    except (TypeError, ValueError, OverflowError):
        kind = {bool: "yes or no", int: "a whole number", float: "a number"}[type(default)]
        raise BadInput(f"{name} must be {kind}, not {value!r}") from None


def _flag(value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if (found := words.get(str(value).lower())) is None:
        raise ValueError
    return found


def _one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if value not in allowed:
        raise BadInput(f"{name} must be one of {', '.join(map(str, allowed))}, not {value}")


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise BadInput(f"{name} must be at least {least}, not {value}")
