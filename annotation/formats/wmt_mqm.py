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
from annotation.protocols.base import AnnotationProtocol
from annotation.protocols.mqm import MQM, SEVERITIES
from common.errors import BadInput
from common.problems import shown
from common.tables import Row, Table
from models_app.loading.common import text
from models_app.models import Output

TAG = re.compile(r"</?v>")
MAX_CATEGORY = 120  # characters
OPTIONAL = ("seg_id", "doc", "doc_id", "comment")
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

    @classmethod
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        if not issubclass(protocol, MQM):
            raise BadInput(f"WMT's MQM table fits the protocol mqm, not {protocol.label}")

    def judgements(self, table: Table) -> Iterator[Judgement]:
        found: dict[tuple[str, int], Judgement] = {}
        self.n_moved = self.n_lost = 0
        key_field = "key" if "key" in table.columns else "seg_id"
        for row in table.rows([*self.required, key_field], OPTIONAL, self.problems):
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
                f"{self.n_lost} spans have no place: their text is not in the stored text"
            )
        yield from found.values()

    def _error(self, row: Row, output: Output) -> dict[str, Any] | None:
        names = ("severity", "category", "source", "target", "comment")
        cells = [text(row, name, self.problems, required=False) for name in names]
        if None in cells:
            return None
        severity, category, source, target, comment = (cell or "" for cell in cells)
        severity, category = severity.strip().lower(), category.strip()
        if "no-error" in (severity, category.lower()):
            return None
        if not self._is_known(row, severity, category):
            return None
        in_source = "<v>" in source
        marked = source if in_source else target
        place = self._place(marked, output.segment.source if in_source else output.text)
        return {
            "side": "source" if in_source else "target",
            "start": place.start,
            "end": place.end,
            "quoted": place.quoted,
            "category": category,
            "severity": severity,
            "note": comment,
        }

    def _is_known(self, row: Row, severity: str, category: str) -> bool:
        if severity not in SEVERITIES:
            self.problems.add(
                f"no severity {shown(severity)}; write {', '.join(SEVERITIES)} or No-error",
                row.number,
                "severity",
            )
            return False
        if len(category) > MAX_CATEGORY:
            self.problems.add(
                f"has {len(category)} characters; {MAX_CATEGORY} is the most",
                row.number,
                "category",
            )
            return False
        return True

    def _place(self, marked: str, stored: str) -> Place:
        """The marked span in the stored text, in code points [start, end)."""
        match = MARKED.search(marked)
        if match is None:
            self.n_lost += TAG.search(marked) is not None
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
