"""Checkpoints, and the systems that write with them: before training, and after it."""

from collections.abc import Iterator, Mapping
from typing import Any

from common.tables import open_table
from models_app.checkpoints import register_adapter, register_checkpoint, register_system
from models_app.loading.outputs import load_outputs
from models_app.models import Adapter, Checkpoint, Dataset, PromptTemplate, System, TrainingRun
from models_app.prompting import registered_template
from studies.configuration import planned_runs
from studies.work import Work

NOT_MADE = ("training", "composition", "outputs")


def register_models(work: Work) -> None:
    """Checkpoints, and the systems that need nothing made first."""
    for key, entry in work.configuration.get("checkpoints", {}).items():
        register_checkpoint(
            name=work.name(key),
            location=entry["location"],
            revision=entry.get("revision", ""),
            architecture=entry["architecture"],
            licence=entry.get("licence", ""),
        )
    for entry in work.configuration.get("systems", ()):
        if not any(key in entry for key in NOT_MADE):
            checkpoint = _checkpoint(work, entry)
            _register(work, entry["name"], entry, checkpoint, _elsewhere(work, entry, checkpoint))


def register_made(work: Work) -> None:
    """Systems of what was trained and composed, and outputs made elsewhere."""
    for entry in work.configuration.get("systems", ()):
        if "training" in entry:
            for name, run in _trained(work, entry):
                if run.adapter_id or run.tuned_id:
                    _register(work, name, entry, run.tuned or run.checkpoint, run.adapter)
        elif "composition" in entry:
            adapter = Adapter.objects.get(name=work.name(entry["composition"]))
            _register(work, entry["name"], entry, adapter.checkpoint, adapter)
        for dataset, file in entry.get("outputs", {}).items():
            with open_table(work.file(file)) as table:
                load_outputs(
                    table,
                    dataset=Dataset.objects.get(name=work.name(dataset)),
                    system=work.name(entry["name"]),
                )


def _trained(work: Work, entry: Mapping[str, Any]) -> Iterator[tuple[str, TrainingRun]]:
    """Each run of a training, with the name of the system that it makes."""
    trainings = {t["name"]: t for t in work.configuration["training"]}
    runs = planned_runs(trainings[entry["training"]], work.seed)
    for planned in runs:
        name = f"{entry['name']} {planned.name}" if len(runs) > 1 else entry["name"]
        yield name, TrainingRun.objects.get(name=work.name(planned.name))


def _register(
    work: Work,
    name: str,
    entry: Mapping[str, Any],
    checkpoint: Checkpoint | None,
    adapter: Adapter | None,
) -> System:
    return register_system(
        name=work.name(name),
        backend=entry.get("backend", "huggingface"),
        checkpoint=checkpoint,
        adapter=adapter,
        template=_template(entry),
        decoding=entry.get("decoding", {}),
        note=entry.get("note", ""),
    )


def _template(entry: Mapping[str, Any]) -> PromptTemplate | None:
    if "prompt" in entry:
        return registered_template(entry["prompt"])
    if "pattern" not in entry:
        return None
    text = entry["pattern"]
    found = PromptTemplate.objects.filter(text=text, registered="").first()
    return found or PromptTemplate.objects.create(name=text.replace("\n", " ")[:100], text=text)


def _checkpoint(work: Work, entry: Mapping[str, Any]) -> Checkpoint | None:
    key = entry.get("checkpoint")
    return Checkpoint.objects.get(name=work.name(key)) if key else None


def _elsewhere(
    work: Work, entry: Mapping[str, Any], checkpoint: Checkpoint | None
) -> Adapter | None:
    """LoRA weights made elsewhere: a folder or hub id, at a revision after an @."""
    if "adapter" not in entry or checkpoint is None:
        return None
    location, _, revision = entry["adapter"].partition("@")
    return register_adapter(
        name=work.name(f"{entry['name']} adapter"),
        checkpoint=checkpoint,
        location=location,
        revision=revision,
    )
