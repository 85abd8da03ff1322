"""A campaign's report as a row: computed once for a state of the data, then only read."""

import io
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from annotation.models import Campaign
from common.errors import BadInput
from metrics.explorer import keep_outputs
from metrics.models import ReportRun
from metrics.reports.version import WITH_EXCLUDED, data_version
from models_app.models import Job

Report = Callable[[int, int, str], None]


def runs_of(campaign: Campaign, *, with_excluded: bool = False) -> QuerySet[ReportRun]:
    """The campaign's reports of one kind: without, or with, excluded annotators; newest first."""
    runs = ReportRun.objects.filter(campaign=campaign).order_by("-pk")
    its = Q(data_version__endswith=WITH_EXCLUDED)
    return runs.filter(its) if with_excluded else runs.exclude(its)


def fresh_report(campaign: Campaign, *, with_excluded: bool = False) -> ReportRun | None:
    """The finished report of the data as they are now."""
    version = data_version(campaign, with_excluded=with_excluded)
    return _finished(campaign, with_excluded).filter(data_version=version).first()


def newest_report(campaign: Campaign, *, with_excluded: bool = False) -> ReportRun | None:
    """The last finished report, of whatever state of the data."""
    return _finished(campaign, with_excluded).first()


def _finished(campaign: Campaign, with_excluded: bool) -> QuerySet[ReportRun]:
    done = runs_of(campaign, with_excluded=with_excluded).filter(state=Job.State.DONE)
    return done.exclude(payload=None)


def open_report(
    campaign: Campaign, *, created_by: Any = None, with_excluded: bool = False
) -> tuple[ReportRun, bool]:
    """The run of this kind that waits or works for the campaign, or a new one to queue (True)."""
    unfinished = ReportRun.objects.unfinished().values("pk")
    waiting = runs_of(campaign, with_excluded=with_excluded).filter(pk__in=unfinished).first()
    if waiting:
        return waiting, False
    version = data_version(campaign, with_excluded=with_excluded)
    run = ReportRun.objects.create(campaign=campaign, data_version=version, created_by=created_by)
    return run, True


def compute_report(run: ReportRun, report: Report) -> None:
    """Compute the payload and keep it on the run; older runs of its kind lose theirs.

    The run keeps the code version it was asked for: a worker with other code than the site's
    would otherwise be asked for ever.
    """
    from metrics.analyses.settings import Settings
    from metrics.reports.payload import build_payload

    asked = run.data_version.partition("-")[0]
    kind = {"with_excluded": run.data_version.endswith(WITH_EXCLUDED)}
    run.data_version = data_version(run.campaign, code=asked, **kind)
    run.payload = build_payload(run.campaign, settings=Settings(**kind), report=report)
    run.save(update_fields=["payload", "data_version"])
    runs_of(run.campaign, **kind).filter(pk__lt=run.pk).update(payload=None)
    keep_outputs(run)


FORMATS = ("html", "json", "csv", "latex", "parquet")
USUAL_FORMATS = ("html", "json", "csv")


def report_files(
    payload: Mapping[str, Any], formats: Sequence[str] = USUAL_FORMATS
) -> dict[str, str | bytes]:
    """Relative path to content, of a report in some of FORMATS.

    Raises MissingLibrary where a format needs one that is not installed.
    """
    from metrics.reports.html import report_html
    from metrics.reports.schema import dumps

    files: dict[str, str | bytes] = {}
    for name in formats:
        if name == "html":
            files["report.html"] = report_html(payload)
        elif name == "json":
            files["report.json"] = dumps(payload)
        else:
            tables = table_files(payload, name)
            files |= {f"tables/{file}": content for file, content in tables.items()}
    return files


def table_files(payload: Mapping[str, Any], kind: str) -> Mapping[str, str | bytes]:
    """File name to content of every table, as csv, latex or parquet."""
    from metrics.reports.latex import tables_latex
    from metrics.reports.parquet import tables_parquet
    from metrics.reports.tables import tables_csv

    writers = {"csv": tables_csv, "latex": tables_latex, "parquet": tables_parquet}
    return writers[kind](payload)


def write_files(files: Mapping[str, str | bytes], folder: Path) -> None:
    """Each file at once or not at all; BadInput where the folder cannot be written."""
    try:
        for name, content in files.items():
            _write(folder / name, _bytes(content))
    except OSError as problem:
        raise BadInput(
            f"{problem.filename or folder} cannot be written ({problem.strerror}); "
            "give --out a folder you may write to"
        ) from problem


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def tables_zip(payload: Mapping[str, Any], kind: str = "csv") -> bytes:
    """The tables as csv, latex or parquet in one archive, the same bytes for the same report."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in table_files(payload, kind).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _bytes(content))
    return buffer.getvalue()


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content
