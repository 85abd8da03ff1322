"""Words that differ only in a spelling both sides would accept."""

from itertools import islice

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding, listed, shown
from metrics.causes.spelling import folds


@CAUSES.register("orthography")
class Orthography(Cause):
    """Same after normal form, joiners, eyelash ra, nukta, anusvara, apostrophe, digits, case."""

    label = words.gettext_noop("Spelling variant")
    about = words.gettext_noop(
        "share of the differing words that are one word in another accepted spelling"
    )
    shown_from = 0.3
    rank = 10

    def find(self, case: Case) -> Finding:
        pairs = case.variants
        if not case.reference_words or not pairs:
            return NOTHING
        evidence = shown(pairs)
        kinds = sorted({kind for pair in pairs for kind in kinds_of(*pair, case.language)})
        return Finding(
            2 * len(pairs) / case.n_differing,
            words.ngettext(
                "%(n)s word differs from the reference only in spelling (%(kinds)s): %(words)s.",
                "%(n)s words differ from the reference only in spelling (%(kinds)s): %(words)s.",
                len(pairs),
                kinds=kinds,
                words=listed(evidence, len(pairs)),
            ),
            evidence,
            2 * len(pairs) / case.n_words,
        )


def kinds_of(one: str, other: str, language: str) -> list[str]:
    """Kinds of variants that tell the two words apart: without undoing them, they differ."""
    steps = folds(language)
    needed = [name for name in steps if _differ(one, other, language, without=name)]
    alone = (name for name, fold in steps.items() if fold(one) == fold(other))
    return needed or list(islice(alone, 1))


def _differ(one: str, other: str, language: str, *, without: str) -> bool:
    for name, fold in folds(language).items():
        if name != without:
            one, other = fold(one), fold(other)
    return one != other
