"""An archive into a folder or a .zip, one file after the other."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from annotation.models import Campaign
from common.errors import BadInput
from metrics.archives.explorer import data_files
from metrics.archives.gathering import gather
from metrics.archives.pages import page_files
from metrics.models import ReportRun
from metrics.reports.schema import dumps

MADE_BY_US = "assets/css/archive.css"  # a folder that has it is an archive
ASSETS = {
    "css/tokens.css": "css/tokens.css",
    "css/base.css": "css/base.css",
    "css/plot.css": "css/plot.css",
    "css/archive.css": "archive/archive.css",
    "img/favicon.svg": "img/favicon.svg",
    "js/explorer.js": "archive/explorer.js",
    "vendor/plotly/plotly-cartesian.min.js": "vendor/plotly/plotly-cartesian.min.js",
    "vendor/plotly/LICENSE.txt": "vendor/plotly/LICENSE.txt",
}


def archive_files(campaign: Campaign, run: ReportRun) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file; the same data give the same bytes."""
    study = gather(campaign, run.payload)
    yield from _assets()
    yield "report.json", dumps(dict(study.report)).encode()
    yield from data_files(study)
    yield from page_files(study)


def write_archive(campaign: Campaign, run: ReportRun, folder: Path) -> int:
    """Write the site into a new or empty folder, or over an older archive; how many files.

    Raises BadInput where something else is there, or it cannot be written.
    """
    n_files = 0
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MADE_BY_US).exists():
            raise BadInput(f"{folder} has files that are no archive; give a new folder")
        for name, content in archive_files(campaign, run):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            n_files += 1
    except OSError as problem:
        raise BadInput(
            f"{problem.filename or folder} cannot be written ({problem.strerror}); "
            "give --out a folder you may write to"
        ) from problem
    return n_files


def _assets() -> Iterator[tuple[str, bytes]]:
    static = settings.BASE_DIR / "static"
    for name, source in ASSETS.items():
        yield f"assets/{name}", (static / source).read_bytes()
    for path in sorted((static / "vendor" / "fonts").iterdir()):
        yield f"assets/vendor/fonts/{path.name}", path.read_bytes()
    # A page opened from a folder loads no modules: the module's own scope is a function's.
    for name in ("plot", "linked"):
        code = (static / "js" / f"{name}.js").read_text(encoding="utf-8")
        yield f"assets/js/{name}.js", f"(() => {{\n{code}}})();\n".encode()
    code = (static / "js" / "hidden.js").read_text(encoding="utf-8").replace("export ", "")
    yield "assets/js/hidden.js", f"(() => {{\n{code}window.nikashShown = shown;\n}})();\n".encode()
