"""What belongs to one campaign: its annotators, items, assignments, events and ratings."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

from annotation.formats.nikash import FIELDS
from annotation.guesses import restore_guesses
from annotation.interchange.rows import from_json
from annotation.interchange.shapes import check_shape
from annotation.interchange.stored import NAMESPACE, error_span
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    ErrorSpan,
    Item,
    ItemOutput,
    Place,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.restoring.texts import Texts
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row
from models_app.loading.common import Loaded
from models_app.models import Output

NAMES = ("record", "key", "outputs", "annotator", "of_item", "scores")


class Judgements:
    """Writes a new campaign. Items are known by their positions, annotators by their codes."""

    def __init__(self, campaign: Campaign, texts: Texts, problems: Problems) -> None:
        campaign.save()
        self.campaign = campaign
        self.protocol = campaign.protocol_object
        self.texts = texts
        self.problems = problems
        self.loaded = Loaded()
        self.annotators: dict[str, Annotator] = {}
        self.items: dict[int, Item] = {}
        self.outputs: dict[int, list[Output]] = {}
        self.seen: set[tuple[Any, ...]] = set()
        self.n_other_scores = 0

    def take(self, kind: str, rows: list[Row]) -> None:
        takers: dict[str, Callable[[Row], models.Model]] = {
            "annotator": self._annotator,
            "place": self._place,
            "item": self._item,
            "assignment": self._assignment,
            "event": self._event,
            "rating": self._rating,
        }
        if kind not in takers:
            known = ", ".join((*self.texts.KINDS, *takers))
            self.problems.add(f"no line is a {shown(kind)}; known: {known}", rows[0].number)
            return
        new = []
        for row in rows:
            try:
                new.append(takers[kind](row))
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, problem.column)
        if not self.problems.n:
            self._store(kind, rows, new)

    def _store(self, kind: str, rows: list[Row], new: list[Any]) -> None:
        if kind == "event":
            self._make_keys_free(new)
        type(new[0])._default_manager.bulk_create(new)
        if kind == "item":
            self._store_slots(new)
        elif kind == "rating":
            self._store_scores(rows, new)

    def finish(self, head: Mapping[str, Any]) -> None:
        names = head.get("systems")
        known = self.texts.systems
        if not isinstance(names, list) or not all(
            isinstance(name, str) and name in known for name in names
        ):
            self.problems.add("are not all described in the file", 1, "systems")
            self.problems.raise_if_any()
        self.campaign.systems.set(known[name] for name in names)
        restore_guesses(self.campaign)
        if self.n_other_scores:
            self.loaded.notes.append(
                f"{self.n_other_scores} ratings have other scores here than in the file"
            )

    def _annotator(self, row: Row) -> Annotator:
        annotator = Annotator(scope=self.campaign.name, **self._values(row, "annotator"))
        self._once(row, "code", "annotator", annotator.code)
        self.annotators[annotator.code] = annotator
        return annotator

    def _place(self, row: Row) -> Place:
        annotator = self._annotator_of(row)
        self._once(row, "annotator", "place", annotator.code)
        return Place(campaign=self.campaign, annotator=annotator, **self._values(row, "place"))

    def _item(self, row: Row) -> Item:
        segment = self.texts.segment(row)
        names = row.cells.get("outputs")
        if not isinstance(names, list) or not names:
            raise BadInput("is no list of systems", column="outputs")
        outputs = [
            self.texts.outputs.get((name, segment.key)) if isinstance(name, str) else None
            for name in names
        ]
        if None in outputs or len(set(names)) < len(names):
            raise BadInput(
                f"{shown(names)} are not systems with an output for {shown(segment.key)}",
                column="outputs",
            )
        item = Item(campaign=self.campaign, segment=segment, **self._values(row, "item"))
        self._once(row, "position", "item", item.position)
        self.items[item.position] = item
        self.outputs[item.position] = outputs
        return item

    def _assignment(self, row: Row) -> Assignment:
        names = self._item_and_annotator(row, "assignment")
        assignment = Assignment(**names, **self._values(row, "assignment"))
        n_outputs = len(self.outputs[names["item"].position])
        order = assignment.order
        if not isinstance(order, list) or not all(slot in range(n_outputs) for slot in order):
            raise BadInput(f"{shown(order)} is no order of {n_outputs} outputs", column="order")
        return assignment

    def _event(self, row: Row) -> RatingEvent:
        values = from_json(
            {k: v for k, v in row.cells.items() if k == "key" or k not in NAMES}, FIELDS["event"]
        )
        if not isinstance(values["answer"], dict):
            raise BadInput("is no object", column="answer")
        self._once(row, "key", "event", values["key"])
        item, annotator = self._item_of(row), self._annotator_of(row)
        return RatingEvent(item=item, annotator=annotator, **values)

    def _rating(self, row: Row) -> Rating:
        names = self._item_and_annotator(row, "rating")
        rating = Rating(**names, **self._values(row, "rating"))
        outputs = self.outputs[names["item"].position]
        check_shape(self.protocol, rating.answer, len(outputs), is_complete=rating.is_complete)
        return rating

    def _make_keys_free(self, events: list[RatingEvent]) -> None:
        """An event that is stored with another campaign gets another key here."""
        keys = [event.key for event in events]
        if RatingEvent.objects.filter(key__in=keys).exists():
            for event in events:
                event.key = uuid.uuid5(NAMESPACE, f"{self.campaign.name}/{event.key}")

    def _store_slots(self, items: list[Item]) -> None:
        ItemOutput.objects.bulk_create(
            ItemOutput(item=item, output=output, slot=slot)
            for item in items
            for slot, output in enumerate(self.outputs[item.position])
        )

    def _store_scores(self, rows: list[Row], ratings: list[Rating]) -> None:
        scores, spans = [], []
        for row, rating in zip(rows, ratings, strict=True):
            outputs = self.outputs[rating.item.position]
            found = []
            if rating.is_complete:
                found = list(self.protocol.scores(rating.answer, len(outputs)))
                spans += [
                    error_span(rating, outputs[span.slot], span)
                    for span in self.protocol.spans(rating.answer, len(outputs))
                ]
            scores += [
                RatingScore(
                    rating=rating,
                    output=outputs[score.slot],
                    criterion=score.criterion,
                    value=score.value,
                )
                for score in found
            ]
            self.n_other_scores += row.cells.get("scores") != sorted(map(list, found))
            self._see(row, found)
        RatingScore.objects.bulk_create(scores)
        ErrorSpan.objects.bulk_create(spans)

    def _see(self, row: Row, scores: list[Any]) -> None:
        self.loaded.n_rows += 1
        self.loaded.n_new += 1
        if len(self.loaded.sample) < Loaded.SAMPLE:
            item = self.items[row.cells["of_item"]]
            cells = {"rater": row.cells["annotator"], "key": item.segment.key}
            cells |= {f"{s.criterion} {s.slot + 1}": f"{s.value:g}" for s in scores}
            self.loaded.sample.append(cells)

    def _values(self, row: Row, kind: str) -> dict[str, Any]:
        return from_json({k: v for k, v in row.cells.items() if k not in NAMES}, FIELDS[kind])

    def _once(self, row: Row, column: str, *name: Any) -> None:
        if name in self.seen:
            raise BadInput(f"{shown(name[-1])} stands twice in the file", column=column)
        self.seen.add(name)

    def _item_and_annotator(self, row: Row, kind: str) -> dict[str, Any]:
        item, annotator = self._item_of(row), self._annotator_of(row)
        self._once(row, "annotator", kind, item.position, annotator.code)
        return {"item": item, "annotator": annotator}

    def _item_of(self, row: Row) -> Item:
        position = row.cells.get("of_item")
        if type(position) is not int or position not in self.items:
            raise BadInput(f"the file has no item {shown(position)} before", column="of_item")
        return self.items[position]

    def _annotator_of(self, row: Row) -> Annotator:
        code = row.cells.get("annotator")
        if not isinstance(code, str) or code not in self.annotators:
            raise BadInput(f"the file has no annotator {shown(code)} before", column="annotator")
        return self.annotators[code]
