"""What every protocol answers: how an item is made up, what an answer is, what it is worth."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from django import forms

from common.errors import BadInput

Answer = dict[str, Any]


class Score(NamedTuple):
    """A number for one output of an item, in the protocol's own unit."""

    slot: int
    criterion: str
    value: float


class Span(NamedTuple):
    """A marked error; code points [start, end) of the slot's output or of the source."""

    slot: int
    side: str
    start: int | None
    end: int | None
    quoted: str
    category: str
    severity: str
    note: str = ""


class Texts(NamedTuple):
    """What an item shows: the source, and each slot's output."""

    source: str
    outputs: Sequence[str]


class CheckedAnswer(NamedTuple):
    """An answer fit to store: cleaned, and complete or a draft."""

    answer: Answer
    is_complete: bool


class AnnotationProtocol(ABC):
    """One protocol with a campaign's options. Subclasses register under a name.

    Answers speak of slots, an item's canonical order of outputs; the order that an annotator saw
    is translated before it comes here.
    """

    label: ClassVar[Any]
    unit: ClassVar[str]  # what a score is counted in, say "points, 0-6"
    direction: ClassVar[Literal["higher", "lower"]] = "higher"  # which score is better
    level: ClassVar[Literal["nominal", "ordinal", "interval", "ratio"]]  # for agreement
    main_criterion: ClassVar[str]  # what systems are ranked by
    compares: ClassVar[bool] = False  # an item shows all systems' outputs of a segment
    annotatable: ClassVar[bool] = True  # has a page; false where ratings can only be imported
    template: ClassVar[str] = ""  # partial with the form
    scripts: ClassVar[tuple[str, ...]] = ()  # ES modules that the form needs
    styles: ClassVar[tuple[str, ...]] = ()  # style sheets that the form needs

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self.options = dict(options or {})
        self.check_options()

    def check_options(self) -> None:  # noqa: B027 - most protocols have nothing to check
        """Raise BadInput where a campaign's options do not fit this protocol."""

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        """The options that the campaign's form asks for, none of them required."""
        return {}

    @classmethod
    def options_from(cls, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """A campaign's options from the form's values; language is that of the outputs."""
        return {name: value for name, value in given.items() if value not in (None, "", False)}

    def criteria(self) -> list[str]:
        """Names of the numbers that a complete answer gives to an output."""
        return [self.main_criterion]

    @abstractmethod
    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        """The answer without what is not the protocol's; BadInput for a value not allowed."""

    def check_places(self, answer: Answer, texts: Texts) -> Answer:
        """A checked answer whose spans fit the item's texts; BadInput where they cannot."""
        return answer

    def form(self, language: str) -> dict[str, Any]:
        """What the page's partial needs, worded in one language."""
        return {}

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        """The keys of the form, with what each does."""
        return []

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        """The answer in a posted form, whose outputs are numbered as they were shown."""
        return {}

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        """Field names and values that show a stored answer again; the inverse of read_form."""
        return {}

    def answer_for_score(self, value: Any) -> Answer:
        """The answer on a single output that one number stands for; BadInput where it cannot."""
        raise BadInput(f"a rating of {self.label} is more than one score; use another format")

    @abstractmethod
    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        """The numbers of a complete answer; none for "cannot judge" and "not applicable"."""

    def spans(self, answer: Answer, n_outputs: int) -> Sequence[Span]:
        """The errors marked in an answer."""
        return ()
