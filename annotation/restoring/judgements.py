"""What belongs to one campaign is stored: annotators, items, the log and the ratings."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

from annotation.guesses import restore_guesses
from annotation.interchange.stored import NAMESPACE, error_span
from annotation.models import (
    Campaign,
    ErrorSpan,
    Item,
    ItemOutput,
    Rating,
    RatingEvent,
    RatingScore,
)
from annotation.restoring.lines import LARGEST, Lines
from annotation.restoring.texts import Texts
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row
from models_app.loading.common import Loaded, chunks


class Judgements:
    """Writes a new campaign, kind by kind."""

    def __init__(self, campaign: Campaign, texts: Texts, problems: Problems) -> None:
        campaign.save()
        self.campaign = campaign
        self.protocol = campaign.protocol_object
        self.texts = texts
        self.lines = Lines(campaign, texts)
        self.problems = problems
        self.loaded = Loaded()
        self.n_other_scores = 0

    def take(self, kind: str, rows: list[Row]) -> None:
        takers: dict[str, Callable[[Row], models.Model]] = {
            "annotator": self.lines.annotator,
            "place": self.lines.place,
            "participation": self.lines.participation,
            "item": self.lines.item,
            "assignment": self.lines.assignment,
            "event": self.lines.event,
            "rating": self.lines.rating,
            "second_thought": self.lines.second_thought,
            "remark": self.lines.remark,
        }
        if kind not in takers:
            known = ", ".join((*self.texts.KINDS, *takers))
            self.problems.add(f"no line is a {shown(kind)}; known: {known}", rows[0].number)
            return
        self.lines.prepare(kind, rows)
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
        self._link_controls()
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

    def _link_controls(self) -> None:
        """A control may stand before the item that it repeats or damages."""
        for controls in chunks(iter(self.lines.controls)):
            named = {place for position, origin, _ in controls for place in (position, origin)}
            known = [place for place in named if type(place) is int and 0 <= place < LARGEST]
            items = {one.position: one for one in self.campaign.items.filter(position__in=known)}
            linked = []
            for position, origin, row in controls:
                if type(origin) is not int or origin not in items or origin == position:
                    self.problems.add(
                        f"the file has no other item {shown(origin)}", row, "control_of"
                    )
                    continue
                items[position].origin = items[origin]
                linked.append(items[position])
            self.problems.raise_if_any()
            Item.objects.bulk_update(linked, ["origin"])

    def _make_keys_free(self, events: list[RatingEvent]) -> None:
        """An event that is stored with another campaign gets another key here."""
        keys = [event.key for event in events]
        if RatingEvent.objects.filter(key__in=keys).exists():
            for event in events:
                event.key = uuid.uuid5(NAMESPACE, f"{self.campaign.name}/{event.key}")

    def _store_slots(self, items: list[Item]) -> None:
        ItemOutput.objects.bulk_create(
            ItemOutput(item=item, output=output, slot=slot, changed_text=text)
            for item in items
            for slot, (output, text) in enumerate(
                zip(
                    self.lines.outputs[item.position],
                    self.lines.changed[item.position],
                    strict=True,
                )
            )
        )

    def _store_scores(self, rows: list[Row], ratings: list[Rating]) -> None:
        scores, spans = [], []
        for row, rating in zip(rows, ratings, strict=True):
            outputs = self.lines.outputs[rating.item.position]
            changed = self.lines.changed[rating.item.position]
            found = []
            if rating.is_complete:
                found = list(self.protocol.scores(rating.answer, len(outputs)))
                spans += [
                    error_span(rating, outputs[span.slot], span, changed[span.slot])
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
            item = self.lines.items[row.cells["of_item"]]
            cells = {"rater": row.cells["annotator"], "key": item.segment.key}
            cells |= {f"{s.criterion} {s.slot + 1}": f"{s.value:g}" for s in scores}
            self.loaded.sample.append(cells)
