"""A campaign's judged outputs as columns: kept with its report, filtered in memory.

Nothing here is computed anew: ranks, gaps and causes are those of the report it belongs to.
"""

import io
import json
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from numpy.typing import NDArray

from annotation.models import Campaign
from metrics.models import GapTable, ReportRun
from metrics.picks import SEPARATOR, picked, picks_from
from metrics.reports.version import WITH_EXCLUDED
from models_app.models import Job

QUADRANTS = ("both low", "only people high", "only metric high", "both high")
BANDS = ("short", "middle", "long")
NO_CAUSE = "none"
CHOICES = ("metric", "quadrant", "cause", "domain", "system", "length", "error", "direction")
SORTS = ("size", "gap", "-gap", "place")
MOST_KEPT = 4  # tables in memory


@dataclass(frozen=True)
class Outputs:
    """n outputs, m metrics, k causes, c categories of errors.

    Ranks are 0-1, gaps -1 to 1, nan where not known.
    """

    output: NDArray[np.int64]  # (n,) id in the database
    segment: NDArray[np.int64]  # (n,) id in the database
    line: NDArray[np.int64]  # (n,) position of the segment in the campaign
    system: NDArray[np.int64]  # (n,) position in `systems`
    domain: NDArray[np.int64]  # (n,) position in `domains`
    band: NDArray[np.int64]  # (n,) position in BANDS, of the source's length
    human: NDArray[np.float32]  # (n, m) people's rank, among the outputs that the metric has
    machine: NDArray[np.float32]  # (n, m) the metric's rank
    quadrant: NDArray[np.int64]  # (n, m) position in QUADRANTS, -1
    strength: NDArray[np.float32]  # (n, k)
    main: NDArray[np.int64]  # (n,) position in `causes` of the one to name first, -1
    has: NDArray[np.bool_]  # (n, k) whether the cause is strong enough to name
    marked: NDArray[np.bool_]  # (n, c) whether somebody marked an error of the category
    keys: tuple[str, ...] = field(metadata={"words": True})  # (n,) the segments'
    explanations: tuple[Any, ...] = field(metadata={"words": True})  # (n,) of causes.words.kept
    systems: tuple[str, ...] = field(metadata={"words": True})
    domains: tuple[str, ...] = field(metadata={"words": True})
    metrics: tuple[tuple[str, str], ...] = field(metadata={"words": True})  # (name, label)
    causes: tuple[tuple[str, str], ...] = field(metadata={"words": True})  # (name, label)
    categories: tuple[str, ...] = field(metadata={"words": True})

    def __len__(self) -> int:
        return len(self.output)

    def gap(self, metric: int) -> NDArray[np.float32]:
        return self.machine[:, metric] - self.human[:, metric]

    def packed(self) -> bytes:
        words = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata}
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if not f.metadata}
        small = {
            name: array.astype(np.int32) if array.dtype == np.int64 else array
            for name, array in arrays.items()
            if name not in ("output", "segment")
        }
        text = json.dumps(words, ensure_ascii=False).encode("utf-8")
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, **{**arrays, **small}, words=np.frombuffer(text, dtype=np.uint8)
        )
        return buffer.getvalue()


def unpacked(content: bytes) -> Outputs | None:
    """What `packed` made; None where other code made it, with other columns."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    words = json.loads(arrays.pop("words").tobytes().decode("utf-8"))
    if {*arrays, *words} != {f.name for f in fields(Outputs)}:
        return None
    for name in ("metrics", "causes"):
        words[name] = [tuple(pair) for pair in words[name]]
    arrays = {
        name: array.astype(np.int64) if array.dtype == np.int32 else array
        for name, array in arrays.items()
    }
    return Outputs(**arrays, **{name: tuple(texts) for name, texts in words.items()})


def newest_table(campaign: Campaign, *, with_excluded: bool = False) -> GapTable | None:
    """The table of the campaign's last finished report of a kind, without its content; one query.

    with_excluded : of the report with, or without, the ratings of excluded annotators
    """
    tables = GapTable.objects.filter(report__campaign=campaign, report__state=Job.State.DONE)
    its = Q(report__data_version__endswith=WITH_EXCLUDED)
    tables = tables.filter(its) if with_excluded else tables.exclude(its)
    return tables.select_related("report").defer("content", "report__payload").last()


def keep_outputs(run: ReportRun) -> None:
    """Make the run's table; tables of the campaign's older reports of its kind are let go of."""
    from metrics.analyses.gap_table import build_outputs

    with_excluded = run.data_version.endswith(WITH_EXCLUDED)
    content = build_outputs(run.campaign, with_excluded=with_excluded).packed()
    GapTable.objects.update_or_create(
        report=run, defaults={"content": content, "made_at": timezone.now()}
    )
    older = GapTable.objects.filter(report__campaign=run.campaign, report__lt=run.pk)
    its = Q(report__data_version__endswith=WITH_EXCLUDED)
    (older.filter(its) if with_excluded else older.exclude(its)).delete()


def outputs_of(table: GapTable) -> Outputs | None:
    """The table's columns; one query the first time, none while they are remembered."""
    return _outputs(table.pk, table.made_at)


@lru_cache(maxsize=MOST_KEPT)
def _outputs(pk: int, made_at: Any) -> Outputs | None:
    return unpacked(bytes(GapTable.objects.values_list("content", flat=True).get(pk=pk)))


class Filter(NamedTuple):
    """What an address asks for; "" is everything, unknown values too."""

    metric: str = ""  # the first where it is not named
    quadrant: str = ""
    cause: str = ""  # a registry name, or NO_CAUSE
    domain: str = ""
    system: str = ""
    length: str = ""
    error: str = ""  # a category that was marked in the output
    direction: str = ""  # "over" the metric ranks higher than people, "under" lower
    least: float = 0.0  # size of the gap
    sort: str = "size"
    with_excluded: str = ""  # "1": of the report with excluded annotators
    picked: tuple[str, ...] = ()  # what was selected in a report's figures: see metrics.picks

    def query(self) -> str:
        """The same filter as an address has it, the same text for the same filter."""
        asked: list[tuple[str, str]] = []
        for name, value in self._asdict().items():
            if isinstance(value, tuple):
                asked += [(name, one) for one in value]
            elif value not in ("", 0.0) and (name, value) != ("sort", "size"):
                asked.append((name, f"{value:g}" if isinstance(value, float) else value))
        return urlencode(asked, safe=SEPARATOR)


def filter_from(asked: QueryDict) -> Filter:
    """From an address's parameters; what cannot be understood is left out."""
    words = {name: str(asked.get(name, ""))[:200] for name in CHOICES}
    sort = asked.get("sort", "")
    try:
        least = min(2.0, max(0.0, float(asked.get("least") or 0)))
    except ValueError:
        least = 0.0
    return Filter(
        **words,
        least=least if least == least else 0.0,
        sort=sort if sort in SORTS else "size",
        with_excluded="1" if asked.get("with_excluded") == "1" else "",
        picked=picks_from(asked.getlist("picked")),
    )


def metric_place(outputs: Outputs, name: str) -> int:
    names = [metric for metric, _label in outputs.metrics]
    return names.index(name) if name in names else 0


def chosen(outputs: Outputs, asked: Filter) -> NDArray[np.int64]:
    """Rows that the filter lets through, in the order it asks for."""
    if not len(outputs) or not outputs.metrics:
        return np.zeros(0, dtype=np.int64)
    metric = metric_place(outputs, asked.metric)
    gap = outputs.gap(metric)
    keep = np.isfinite(gap) & (np.abs(gap) >= asked.least)
    keep &= _is(outputs.quadrant[:, metric], QUADRANTS, asked.quadrant)
    keep &= _is(outputs.domain, outputs.domains, asked.domain)
    keep &= _is(outputs.system, outputs.systems, asked.system)
    keep &= _is(outputs.band, BANDS, asked.length)
    keep &= _with_cause(outputs, asked.cause)
    if asked.picked:
        keep &= _picked(outputs, asked.picked)
    if asked.error in outputs.categories:
        keep &= outputs.marked[:, outputs.categories.index(asked.error)]
    if asked.direction in ("over", "under"):
        keep &= gap > 0 if asked.direction == "over" else gap < 0
    rows = np.flatnonzero(keep)
    by = {"gap": gap, "-gap": -gap, "size": -np.abs(gap), "place": outputs.line}[asked.sort]
    return rows[np.argsort(by[rows], kind="stable")]


def _is(codes: NDArray[np.int64], names: tuple[str, ...], wanted: str) -> Any:
    return codes == names.index(wanted) if wanted in names else True


def _picked(outputs: Outputs, picks: tuple[str, ...]) -> Any:
    return picked(
        picks,
        system=outputs.system,
        systems=outputs.systems,
        domain=outputs.domain,
        domains=outputs.domains,
        keys=outputs.keys,
    )


def _with_cause(outputs: Outputs, wanted: str) -> Any:
    names = [name for name, _label in outputs.causes]
    if wanted == NO_CAUSE:
        return outputs.main < 0
    return outputs.has[:, names.index(wanted)] if wanted in names else True


def cause_counts(outputs: Outputs, rows: NDArray[np.int64]) -> dict[str, int]:
    """How many of the rows have each cause; NO_CAUSE counts those without any."""
    counts = outputs.has[rows].sum(axis=0).tolist()
    found = {name: n for (name, _label), n in zip(outputs.causes, counts, strict=True)}
    return found | {NO_CAUSE: int((outputs.main[rows] < 0).sum())}
