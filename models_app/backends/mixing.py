"""Several LoRA adapters in one batch: two matrix products in a layer, however many they are.

The adapters' small matrices are put side by side, and each row of the batch keeps only the part
that is its own adapter's; peft's own way goes through the adapters one after another.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

BASE = "__base__"  # peft's own word for "no adapter" in a mixed batch
Parts = tuple[tuple[str, int, float], ...]  # name, rank and scaling of the adapters in a layer


class Mixture:
    """Whose adapter each row of the batch has."""

    def __init__(self, adapters: Sequence[str], device: Any) -> None:
        self.adapters, self.device = list(adapters), device
        self._masks: dict[Parts, Any] = {}

    def use(self, adapters: Sequence[str]) -> None:
        """Other rows, say once some are finished."""
        if adapters != self.adapters:
            self.adapters = list(adapters)
            self._masks.clear()

    def mask(self, parts: Parts, dtype: Any) -> Any:
        """(rows, 1, ranks together): an adapter's scaling in its own rows and columns, else 0."""
        import torch

        if parts not in self._masks:
            blocks = [
                torch.tensor([scaling if mine == name else 0.0 for mine in self.adapters])
                .unsqueeze(1)
                .expand(-1, rank)
                for name, rank, scaling in parts
            ]
            mask = torch.cat(blocks, dim=1).unsqueeze(1)
            self._masks[parts] = mask.to(device=self.device, dtype=dtype)
        return self._masks[parts]


def can_mix(model: Any, adapters: Sequence[str]) -> bool:
    """Plain LoRA on plain linear layers only; anything else is for peft to mix."""
    from peft.tuners.lora import Linear, LoraLayer
    from peft.utils import AuxiliaryTrainingWrapper

    if any(config.peft_type != "LORA" for config in model.peft_config.values()):
        return False
    used = set(adapters) - {BASE}
    for layer in model.modules():
        if isinstance(layer, AuxiliaryTrainingWrapper):
            return False
        if not isinstance(layer, LoraLayer):
            continue
        odd = type(layer) is not Linear or layer.merged or layer.fan_in_fan_out
        if odd or used & set(layer.lora_variant) or any(map(layer.lora_bias.get, used)):
            return False
    return True


@contextmanager
def mixed(model: Any, adapters: Sequence[str]) -> Iterator[Mixture]:
    """While it lasts, the model's rows go through these adapters; others by `use`."""
    from peft.tuners.lora import Linear

    mixture = Mixture(adapters, model.device)
    changed = []
    for layer in model.modules():
        if type(layer) is Linear:
            names = [name for name in dict.fromkeys(adapters) if name in layer.lora_A]
            layer.forward = _forward(layer, names, mixture)
            changed.append(layer)
    try:
        yield mixture
    finally:
        for layer in changed:
            del layer.forward  # the class's own again


def _forward(layer: Any, names: Sequence[str], mixture: Mixture) -> Any:
    import torch

    if not names:
        return layer.base_layer.forward
    down = torch.cat([layer.lora_A[name].weight for name in names])
    up = torch.cat([layer.lora_B[name].weight for name in names], dim=1)
    parts = tuple((name, layer.lora_A[name].weight.shape[0], layer.scaling[name]) for name in names)
    return partial(_both, layer.base_layer, down, up, parts, mixture)


def _both(base: Any, down: Any, up: Any, parts: Parts, mixture: Mixture, x: Any) -> Any:
    from torch.nn.functional import linear

    own = linear(x.to(down.dtype), down) * mixture.mask(parts, down.dtype)
    result = base(x)
    return (result + linear(own, up)).to(result.dtype)
