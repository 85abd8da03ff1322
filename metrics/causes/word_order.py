"""The reference's words in another order, where the language leaves the order free."""

from rapidfuzz.distance import Indel

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding
from metrics.causes.spelling import unpaired


@CAUSES.register("word_order")
class WordOrder(Cause):
    label = words.gettext_noop("Word order")
    about = words.gettext_noop(
        "overlap of the words whatever their order, less their overlap in order"
    )
    shown_from = 0.25
    rank = 35

    def find(self, case: Case) -> Finding:
        ours, theirs = case.folded_reference, case.folded_output
        if len(ours) < 2 or len(theirs) < 2:
            return NOTHING
        in_order = 1 - Indel.normalized_distance(ours, theirs)
        strength = case.overlap - in_order
        if strength < 1e-9:
            return NOTHING
        moved = _moved(ours, theirs)
        return Finding(
            strength,
            words.gettext(
                "The output has %(overlap)s of the words, but %(in_order)s in the reference's "
                "order; moved: %(words)s.",
                overlap=f"{case.overlap:.0%}",
                in_order=f"{in_order:.0%}",
                words=" … ".join(moved[:5]),
            ),
            tuple(moved[:5]),
        )


def _moved(ours: list[str], theirs: list[str]) -> list[str]:
    """Words that both have, but not in the same order."""
    deleted = [ours[step.src_pos] for step in Indel.editops(ours, theirs) if step.tag == "delete"]
    missing, _extra = unpaired(ours, theirs)
    moved = []
    for word in deleted:
        if missing[word]:
            missing[word] -= 1
        else:
            moved.append(word)
    return moved
