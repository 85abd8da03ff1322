"""Finished benchmark runs without the harness, as tests of pages and tables want them."""

from collections.abc import Sequence
from typing import Any

from models_app.benchmarks.catalogue import task_called
from models_app.models import Adapter, BenchmarkItem, BenchmarkRun, Checkpoint, Job, System


def base_and_adapter() -> tuple[System, System]:
    """A base system and one with an adapter on the same checkpoint."""
    base = Checkpoint.objects.create(name="ground", location="x/g", architecture="causal")
    lora = Adapter.objects.create(name="lora", checkpoint=base, location="x/lora")
    alike: dict[str, Any] = {"kind": "model", "backend": "huggingface", "checkpoint": base}
    return (
        System.objects.create(name="ground", **alike),
        System.objects.create(name="ground-mr", adapter=lora, **alike),
    )


def finished(
    system: System, name: str, gold: Sequence[str], predicted: Sequence[str], **fields: Any
) -> BenchmarkRun:
    """A run with labels (for tasks of labels) or with texts and one reference each."""
    task = task_called(name)
    run = BenchmarkRun.objects.create(
        system=system,
        task=name,
        language=task.language,
        fingerprint=f"{system.pk}/{name}/{fields}",
        n_done=len(gold),
        n_total=len(gold),
        **{
            "state": Job.State.DONE,
            "data_hash": "d" * 64,
            "settings": {"shots": 0, "limit": 0},
            **fields,
        },
    )
    for position, (truth, guess) in enumerate(zip(gold, predicted, strict=True)):
        item = BenchmarkItem(
            run=run, position=position, key=f"i{position}", language=task.language,
            doc_hash=f"{position:064d}", prompt_hash="p" * 64, prompt=f"प्रश्न {position}",
            target=truth,
        )  # fmt: skip
        if task.gives_labels:
            item.prediction = guess
            item.metrics = {"acc": float(truth == guess), "prediction_norm": guess}
        else:
            item.response, item.references = guess, [truth]
        item.save()
    return run
