"""What of people's answers may leave the site, as each of them said in their profile."""

from typing import Any

from django.db.models import Case, F, TextField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.models import Annotator, Campaign, Participation, Rating
from annotation.protocols.base import Answer
from common.errors import Conflict


def leaving(rows: Any, annotator: str = "annotator") -> Any:
    """The rows of a queryset that may go; `annotator` is how they name whose they are."""
    return rows.exclude(**{f"{annotator}__withholds_answers": True})


def silent(campaign: Campaign) -> set[int]:
    """The annotators of this campaign whose notes stay."""
    rated = Rating.objects.filter(item__campaign=campaign).values("annotator")
    kept = Annotator.objects.filter(withholds_notes=True, pk__in=rated)
    return set(kept.values_list("pk", flat=True))


def note_that_leaves(note: str, annotator: str) -> Case:
    """A column of notes, empty where they stay; both are paths from the rows."""
    stays = When(**{f"{annotator}__withholds_notes": True}, then=Value(""))
    return Case(stays, default=F(note), output_field=TextField())


def without_notes(answer: Answer) -> Answer:
    """The same answer with no word of its annotator's own."""

    def blank(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: "" if k == "note" else blank(v) for k, v in value.items()}
        return [blank(one) for one in value] if isinstance(value, list) else value

    blanked: Answer = blank(answer)
    return blanked


def check_all_leave(campaign: Campaign, *, with_excluded: bool) -> None:
    """Raise Conflict where somebody whose answers a report counts does not let them leave."""
    rated = Rating.objects.filter(item__campaign=campaign).values("annotator")
    kept = Annotator.objects.filter(withholds_answers=True, pk__in=rated)
    if not with_excluded:
        out = Participation.objects.excluded().filter(campaign=campaign)
        kept = kept.exclude(pk__in=out.values("annotator"))
    if n := kept.count():
        codes = ", ".join(kept.order_by("code").values_list("code", flat=True)[:5])
        told = ngettext(
            "%(n)s annotator does not let answers leave the site (%(codes)s).",
            "%(n)s annotators do not let answers leave the site (%(codes)s).",
            n,
        )
        raise Conflict(
            told % {"n": n, "codes": codes}
            + " "
            + _("Exclude them from the results, or ask them; then make the file again.")
        )
