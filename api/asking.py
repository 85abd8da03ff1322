"""What may stand in an address after the question mark: declared, checked, then used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.request import Request

from api.errors import Unprocessable
from common.problems import shown

BIGGEST = 2**63 - 1
TRUE, FALSE = ("1", "true", "yes"), ("0", "false", "no")
LONGEST = 200


@dataclass(frozen=True)
class Parameter:
    """One name in the address. lookup : the queryset filter that it becomes, if it is one."""

    name: str
    about: str
    lookup: str = ""

    def read(self, text: str) -> Any:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": LONGEST}

    def refused(self, text: str, wanted: str) -> Unprocessable:
        told = _("%(value)s cannot be %(name)s; write %(wanted)s.") % {
            "value": shown(text),
            "name": self.name,
            "wanted": wanted,
        }
        return Unprocessable(told, {self.name: [told]})


@dataclass(frozen=True)
class Text(Parameter):
    def read(self, text: str) -> str:
        if len(text) > LONGEST or "\0" in text:
            raise self.refused(text, _("a short text"))
        return text


@dataclass(frozen=True)
class Number(Parameter):
    low: int = 1
    high: int = BIGGEST

    def read(self, text: str) -> int:
        wanted = _("a whole number from %(low)s to %(high)s") % {"low": self.low, "high": self.high}
        is_plain = text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20
        if not is_plain or not self.low <= int(text) <= self.high:
            raise self.refused(text, wanted)
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Flag(Parameter):
    def read(self, text: str) -> bool:
        if text.lower() in TRUE:
            return True
        if text.lower() in FALSE:
            return False
        raise self.refused(text, _("1 or 0"))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["1", "0", "true", "false", "yes", "no"]}


@dataclass(frozen=True)
class Choice(Parameter):
    choices: Sequence[str] = field(default=())

    def read(self, text: str) -> str:
        if text not in self.choices:
            raise self.refused(text, _("one of %(names)s") % {"names": ", ".join(self.choices)})
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True)
class Moment(Parameter):
    def read(self, text: str) -> datetime:
        try:
            found = parse_datetime(text.replace(" ", "+"))  # a plus sign, where it was not escaped
        except ValueError:
            found = None
        if found is None or found.tzinfo is None or not 1 < found.year < 9999:
            raise self.refused(text, _("a time with its zone, say 2026-01-31T12:00:00Z"))
        return found

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


WITH_EXCLUDED = Flag("with_excluded", "1: with the ratings of excluded annotators.")
PAGING = (
    Number("after", "Go on after this id; `next` in the answer has it already."),
    Number("limit", "Rows a page.", low=1, high=200),
    Choice("order", "By time of making: newest (the default) or oldest.", "", ("newest", "oldest")),
)
USUAL_LIMIT = 50
NEXT_KEYS = (1000, 10_000)  # of a long table, looked through for a page


def asked(request: Request, parameters: Iterable[Parameter]) -> dict[str, Any]:
    """What the address asks for, by name; a wrong name or value is refused with a sentence."""
    known = {parameter.name: parameter for parameter in parameters}
    found = {}
    for name in request.query_params:
        if name not in known:
            names = ", ".join(known) or _("none")
            told = _("There is no parameter %(name)s here; known: %(names)s.") % {
                "name": shown(name),
                "names": names,
            }
            raise Unprocessable(told, {name[:100]: [told]})
        found[name] = known[name].read(request.query_params[name])
    return found


def filtered(rows: QuerySet, parameters: Iterable[Parameter], given: dict[str, Any]) -> QuerySet:
    lookups = {p.lookup: given[p.name] for p in parameters if p.lookup and p.name in given}
    return rows.filter(**lookups) if lookups else rows


def page_of(
    rows: QuerySet, given: dict[str, Any], *, long: bool = False
) -> tuple[list[Any], int | None]:
    """One page by primary key, and where the next begins; rows added meanwhile shift nothing.

    long : the rows may be a million of a table's; they are looked for among its next keys first,
        as a database may otherwise sort them all
    """
    limit = given.get("limit", USUAL_LIMIT)
    oldest_first = given.get("order") == "oldest"
    beyond = {"pk__gt" if oldest_first else "pk__lt": given["after"]} if "after" in given else {}
    rows = rows.filter(**beyond).order_by("pk" if oldest_first else "-pk")
    found = _among_next_keys(rows, beyond, limit + 1) if long else None
    if found is None:
        found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1].pk


def _among_next_keys(rows: QuerySet, beyond: dict[str, int], n: int) -> list[Any] | None:
    """The first n rows, where enough of the table's next keys are theirs; else None."""
    keys = rows.model._base_manager.filter(**beyond).order_by(*rows.query.order_by)
    for size in NEXT_KEYS:
        some = list(keys.values_list("pk", flat=True)[:size])
        found = list(rows.filter(pk__in=some)[:n])
        if len(found) == n or len(some) < size:
            return found
    return None
