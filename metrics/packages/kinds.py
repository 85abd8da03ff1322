"""What can be taken away, and how each is written into an open file."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models import Campaign
from annotation.privacy.leaving import check_all_leave
from common.errors import Conflict
from metrics.models import ReportRun
from metrics.reports.version import WITH_EXCLUDED, data_version

Watch = Callable[[int, int], None]  # pieces done, of how many; may raise to stop the work


class Kind(NamedTuple):
    """`suffix` ends the file's name; `write` takes the campaign, its finished report, the file."""

    label: Promise
    suffix: str
    write: Callable[[Campaign, ReportRun, BinaryIO, Watch], None]


def _archive(campaign: Campaign, run: ReportRun, file: BinaryIO, watch: Watch) -> None:
    from metrics.archives.packing import zip_archive

    check_all_leave(campaign, with_excluded=run.data_version.endswith(WITH_EXCLUDED))
    zip_archive(campaign, run, file, watch)
    code, _dash, rest = run.data_version.partition("-")
    kind = {"with_excluded": rest.endswith(WITH_EXCLUDED)}
    if data_version(campaign, code=code, **kind) != run.data_version:
        raise Conflict(_("The data changed while the archive was written; make the report again."))


def _capsule(campaign: Campaign, run: ReportRun, file: BinaryIO, watch: Watch) -> None:
    from metrics.capsules.writing import write_capsule

    check_all_leave(campaign, with_excluded=True)  # it carries the excluded, too
    write_capsule(campaign, run, file, watch)


def _tables(kind: str) -> Callable[[Campaign, ReportRun, BinaryIO, Watch], None]:
    def write(campaign: Campaign, run: ReportRun, file: BinaryIO, watch: Watch) -> None:
        from metrics.reporting import tables_zip

        file.write(tables_zip(run.payload, kind))
        watch(1, 1)

    return write


TABLES = ("csv", "latex", "parquet")
KINDS: Mapping[str, Kind] = {
    "archive": Kind(gettext_lazy("Archive"), "archive", _archive),
    "capsule": Kind(gettext_lazy("Capsule"), "capsule", _capsule),
    "csv": Kind(gettext_lazy("Tables as CSV"), "report.csv", _tables("csv")),
    "latex": Kind(gettext_lazy("Tables as LaTeX"), "report.latex", _tables("latex")),
    "parquet": Kind(gettext_lazy("Tables as Parquet"), "report.parquet", _tables("parquet")),
}
