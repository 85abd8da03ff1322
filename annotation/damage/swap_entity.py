"""Numbers, days, months and names exchanged, or a number with another digit."""

import random
import unicodedata
from collections.abc import Sequence
from itertools import combinations

import regex
from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import Damage, Edit, Plan, how_many, seen, severity_at, words_in
from annotation.spans import Span, unit_bounds
from common.languages import COMMON_WORDS

CLASSES = [
    frozenset(names.split())
    for names in (
        "दोन तीन चार पाच सहा सात आठ नऊ दहा",
        "शंभर हजार लाख कोटी",
        "सोमवार मंगळवार बुधवार गुरुवार शुक्रवार शनिवार रविवार",
        "सोमवारी मंगळवारी बुधवारी गुरुवारी शुक्रवारी शनिवारी रविवारी",
        "जानेवारी फेब्रुवारी मार्च एप्रिल मे जून जुलै ऑगस्ट सप्टेंबर ऑक्टोबर नोव्हेंबर डिसेंबर",
        "पाँच छह नौ दस ग्यारह बारह",
        "मंगलवार गुरुवार बृहस्पतिवार",
        "जनवरी फ़रवरी अप्रैल जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
        "ceathair cúig seacht ocht naoi deich",
        "Luain Máirt Céadaoin Déardaoin Sathairn Domhnaigh",
        "Eanáir Feabhra Márta Aibreán Bealtaine Meitheamh Iúil Lúnasa Samhain Nollaig",
        "two three four five six seven eight nine ten",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "January February March April June July August September October November December",
    )
]
_NUMBER = regex.compile(r"\p{Nd}+(?:[.,:/]\p{Nd}+)*")
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}]+")
_SENTENCE_START = regex.compile(r"(?:^|[.!?…:।\n])[^\p{L}\p{N}]*$")


@DAMAGES.register("swap_entity")
class SwapEntity(Damage):
    """One wrong fact is major, several are critical."""

    label = _("numbers or names exchanged")
    severities = ("major", "critical")

    def fits(self, text: str, source: str, language: str) -> bool:
        return bool(_swaps(text) or _numbers(text) or _class_words(text))

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        changes = [[Edit(*span, _other_number(text[slice(*span)], rng))] for span in _numbers(text)]
        changes += [
            [Edit(*span, rng.choice(sorted(members - {text[slice(*span)]})))]
            for span, members in _class_words(text)
        ]
        changes += _swaps(text)
        rng.shuffle(changes)
        n = how_many(strength, len(changes)) if severity_at(strength) == "critical" else 1
        chosen: list[list[Edit]] = []
        for change in changes:
            taken = [edit for done in chosen for edit in done]
            if len(chosen) < n and not any(_overlap(a, b) for a in taken for b in change):
                chosen.append(change)
        edits = sorted(edit for change in chosen for edit in change)
        return Plan(edits, "critical" if len(chosen) > 1 else "major")


def _numbers(text: str) -> list[Span]:
    bounds = set(unit_bounds(text))
    spans = (match.span() for match in _NUMBER.finditer(text))
    return [span for span in spans if set(span) <= bounds]


def _class_words(text: str) -> list[tuple[Span, frozenset[str]]]:
    return [
        (span, members)
        for span in words_in(text)
        for members in CLASSES
        if text[slice(*span)] in members
    ]


def _names(text: str) -> list[Span]:
    """Capitalised words that do not start a sentence; scripts without capitals have none."""
    return [
        (start, end)
        for start, end in words_in(text)
        if _NAME.fullmatch(text, start, end)
        and text[start:end].casefold() not in COMMON_WORDS["en"] | COMMON_WORDS["ga"]
        and not _SENTENCE_START.search(text, 0, start)
    ]


def _swaps(text: str) -> list[list[Edit]]:
    """Pairs of neighbouring numbers, or of names, that read differently."""
    return [
        [Edit(*one, text[slice(*other)]), Edit(*other, text[slice(*one)])]
        for group in (_numbers(text), _names(text))
        for one, other in combinations(group[:8], 2)
        if seen(text[slice(*one)]) != seen(text[slice(*other)])
    ]


def _other_number(number: str, rng: random.Random) -> str:
    """The number with one other digit of the same script, of the same length."""
    places = [place for place, char in enumerate(number) if char.isdecimal()]
    place = rng.choice(places)
    old = unicodedata.decimal(number[place])
    zero = ord(number[place]) - old
    digit = rng.choice([d for d in range(place == 0, 10) if d != old])
    return number[:place] + chr(zero + digit) + number[place + 1 :]


def _overlap(a: Edit, b: Edit) -> bool:
    return a.start < b.end and b.start < a.end
