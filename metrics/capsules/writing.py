"""A capsule is written: all that a study's numbers rest on, in one .zip with its checksums."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from annotation.exporting import FIRST_DATE
from annotation.formats.nikash import records
from annotation.interchange.writing import json_lines
from annotation.models import Campaign, Guideline
from common.errors import BadInput, Conflict
from metrics.capsules.makers import makers
from metrics.capsules.metric_values import metric_records
from metrics.capsules.pseudonyms import Pseudonyms
from metrics.capsules.readme import readme
from metrics.claims import claim_records
from metrics.datasheets.writing import datasheet_files
from metrics.models import ReportRun
from metrics.reports.schema import dumps
from metrics.reports.tables import tables_csv
from metrics.reports.version import data_version

Watch = Callable[[int, int], None]
SCHEMA = "nikash-capsule/1"
MANIFEST = "MANIFEST.json"
CAMPAIGN, METRICS, MODELS, REPORT = "campaign.jsonl", "metrics.jsonl", "models.json", "report.json"


def unwatched(done: int, total: int) -> None:
    """Nobody follows the writing."""


def write_capsule(
    campaign: Campaign, run: ReportRun, file: BinaryIO, watch: Watch = unwatched
) -> int:
    """Write the campaign with its finished report; how many files went in. The same data give the
    same bytes.

    watch : told (files done, of how many) at every piece that is written; may raise to stop it

    Raises Conflict where an answer or a metric came in meanwhile.
    """
    with_excluded = bool(run.payload["generated_with"]["settings"].get("with_excluded"))
    written = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        files = capsule_files(campaign, run.payload)
        for name, pieces in files.items():
            written.append(_write(packed, name, _watched(pieces, watch, len(written), len(files))))
        manifest = {"schema": SCHEMA, "campaign": campaign.name, "files": written}
        _write(packed, MANIFEST, [_json(manifest)])
    code = run.data_version.partition("-")[0]
    if data_version(campaign, code=code, with_excluded=with_excluded) != run.data_version:
        raise Conflict(
            f"the data of {campaign} changed while its capsule was written; write it again"
        )
    return len(written) + 1


def capsule_to(path: Path, campaign: Campaign, run: ReportRun) -> int:
    """Write the capsule to a path, wholly or not at all; how many files are in it.

    Raises BadInput where the path cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                n_files = write_capsule(campaign, run, file)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as problem:
        raise BadInput(
            f"{path} cannot be written ({problem.strerror}); give --out a file you may write to"
        ) from problem
    return n_files


def capsule_files(campaign: Campaign, payload: Mapping[str, Any]) -> Mapping[str, Iterable[bytes]]:
    """Every file but the manifest, a name and its bytes in pieces, in order."""
    people = Pseudonyms(campaign)
    report = people.report(payload)
    made_by = makers(campaign)
    files: dict[str, Iterable[bytes]] = {
        "README.md": [readme(campaign, report).encode()],
        CAMPAIGN: json_lines(people.records(records(campaign))),
        METRICS: json_lines(metric_records(campaign)),
        MODELS: [_json(made_by)],
        REPORT: [dumps(report).encode()],
    }
    if claims := claim_records(campaign):
        files["claims.json"] = [_json(claims)]
    for name, text in datasheet_files(campaign, report).items():
        files[name] = [text.encode()]
    for name, text in tables_csv(report).items():
        files[f"tables/{name}"] = [text.encode()]
    for prompt in made_by["prompts"]:
        files[f"prompts/{prompt['name']}.txt"] = [prompt["text"].encode()]
    return files | {name: [text.encode()] for name, text in _guidelines(campaign)}


def _guidelines(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """The version that was judged by, in each language, to be read; campaign.jsonl has all."""
    version = {"name": campaign.guideline, "version": campaign.guideline_version}
    for one in Guideline.objects.filter(**version).order_by("language"):
        yield f"guidelines/{one.name} v{one.version} {one.language}.md", one.text


def _watched(pieces: Iterable[bytes], watch: Watch, done: int, total: int) -> Iterator[bytes]:
    for piece in pieces:
        watch(done, total)
        yield piece
    watch(done + 1, total)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _write(packed: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    info = zipfile.ZipInfo(name, FIRST_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    digest, n_bytes = hashlib.sha256(), 0
    with packed.open(info, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            n_bytes += len(piece)
    return {"name": name, "bytes": n_bytes, "sha256": digest.hexdigest()}
