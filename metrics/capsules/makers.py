"""Who made the outputs: models, adapters, prompts and settings, with the hashes that were recorded.

Folders of this machine are named by their last part only: a path may name a person.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from annotation.models import Campaign
from annotation.quality_settings import tuned_names
from metrics.analyses.blinding import tuned_systems
from models_app.models import Adapter, Checkpoint, GenerationRun, System

_FOLDER = re.compile(r"(?:/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\)")


def makers(campaign: Campaign) -> dict[str, Any]:
    """Every system of the campaign, and what of models and prompts they are made of."""
    related = ("checkpoint", "adapter__checkpoint", "template")
    systems = list(campaign.systems.order_by("name").select_related(*related))
    tuned = tuned_systems(campaign)
    runs = GenerationRun.objects.filter(dataset=campaign.dataset, system__in=systems)
    templates = {s.template.name: s.template.text for s in systems if s.template}
    return {
        "systems": [_system(system, system.pk in tuned) for system in systems],
        "checkpoints": _once(_checkpoint(model) for s in systems for model in _bases(s)),
        "adapters": _once(_adapter(s.adapter) for s in systems if s.adapter),
        "prompts": [{"name": name, "text": templates[name]} for name in sorted(templates)],
        "generation": [
            {
                "system": run.system.name,
                "state": run.state,
                "finished_at": run.finished_at.isoformat() if run.finished_at else None,
                "environment": without_folders(run.environment),
            }
            for run in runs.select_related("system").order_by("system__name", "pk")
        ],
    }


def mark_tuned(campaign: Campaign, made_by: Mapping[str, Any]) -> None:
    """Count as tuned what was tuned in the study: adapters do not come with a capsule."""
    systems = made_by.get("systems")
    rows = [row for row in systems if isinstance(row, dict)] if isinstance(systems, list) else []
    names = {str(row.get("name")) for row in rows if row.get("is_tuned") is True}
    if not names <= tuned_names(campaign):
        quality = campaign.options.get("quality") or {}
        quality = quality | {"tuned": sorted(names | tuned_names(campaign))}
        campaign.options = campaign.options | {"quality": quality}
        campaign.save(update_fields=["options"])


def without_folders(value: Any) -> Any:
    """JSON in which every path to a folder is its last part."""
    if isinstance(value, Mapping):
        return {name: without_folders(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_folders(inner) for inner in value]
    return _place(value) if isinstance(value, str) else value


def _place(location: str) -> str:
    if not _FOLDER.match(location) or "\n" in location:
        return location
    kind = PureWindowsPath if "\\" in location else PurePosixPath
    return f"a folder called {kind(location).name}"


def _bases(system: System) -> list[Checkpoint]:
    found = [system.checkpoint, system.adapter.checkpoint if system.adapter else None]
    return [checkpoint for checkpoint in found if checkpoint]


def _system(system: System, is_tuned: bool) -> dict[str, Any]:
    return {
        "name": system.name,
        "kind": system.kind,
        "backend": system.backend,
        "checkpoint": system.checkpoint.name if system.checkpoint else None,
        "adapter": system.adapter.name if system.adapter else None,
        "prompt": system.template.name if system.template else None,
        "decoding": system.decoding,
        "is_tuned": is_tuned,
        "note": system.note,
    }


def _checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    return _weights(checkpoint) | {"architecture": checkpoint.architecture}


def _adapter(adapter: Adapter) -> dict[str, Any]:
    config = without_folders(adapter.config)
    return _weights(adapter) | {"checkpoint": adapter.checkpoint.name, "config": config}


def _weights(weights: Checkpoint | Adapter) -> dict[str, Any]:
    return {
        "name": weights.name,
        "location": _place(weights.location),
        "revision": weights.revision,
        "sha256": weights.content_hash,
        "licence": weights.licence,
    }


def _once(rows: Any) -> list[dict[str, Any]]:
    return sorted({row["name"]: row for row in rows}.values(), key=lambda row: row["name"])
