"""A plain training loop: fixed steps, one thread, fixed seed, so that it can be done again."""

import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

BATCH = 32


def seeded(seed: int) -> None:
    import torch

    random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)


def train(
    model: Any,
    rows: Sequence[Any],
    collate: Callable[[list[Any]], dict[str, Any]],
    *,
    steps: int,
    rate: float,
    name: str,
    seed: int = 1,
) -> float:
    """AdamW with warm-up and linear decay; returns the mean loss of the last tenth."""
    import torch

    rng = random.Random(seed)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trainable, lr=rate, weight_decay=0.01)
    warm = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, (n + 1) / warm) * max(0.02, 1.0 - n / steps)
    )
    model.train()
    losses, queue = [], []
    for step in range(steps):
        if len(queue) < BATCH:
            queue += rng.sample(list(rows), len(rows))
        batch, queue = queue[:BATCH], queue[BATCH:]
        loss = model(**collate(batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        if (step + 1) % 50 == 0:
            recent = sum(losses[-50:]) / 50
            sys.stderr.write(f"\r{name}: step {step + 1} of {steps}, loss {recent:.3f}")
            sys.stderr.flush()
    sys.stderr.write("\n")
    model.eval()
    last = losses[-max(1, steps // 10) :]
    return sum(last) / len(last)
