"""Publish what was trained, with a model card: to a folder, or to a model hub.

Refused while a required field of the run card is empty, or a licence on the way is unknown.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from common.errors import BadInput, MissingLibrary, NikashError
from models_app.corpora.mixing import combined_licence
from models_app.models import Adapter, Checkpoint, TrainingRun
from models_app.places import folder_of
from models_app.training.card import CARD_FILE, full_card, missing_fields
from models_app.training.made import card_beside

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
SPDX = {"Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC0-1.0", "GPL-3.0"}


def publishable_card(row: Adapter | Checkpoint) -> dict[str, Any]:
    """The card to publish. Raises BadInput, naming every required field that is empty."""
    run = getattr(row, "trained_by", None)
    card = full_card(run) if run else card_beside(row)
    base = row.checkpoint if isinstance(row, Adapter) else run and run.checkpoint
    if base:
        card = _with_licence(card, base)
    licence = combined_licence([one.licence for one in (row, base) if one and one.licence])
    empty = [f"licence of {row.name}"] if not row.licence else []
    empty += _missing(card, "")
    if empty:
        raise BadInput(
            f"{row.name} cannot be published while these fields of its card are empty: "
            f"{', '.join(dict.fromkeys(empty))}"
        )
    return card | {"licence": licence}


def publish_to_folder(row: Adapter | Checkpoint, folder: Path | None = None) -> Path:
    """A copy of the weights with their model card; nothing is there where it fails.

    folder : must not exist yet; by default one under the data folder. Raises BadInput.
    """
    card = publishable_card(row)
    place = folder or Path(settings.DATA_DIR) / "published" / row.name.replace("/", "--")
    if place.exists():
        raise BadInput(f"{place} exists already; remove it or name another folder")
    temporary = place.with_name(f"{place.name}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(_weights_folder(row), temporary)
        _describe(temporary, card, row)
        temporary.rename(place)
    except OSError as problem:
        raise NikashError(f"{place} cannot be written: {problem.strerror}") from problem
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return place


def publish_to_hub(row: Adapter | Checkpoint, hub_id: str, *, private: bool = True) -> str:
    """Upload to a repository of the hub, made where it is missing; the address of the commit.

    The token is read from HF_TOKEN and stored nowhere. Raises BadInput; NikashError where the
    hub is down or refuses.
    """
    card = publishable_card(row)
    if not HUB_ID.fullmatch(hub_id):
        raise BadInput(f"{hub_id!r} is no name on the hub; write owner/name")
    token = os.environ.get("HF_TOKEN", "").strip()
    if not token:
        raise BadInput("there is no token for the hub; set HF_TOKEN where the worker is started")
    try:
        import huggingface_hub
    except ImportError as problem:
        raise MissingLibrary("huggingface_hub is not installed; run make install") from problem
    temporary = Path(settings.DATA_DIR) / "training" / f"upload-{row.pk}-{os.getpid()}"
    try:
        shutil.copytree(_weights_folder(row), temporary)
        _describe(temporary, card, row)
        hub = huggingface_hub.HfApi(token=token)
        hub.create_repo(hub_id, private=private, exist_ok=True)
        commit = hub.upload_folder(
            repo_id=hub_id, folder_path=temporary, commit_message=f"Publish {row.name}"
        )
    except OSError as problem:  # the hub's errors and those of connections are among them
        raise _refused(hub_id, problem, token) from problem
    except Exception as problem:
        if type(problem).__module__.split(".")[0] not in ("huggingface_hub", "httpx", "httpcore"):
            raise
        raise _refused(hub_id, problem, token) from problem
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return str(commit.commit_url)


def publish_run(run: TrainingRun, hub_id: str = "") -> str:
    """Publish what a run made; where, or why not, is written on its card. Raises NikashError."""
    row = run.adapter or run.tuned
    if row is None:
        raise BadInput(f"{run.name} has made nothing yet; wait until it is done")
    entry = {"at": timezone.now().isoformat(timespec="seconds"), "to": hub_id or "folder"}
    try:
        where = publish_to_hub(row, hub_id) if hub_id else str(publish_to_folder(row))
    except NikashError as problem:
        note_publication(run, entry | {"error": problem.message})
        raise
    note_publication(run, entry | {"where": where})
    return where


def note_publication(run: TrainingRun, entry: Mapping[str, Any]) -> None:
    """Write on the run's card where it was published, or why it was not."""
    run.refresh_from_db(fields=["card"])
    run.card["publications"] = [*run.card.get("publications", []), dict(entry)]
    TrainingRun.objects.filter(pk=run.pk).update(card=run.card)


def _with_licence(card: Mapping[str, Any], base: Checkpoint) -> dict[str, Any]:
    """The card with the base's licence where it became known after the run."""
    card = dict(card)
    if card.get("base") and not card["base"]["licence"]:
        card["base"] = card["base"] | {"licence": base.licence}
    if "parents" in card:
        card["parents"] = [_with_licence(parent, base) for parent in card["parents"]]
    return card


def _missing(card: Mapping[str, Any], path: str) -> list[str]:
    """Of what was made of others, the fields of each that were trained."""
    if parents := card.get("parents"):
        found = []
        for parent in parents:
            found += _missing(parent, f"{parent.get('name', '?')}: ")
        return found
    return [f"{path}{name}" for name in missing_fields(card)]


def _weights_folder(row: Adapter | Checkpoint) -> Path:
    folder = folder_of(row.location)
    if folder is None:
        raise BadInput(f"{row.name} is not in a folder here but at {row.location}")
    return folder


def _describe(folder: Path, card: Mapping[str, Any], row: Adapter | Checkpoint) -> None:
    text = json.dumps(card, ensure_ascii=False, indent=1)
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(readme(card, row), encoding="utf-8")


def readme(card: Mapping[str, Any], row: Adapter | Checkpoint) -> str:
    """The model card in Markdown, with the head that the hub reads."""
    licences = card["licence"].split(" AND ")
    known = licences[0].lower() if len(licences) == 1 and licences[0] in SPDX else "other"
    context = {
        "card": card,
        "row": row,
        "licence": known,
        "is_adapter": isinstance(row, Adapter),
        "trained": card.get("parents") or [card],
        "settings": json.dumps(card.get("settings", {}), indent=1, ensure_ascii=False),
    }
    return render_to_string("models_app/model_card.md", context)


def _refused(hub_id: str, problem: Exception, token: str) -> NikashError:
    reason = " ".join(str(problem).replace(token, "(token)").split())[:300]
    return NikashError(
        f"{hub_id} was not published: the hub cannot be reached or refused it "
        f"({reason or type(problem).__name__}). Nothing here has changed; try again later."
    )
