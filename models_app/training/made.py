"""Weights made from other weights: a folder beside those of runs, its card, its registration."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from common.errors import BadInput
from models_app.models import Adapter, Checkpoint
from models_app.places import folder_of
from models_app.training.card import CARD_FILE, described, versions

FOUND = "found"  # in a recipe: what came out of a search, which nobody asked for


def card_beside(row: Adapter | Checkpoint) -> dict[str, Any]:
    """The run card in the folder of weights; what is known of weights without one."""
    folder = folder_of(row.location)
    if folder and (folder / CARD_FILE).is_file():
        return json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    card: dict[str, Any] = {"name": row.name, "licence": row.licence}
    if isinstance(row, Adapter):
        card |= {
            "method": "lora",
            "base": described(row.checkpoint),
            "adapter_config": row.config,
            "versions": {"peft": row.config.get("peft_version", "")},
        }
    return card


def make(
    name: str,
    recipe: Mapping[str, Any],
    write: Callable[[Path], None],
    parents: Sequence[Adapter | Checkpoint],
    base: Checkpoint,
) -> Path:
    """The folder that `write` fills, with a card; there at once or not at all.

    The same recipe again gives back the folder there is. Raises BadInput for a name with another.
    """
    place = _folder(name)
    if (place / CARD_FILE).is_file():
        there = json.loads((place / CARD_FILE).read_text(encoding="utf-8"))
        asked = {key: value for key, value in there["recipe"].items() if key != FOUND}
        if asked != _plain(recipe):
            raise BadInput(f"{name!r} exists and was made otherwise; give this another name")
        return place
    temporary = place.with_name(f"{place.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        write(temporary)
        card = _card(name, recipe, parents, base)
        text = json.dumps(card, ensure_ascii=False, indent=1)
        (temporary / CARD_FILE).write_text(text, encoding="utf-8")
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return place


def _folder(name: str) -> Path:
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return Path(settings.DATA_DIR) / "training" / f"made-{digest}"


def _card(
    name: str,
    recipe: Mapping[str, Any],
    parents: Sequence[Adapter | Checkpoint],
    base: Checkpoint,
) -> dict[str, Any]:
    """What was trained is told by the parents' cards; here stands what was made of them."""
    return {
        "name": name,
        "method": str(recipe["how"]),
        "base": described(base),
        "recipe": _plain(recipe),
        "parents": [card_beside(parent) for parent in parents],
        "versions": versions(),
        "made_at": timezone.now().isoformat(timespec="seconds"),
    }


def _plain(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(recipe))
