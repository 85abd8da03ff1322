"""Pearmut: annotations as JSON Lines in and out, and the campaign that it would show.

A line is what one user said of one document: `annotation` has, for each of its segments, every
model's score and `error_spans`, whose `start_i` and `end_i` count UTF-16 units of the output, the
last one included. A span behind the output's end is its [missing] token.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange.errors import NOWHERE, ErrorReader, Place, from_utf16
from annotation.interchange.finding import Finder, ahead
from annotation.interchange.gathering import Gathering
from annotation.interchange.judged import Judged, Reader, judged
from annotation.interchange.losses import Words
from annotation.interchange.pearmut_writing import SLIDER, annotation_lines, campaign_json
from annotation.interchange.times import from_seconds
from annotation.interchange.writing import json_lines
from annotation.models import Campaign
from annotation.protocols.error_spans import ErrorSpanProtocol
from annotation.protocols.sqm import SQM
from annotation.spans import code_points_to_utf16
from common.errors import BadInput
from common.problems import shown
from common.tables import Row, Table
from models_app.loading.common import identifier
from models_app.models import Output

RESET = "__RESET__"
LINES = 50  # documents, each of many judgements
NOT_RATED = ("welcome_", "goodbye_", "random_")  # item_i of documents that are no data
IN_SOURCE: Words = (
    "error in the source is written as [missing], without its place",
    "errors in the source are written as [missing], without their places",
)
CARET: Words = (
    "place where something is missing is written as [missing], without saying where",
    "places where something is missing are written as [missing], without saying where",
)


@FORMATS.register("pearmut")
class Pearmut(RatingFormat):
    label = "Pearmut: annotations in JSON Lines"
    title = "Pearmut's annotations"
    default_protocol = "esa"
    protocols = ("mqm", "esa", "da", "sqm")
    keeps = frozenset({"note", "active", "time"})
    endings = ("jsonl",)

    def judgements(self, source: Table) -> Iterator[Judgement]:
        self.errors = ErrorReader(self.protocol, self.problems)
        self.finder = Finder(self.sources, self.problems)
        self.n_left_out = self.n_unscored = self.n_again = 0
        found = Gathering(self.sources)
        rows = source.rows(["user_id", "annotation"], problems=self.problems)
        for row in ahead(rows, self.problems, self._expect, LINES):
            user = identifier(row, "user_id", self.problems, limit=100)
            if user is None:
                continue
            if row.cells["annotation"] == RESET:
                of_item = row.cells.get("item_i")
                found.drop(user, *([] if of_item is None else [str(of_item)]))
            elif _is_rated(row):
                for judgement in self._of_line(row, user):
                    found.put(judgement, str(row.cells.get("item_i", "")))
            else:
                self.n_left_out += 1
        yield from self._latest(found)
        self._tell()

    def _expect(self, rows: list[Row]) -> None:
        """The outputs that these lines name by our keys."""
        self.sources.expect(
            (model, str(item.get("item_id") or ""))
            for row in rows
            if isinstance(row.cells["annotation"], list) and isinstance(row.cells.get("item"), list)
            for given, item in zip(row.cells["annotation"], row.cells["item"], strict=False)
            if isinstance(given, dict) and isinstance(item, dict)
            for model in given
        )

    def _latest(self, found: Gathering) -> Iterator[Judgement]:
        """The last judgement of every rater on every output."""
        latest = Gathering(self.sources)
        for judgement in found:
            self.n_again += latest.put_newest(judgement)
        yield from latest

    def _tell(self) -> None:
        self.notes += self.errors.notes()
        for n, words in (
            (self.n_left_out, "documents are forms, tutorials or tests of attention; left out"),
            (self.n_unscored, "annotations have no score; left out"),
            (self.n_again, "annotations were given again; the last counts"),
        ):
            if n:
                self.notes.append(f"{n} {words}")

    def _of_line(self, row: Row, user: str) -> Iterator[Judgement]:
        said, items = row.cells["annotation"], row.cells.get("item")
        for number, given in enumerate(said):
            item = items[number] if isinstance(items, list) and number < len(items) else None
            if not isinstance(given, dict) or not isinstance(item, dict):
                self.problems.add(
                    f"segment {number + 1} has no annotation by models, or no item",
                    row.number,
                    "annotation",
                )
                continue
            key, source = str(item.get("item_id") or ""), item.get("src")
            segment = self.finder.segment(
                row.number, key, source if isinstance(source, str) else None
            )
            for model, part in given.items() if segment else ():
                output = self.finder.output(row.number, model, segment.key)
                if output is not None:
                    yield from self._of_model(row, user, output, part, _target(item, model))

    def _of_model(
        self, row: Row, user: str, output: Output, part: Any, target: Any
    ) -> Iterator[Judgement]:
        try:
            if not isinstance(part, dict):
                raise BadInput(f"{shown(part)} is no annotation")
            errors = self._errors(row, part.get("error_spans") or [], output, _text(target))
            score = self._score(part)
            if score is None and not self._needs_no_score():
                self.n_unscored += 1
                return
            answer = self.errors.answer(score, errors)
            active, given_at = _times(row.cells.get("actions"))
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, "annotation")
            return
        note = _text(row.cells.get("comment")) or ""
        yield Judgement(
            row.number, user, (output,), answer, note, active_seconds=active, given_at=given_at
        )

    def _needs_no_score(self) -> bool:
        return isinstance(self.protocol, ErrorSpanProtocol) and (
            self.protocol.main_criterion == "penalty"
        )

    def _score(self, part: Mapping[str, Any]) -> Any:
        sliders = part.get("sliders")
        if isinstance(self.protocol, SQM) and isinstance(sliders, dict) and sliders:
            return sliders.get(SLIDER, next(iter(sliders.values())))
        return part.get("score")

    def _errors(
        self, row: Row, spans: Any, output: Output, text: str | None
    ) -> list[dict[str, Any]]:
        if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
            raise BadInput("error_spans is a list of objects with start_i and end_i")
        read = [
            self.errors.error(
                row.number,
                place=self._place(span, output.text if text is None else text, output.text),
                category=_text(span.get("category")) or "",
                severity=_text(span.get("severity")) or "",
            )
            for span in (spans if isinstance(self.protocol, ErrorSpanProtocol) else ())
        ]
        return [error for error in read if error]

    def _place(self, span: Mapping[str, Any], text: str, stored: str) -> Place:
        first, last = span.get("start_i"), span.get("end_i")
        end = code_points_to_utf16(text, len(text))
        if isinstance(first, int) and isinstance(last, int) and first >= end:
            return NOWHERE
        if isinstance(last, int) and last >= end:
            self.errors.counts["cut"] += 1
            last = end - 1
        start, stop = from_utf16(text, first, last)
        return self.errors.place(stored, start, stop, text[start:stop])

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {
            "campaign.json": campaign_json(campaign),
            "annotations.jsonl": json_lines(annotation_lines(campaign, read)),
        }

    @classmethod
    def lost(cls, one: Judged) -> Iterator[Words]:
        for error in one.errors:
            if error["side"] == "source":
                yield IN_SOURCE
            elif error["start"] is not None and error["start"] == error["end"]:
                yield CARET


def _is_rated(row: Row) -> bool:
    items = row.cells.get("item")
    special = str(row.cells.get("item_i", "")).startswith(NOT_RATED)
    marked = isinstance(items, list) and any(
        isinstance(item, dict) and ("validation" in item or "form" in item) for item in items
    )
    return isinstance(row.cells["annotation"], list) and not special and not marked


def _target(item: Mapping[str, Any], model: str) -> Any:
    targets = item.get("tgt")
    return targets.get(model) if isinstance(targets, dict) else None


def _text(given: Any) -> str | None:
    if given is None or isinstance(given, str):
        return given
    raise BadInput(f"{shown(given)} is no text")


def _times(actions: Any) -> tuple[float | None, Any]:
    """(seconds from the first action to the last, time of the last), where they are told."""
    times = [
        action["time"]
        for action in (actions if isinstance(actions, list) else ())
        if isinstance(action, dict) and from_seconds(action.get("time"))
    ]
    if not times:
        return None, None
    active = round(max(times) - min(times), 6) if len(times) > 1 else None
    return active, from_seconds(max(times))
