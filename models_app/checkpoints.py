"""Register checkpoints, adapters and systems: looked at before they are stored."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from common.errors import BadInput
from common.text import storable
from models_app.backends import BACKENDS
from models_app.model_files import check_adapter, read_config, read_start
from models_app.models import Adapter, Checkpoint, PromptTemplate, System
from models_app.places import folder_of as folder_of
from models_app.places import place_of as place_of
from models_app.prompting import check_prompt


def weights_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of a folder's safetensors."""
    digest = hashlib.sha256()
    for path in sorted(filter(Path.is_file, folder.glob("*.safetensors"))):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def register_checkpoint(
    *,
    name: str,
    location: str,
    architecture: str,
    revision: str = "",
    licence: str = "",
) -> Checkpoint:
    """Store a base model; the same again changes nothing. Raises BadInput.

    Code that comes with it is not trusted; see models_app.remote_code.
    """
    digest, card = _looked_at(location, revision, "config.json")
    return _store(
        Checkpoint,
        name,
        location=location,
        architecture=architecture,
        revision=revision,
        licence=licence,
        content_hash=digest,
        card=card,
    )


def register_adapter(
    *, name: str, checkpoint: Checkpoint, location: str, revision: str = "", licence: str = ""
) -> Adapter:
    """Store LoRA weights; the same again changes nothing. Raises BadInput."""
    digest, card = _looked_at(location, revision, "adapter_config.json")
    config: dict[str, Any] = {}
    if folder := folder_of(location):
        config = read_config(folder / "adapter_config.json")
        check_adapter(config, location)
    return _store(
        Adapter,
        name,
        checkpoint=checkpoint,
        location=location,
        revision=revision,
        licence=licence,
        config=config,
        content_hash=digest,
        card=card,
    )


def register_system(
    *,
    name: str,
    backend: str,
    checkpoint: Checkpoint | None = None,
    adapter: Adapter | None = None,
    template: PromptTemplate | None = None,
    decoding: dict[str, Any] | None = None,
    note: str = "",
) -> System:
    """Store a system that generates here; the same again changes nothing. Raises BadInput."""
    if backend not in BACKENDS:
        raise BadInput(f"no backend {backend!r}; known: {', '.join(BACKENDS.names())}")
    if BACKENDS.get(backend).needs_checkpoint:
        if checkpoint is None:
            raise BadInput(f"the backend {backend} needs a checkpoint; choose one")
        if checkpoint.architecture == Checkpoint.Architecture.CLASSIFIER:
            raise BadInput(f"{checkpoint} is a classifier; it writes no text")
    BACKENDS.get(backend).check(decoding or {})
    decoding = check_prompt(template, checkpoint, decoding or {})
    if adapter and adapter.checkpoint != checkpoint:
        raise BadInput(
            f"the adapter {adapter} belongs to {adapter.checkpoint}, not to {checkpoint}"
        )
    return _store(
        System,
        name,
        kind=System.Kind.MODEL,
        backend=backend,
        checkpoint=checkpoint,
        adapter=adapter,
        template=template,
        decoding=decoding,
        note=note,
    )


def _looked_at(location: str, revision: str, config_name: str) -> tuple[str, str]:
    """Hash and card of a folder; for a hub id only whether its revision is pinned."""
    folder = folder_of(location)
    if folder is None:
        if location.startswith(("/", ".", "~", "fixtures/")) or location.count("/") != 1:
            raise BadInput(f"there is no folder {location}; write a folder or a hub id owner/name")
        if not revision:
            raise BadInput(f"{location} is a hub id: pin its revision, a commit of 40 characters")
        return "", ""
    read_config(folder / config_name)
    if not any(path.is_file() for path in folder.glob("*.safetensors")):
        raise BadInput(f"{location} has no .safetensors; other weight files are not loaded")
    card = folder / "README.md"
    try:
        text = read_start(card).decode("utf-8", "replace") if card.is_file() else ""
        return weights_hash(folder), storable(text)
    except OSError as problem:
        raise BadInput(f"{location} cannot be read: {problem}") from problem


def _store(model: type[models.Model], name: str, **fields: Any) -> Any:
    found = model._default_manager.filter(name=name).first()
    if found is not None:
        differing = [key for key, value in fields.items() if getattr(found, key) != value]
        if differing == ["licence"] and not found.licence:
            found.licence = fields["licence"]  # which outputs do not depend on
            found.save(update_fields=["licence"])
        elif differing:
            raise BadInput(
                f"{name!r} exists with another {differing[0].replace('_', ' ')}; "
                "outputs depend on it: register the new one under another name"
            )
        return found
    row = model(name=name, **fields)
    try:
        row.full_clean(exclude=["config"])
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise BadInput(f"{field}: {messages[0]}") from problem
    row.save()
    return row
