"""Reports and capsules of the tests' studies, quickly computed."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from annotation.models import Campaign
from metrics.analyses.settings import Settings
from metrics.capsules.opening import open_capsule
from metrics.capsules.replaying import Replay, replay
from metrics.capsules.writing import MANIFEST, write_capsule
from metrics.models import ReportRun
from metrics.reports.payload import build_payload
from metrics.reports.version import data_version

FAST = Settings(resamples=100, permutations=100)


def report_of(campaign: Campaign, settings: Settings = FAST) -> ReportRun:
    """The finished report of the data as they are."""
    return ReportRun.objects.create(
        campaign=campaign,
        state="done",
        payload=build_payload(campaign, settings=settings),
        data_version=data_version(campaign, with_excluded=settings.with_excluded),
    )


def bytes_of(campaign: Campaign, settings: Settings = FAST) -> bytes:
    """The campaign's capsule."""
    file = io.BytesIO()
    write_capsule(campaign, report_of(campaign, settings), file)
    return file.getvalue()


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    """A capsule of these files, with a manifest that fits them."""
    listed = [
        {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    manifest = {"schema": "nikash-capsule/1", "campaign": "x", "files": listed}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in {MANIFEST: json.dumps(manifest).encode(), **files}.items():
            out.writestr(name, data)
    return buffer.getvalue()


def replayed(data: bytes, folder: Path, **options: Any) -> Replay:
    path = folder / "study.zip"
    path.write_bytes(data)
    with open_capsule(path) as capsule:
        return replay(capsule, **options)
