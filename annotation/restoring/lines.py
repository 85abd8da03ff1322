"""Lines of one campaign as rows that are not stored yet, each checked against those before it."""

from typing import Any

from annotation.formats.nikash import FIELDS
from annotation.interchange.rows import from_json
from annotation.interchange.shapes import check_shape
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Item,
    ItemOutput,
    Participation,
    Place,
    Rating,
    RatingEvent,
    Remark,
    SecondThought,
)
from annotation.restoring.texts import Texts
from common.errors import BadInput
from common.problems import shown
from common.shelf import Shelf
from common.tables import Row
from models_app.models import Output

LARGEST = 2**31  # positions are below

NAMES = (
    "record",
    "key",
    "outputs",
    "control_of",
    "changed_texts",
    "annotator",
    "of_item",
    "scores",
)


class Lines:
    """Items are known by their positions, annotators by their codes; BadInput for a bad line.

    `items`, `outputs`, `changed` and `ratings` are of the chunk of lines at hand alone.
    """

    def __init__(self, campaign: Campaign, texts: Texts) -> None:
        self.campaign = campaign
        self.protocol = campaign.protocol_object
        self.texts = texts
        self.annotators: dict[str, Annotator] = {}
        self.controls = Shelf()  # position to the origin's, and the row
        self.seen = Shelf()
        self._forget()

    def _forget(self) -> None:
        self.items: dict[int, Item] = {}
        self.outputs: dict[int, list[Output]] = {}
        self.changed: dict[int, list[str | None]] = {}
        self.ratings: dict[tuple[int, str], int] = {}  # keys of those that are stored

    def prepare(self, kind: str, rows: list[Row]) -> None:
        """Read what these lines speak of."""
        self._forget()
        if kind == "item":
            self.texts.read_segments(rows)
            self.texts.read_outputs()
            return
        given = (row.cells.get("of_item") for row in rows)
        positions = {one for one in given if type(one) is int and 0 <= one < LARGEST}
        items = self.campaign.items.filter(position__in=positions) if positions else ()
        self.items = {item.position: item for item in items}
        self._read_slots()
        if kind == "second_thought":
            ratings = Rating.objects.filter(item__in=self.items.values())
            names = ratings.values_list("item__position", "annotator__code", "pk")
            self.ratings = {(position, code): pk for position, code, pk in names}

    def _read_slots(self) -> None:
        places = {item.pk: position for position, item in self.items.items()}
        slots = ItemOutput.objects.filter(item__in=places).order_by("item_id", "slot")
        for slot in slots.select_related("output__segment"):
            self.outputs.setdefault(places[slot.item_id], []).append(slot.output)
            self.changed.setdefault(places[slot.item_id], []).append(slot.changed_text)

    def annotator(self, row: Row) -> Annotator:
        annotator = Annotator(scope=self.campaign.name, **self._values(row, "annotator"))
        self._once(row, "code", "annotator", annotator.code)
        self.annotators[annotator.code] = annotator
        return annotator

    def place(self, row: Row) -> Place:
        annotator = self._annotator_of(row)
        self._once(row, "annotator", "place", annotator.code)
        return Place(campaign=self.campaign, annotator=annotator, **self._values(row, "place"))

    def participation(self, row: Row) -> Participation:
        annotator = self._annotator_of(row)
        self._once(row, "annotator", "participation", annotator.code)
        values = self._values(row, "participation")
        return Participation(campaign=self.campaign, annotator=annotator, **values)

    def item(self, row: Row) -> Item:
        segment = self.texts.segment(row)
        names = row.cells.get("outputs")
        if not isinstance(names, list) or not names:
            raise BadInput("is no list of systems", column="outputs")
        outputs = [
            self.texts.output(name, segment.key) if isinstance(name, str) else None
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
        self.changed[item.position] = _changed_texts(row, len(outputs))
        if row.cells.get("control_of") is not None:
            self.controls.put(
                (item.position,), [item.position, row.cells["control_of"], row.number]
            )
        return item

    def assignment(self, row: Row) -> Assignment:
        names = self._item_and_annotator(row, "assignment")
        assignment = Assignment(**names, **self._values(row, "assignment"))
        n_outputs = len(self.outputs[names["item"].position])
        order = assignment.order
        if not isinstance(order, list) or not all(slot in range(n_outputs) for slot in order):
            raise BadInput(f"{shown(order)} is no order of {n_outputs} outputs", column="order")
        return assignment

    def event(self, row: Row) -> RatingEvent:
        values = from_json(
            {k: v for k, v in row.cells.items() if k == "key" or k not in NAMES}, FIELDS["event"]
        )
        if not isinstance(values["answer"], dict):
            raise BadInput("is no object", column="answer")
        self._once(row, "key", "event", values["key"])
        item, annotator = self._item_of(row), self._annotator_of(row)
        return RatingEvent(item=item, annotator=annotator, **values)

    def rating(self, row: Row) -> Rating:
        names = self._item_and_annotator(row, "rating")
        rating = Rating(**names, **self._values(row, "rating"))
        outputs = self.outputs[names["item"].position]
        check_shape(self.protocol, rating.answer, len(outputs), is_complete=rating.is_complete)
        return rating

    def second_thought(self, row: Row) -> SecondThought:
        rating = self._rating_of(row, "second_thought")
        thought = SecondThought(rating_id=rating, **self._values(row, "second_thought"))
        n_outputs = len(self.outputs[row.cells["of_item"]])
        check_shape(self.protocol, thought.answer, n_outputs, is_complete=True)
        return thought

    def remark(self, row: Row) -> Remark:
        return Remark(item=self._item_of(row), **self._values(row, "remark"))

    def _values(self, row: Row, kind: str) -> dict[str, Any]:
        return from_json({k: v for k, v in row.cells.items() if k not in NAMES}, FIELDS[kind])

    def _once(self, row: Row, column: str, *name: Any) -> None:
        if not self.seen.add((column, *map(_plain, name))):
            raise BadInput(f"{shown(name[-1])} stands twice in the file", column=column)

    def _item_and_annotator(self, row: Row, kind: str) -> dict[str, Any]:
        item, annotator = self._item_of(row), self._annotator_of(row)
        self._once(row, "annotator", kind, item.position, annotator.code)
        return {"item": item, "annotator": annotator}

    def _rating_of(self, row: Row, kind: str) -> int:
        place = (self._item_of(row).position, self._annotator_of(row).code)
        if place not in self.ratings:
            raise BadInput("the file has no such rating before", column="annotator")
        self._once(row, "annotator", kind, *place)
        return self.ratings[place]

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


def _plain(part: Any) -> str | int:
    return part if isinstance(part, int) else str(part)


def _changed_texts(row: Row, n_outputs: int) -> list[str | None]:
    given = row.cells.get("changed_texts") or [None] * n_outputs
    is_list = isinstance(given, list) and len(given) == n_outputs
    if not is_list or not all(text is None or isinstance(text, str) for text in given):
        raise BadInput(f"is no list of {n_outputs} texts", column="changed_texts")
    return given
