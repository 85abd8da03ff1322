"""Rows that are written together: they join, grow by a token at a time, and leave when finished.

Keys and values of all rows end together, on the right; what a row lacks on the left is padding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Prompts = Sequence[Sequence[int]]  # token ids


@dataclass
class Rows:
    places: list[int]  # of each row's prompt
    mask: Any  # (rows, tokens so far): 0 where a row is padded
    cache: Any
    new: Any  # (rows, tokens) not in the cache yet

    def __len__(self) -> int:
        return len(self.places)

    @property
    def inputs(self) -> dict[str, Any]:
        """What the model is called with; positions are counted without the padding."""
        positions = (self.mask.cumsum(1) - 1).clamp(min=0)[:, -self.new.shape[1] :]
        return {
            "input_ids": self.new,
            "attention_mask": self.mask,
            "position_ids": positions,
            "past_key_values": self.cache,
        }

    def grow(self, tokens: Any) -> None:
        """One more token, (rows,), at the end of each row."""
        import torch

        self.new = tokens[:, None]
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(tokens), 1)], dim=1)

    def keep(self, kept: Sequence[int]) -> None:
        """Only these rows go on; columns in which none of them has anything are cut off."""
        import torch

        here = torch.tensor(kept, device=self.mask.device)
        self.places = [self.places[n] for n in kept]
        self.mask, self.new = self.mask[here], self.new[here]
        self.cache.batch_select_indices(here)
        self._fit(self.mask.shape[1] - int(self.mask.argmax(dim=1).min()))

    def joined(self, others: "Rows") -> "Rows":
        """The others below these, once both are read and have grown by a token."""
        import torch

        length = max(self.mask.shape[1], others.mask.shape[1])
        self._fit(length)
        others._fit(length)
        for mine, theirs in zip(self.cache.layers, others.cache.layers, strict=True):
            mine.keys = torch.cat([mine.keys, theirs.keys])
            mine.values = torch.cat([mine.values, theirs.values])
        self.places += others.places
        self.mask = torch.cat([self.mask, others.mask])
        self.new = torch.cat([self.new, others.new])
        return self

    def _fit(self, length: int) -> None:
        """Pad or cut on the left."""
        if length == self.mask.shape[1]:
            return
        self.mask = _last(self.mask, length, dim=1)
        cached = length - self.new.shape[1]
        for layer in self.cache.layers:
            stored = cached
            if layer.is_sliding:
                layer.cumulative_length = cached
                stored = min(cached, layer.sliding_window - 1)
            layer.keys = _last(layer.keys, stored, dim=-2)
            layer.values = _last(layer.values, stored, dim=-2)


def _last(tensor: Any, length: int, *, dim: int) -> Any:
    """The last `length` along the dimension, zeros before them where there are fewer."""
    import torch

    lacking = length - tensor.shape[dim]
    if lacking <= 0:
        return tensor.narrow(dim, -lacking, length)
    shape = list(tensor.shape)
    shape[dim] = lacking
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dim)


def unread(prompts: Prompts, places: list[int], model: Any) -> Rows:
    """Rows of which the model has read nothing, padded on the left."""
    import torch
    from transformers import DynamicCache

    longest = max(1, *(len(prompts[place]) for place in places))  # even where a prompt is empty
    new = torch.zeros((len(places), longest), dtype=torch.long)  # nothing looks at what pads
    mask = torch.zeros_like(new)
    for row, place in enumerate(places):
        start = longest - len(prompts[place])
        new[row, start:], mask[row, start:] = torch.tensor(prompts[place]), 1
    cache = DynamicCache(config=model.config)
    return Rows(places, mask.to(model.device), cache, new.to(model.device))


def can_join(cache: Any) -> bool:
    """Whether rows of such a cache can come and go."""
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    return all(type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in cache.layers)
