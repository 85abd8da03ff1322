"""An archive as one .zip file, written file after file."""

import zipfile
from collections.abc import Callable
from typing import BinaryIO

from annotation.exporting import FIRST_DATE
from annotation.models import Campaign
from metrics.archives.writing import archive_files
from metrics.models import ReportRun


def zip_archive(
    campaign: Campaign, run: ReportRun, file: BinaryIO, watch: Callable[[int, int], None]
) -> None:
    """The site as a .zip; the same data give the same bytes.

    watch : told (segments' pages written, of how many) at every file; may raise to stop it
    """
    n_segments, n_done = run.payload["counts"]["segments"], 0
    watch(0, n_segments)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in archive_files(campaign, run):
            info = zipfile.ZipInfo(name, FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, content)
            n_done += name.startswith("segments/")
            watch(n_done, max(n_done, n_segments))
