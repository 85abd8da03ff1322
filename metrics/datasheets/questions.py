"""The questions of a datasheet and their answers; what is not known is said to be not recorded."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from metrics.datasheets.asking import Question
from metrics.datasheets.design import design
from metrics.datasheets.facts import Facts
from metrics.datasheets.people import annotators, ethics
from metrics.datasheets.results import criteria, results
from metrics.datasheets.study import study, systems


class Part(NamedTuple):
    title: str
    questions: list[Question]


def datasheet(facts: Facts) -> list[Part]:
    """Every part with its questions, in order."""
    parts: list[tuple[str, Callable[[Facts], Iterator[Question]]]] = [
        (_("The study"), study),
        (_("The systems and what they wrote"), systems),
        (_("Who judged"), annotators),
        (_("How they judged"), design),
        (_("What was asked"), criteria),
        (_("How sure the results are"), results),
        (_("Ethics and data protection"), ethics),
    ]
    return [Part(title, list(ask(facts))) for title, ask in parts]


def n_open(parts: Sequence[Part]) -> int:
    """Questions whose answers are not recorded."""
    return sum(not question.answers for part in parts for question in part.questions)
