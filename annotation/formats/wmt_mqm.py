"""WMT's MQM table (google/wmt-mqm-human-evaluation): one row per marked error.

Columns system, doc, doc_id, seg_id, rater, source, target, category, severity; the error stands
between <v> and </v> in the source or in the target. An error-free output has one row `No-error`.
The segment's key is `seg_id` unless --map says otherwise.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.protocols.mqm import SEVERITIES
from common.tables import Row, Table
from models_app.models import Output

TAG = re.compile(r"</?v>")
MARKED = re.compile(r"<v>(.*?)</v>", re.DOTALL)


class Place(NamedTuple):
    start: int | None
    end: int | None
    quoted: str


@FORMATS.register("wmt-mqm")
class WmtMqm(RatingFormat):
    label = "WMT MQM: system, seg_id, rater, source, target, category, severity"
    default_protocol = "mqm"
    required = ["system", "rater", "source", "target", "category", "severity"]

    def judgements(self, table: Table) -> Iterator[Judgement]:
        found: dict[tuple[str, int], Judgement] = {}
        self.n_moved = self.n_lost = 0
        key_field = "key" if "key" in table.columns else "seg_id"
        for row in table.rows(required=[*self.required, key_field]):
            place = self.place(row, key_field)
            if place is None:
                continue
            rater, output = place
            judgement = found.setdefault(
                (rater, output.pk),
                Judgement(row.number, rater, output, {"outputs": {"0": {"errors": []}}}),
            )
            if error := self._error(row, output):
                judgement.answer["outputs"]["0"]["errors"].append(error)
        if self.n_moved:
            self.notes.append(f"{self.n_moved} spans were found again by their quoted text")
        if self.n_lost:
            self.notes.append(
                f"{self.n_lost} spans keep their quoted text only: it is not in the stored text"
            )
        yield from found.values()

    def _error(self, row: Row, output: Output) -> dict[str, Any] | None:
        severity = str(row.cells["severity"] or "").strip().lower()
        category = str(row.cells["category"] or "").strip()
        if "no-error" in (severity, category.lower()):
            return None
        if severity not in SEVERITIES:
            self.problems.add(
                f"no severity {severity!r}; write {', '.join(SEVERITIES)} or No-error",
                row.number,
                "severity",
            )
            return None
        source = str(row.cells["source"] or "")
        in_source = "<v>" in source
        marked = source if in_source else str(row.cells["target"] or "")
        place = self._place(marked, output.segment.source if in_source else output.text)
        return {
            "side": "source" if in_source else "target",
            "start": place.start,
            "end": place.end,
            "quoted": place.quoted,
            "category": category,
            "severity": severity,
            "note": str(row.cells.get("comment") or ""),
        }

    def _place(self, marked: str, stored: str) -> Place:
        """The marked span in the stored text, in code points [start, end)."""
        match = MARKED.search(marked)
        if match is None:
            return Place(None, None, "")
        quoted = TAG.sub("", match[1])
        start = len(TAG.sub("", marked[: match.start()]))
        if stored[start : start + len(quoted)] == quoted:
            return Place(start, start + len(quoted), quoted)
        if quoted and stored.count(quoted) == 1:
            self.n_moved += 1
            start = stored.index(quoted)
            return Place(start, start + len(quoted), quoted)
        self.n_lost += 1
        return Place(None, None, quoted)
