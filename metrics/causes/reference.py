"""Signs that the reference is at fault, not the output."""

from collections.abc import Iterator
from statistics import median

from rapidfuzz.distance import Indel

from metrics.causes import CAUSES, words
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding, n_seen
from metrics.causes.script import foreign_share
from metrics.causes.spelling import folding

MUCH_LONGER = 2.0  # times the outputs' median


@CAUSES.register("reference")
class Reference(Cause):
    """Empty, in another script, much longer than every output, or alone against all outputs."""

    label = words.gettext_noop("Reference suspect")
    about = words.gettext_noop(
        "the strongest of: empty; in another script; too long; outputs agree, but not with it"
    )
    rank = 70

    def find(self, case: Case) -> Finding:
        if not case.references:
            return Finding(NAN, words.gettext("there is no reference"))
        return max(_signs(case), key=lambda finding: finding.strength, default=NOTHING)


def _signs(case: Case) -> Iterator[Finding]:
    if not case.reference_words:
        yield Finding(1.0, words.gettext("The reference is empty."), (case.reference,))
        return
    yield _in_script(case)
    if case.others:
        yield _too_long(case)
        yield _alone(case)


def _in_script(case: Case) -> Finding:
    share, own = (foreign_share(text, case.language) for text in (case.reference, case.output))
    if share <= own:
        return NOTHING
    return Finding(
        share - own,
        words.gettext(
            "%(share)s of the reference's letters are in another script, %(own)s of the output's.",
            share=f"{share:.0%}",
            own=f"{own:.0%}",
        ),
        (case.reference[:60],),
    )


def _too_long(case: Case) -> Finding:
    usual = median(n_seen(text) for text in (case.output, *case.others))
    length = case.lengths[1]
    if length < MUCH_LONGER * usual:
        return NOTHING
    return Finding(
        1 - usual / length,
        words.gettext(
            "The reference has %(length)s characters, the outputs' median is %(usual)s.",
            length=length,
            usual=f"{usual:g}",
        ),
        (f"{length}", f"{usual:g}"),
    )


def _alone(case: Case) -> Finding:
    fold = folding(case.language)
    ours = [fold(text) for text in (case.output, *case.others) if text.strip()]
    if len(ours) < 2:
        return NOTHING
    among = [_alike(ours[0], other) for other in ours[1:]]
    with_reference = [_alike(text, fold(ref)) for text in ours for ref in case.references]
    agree, apart = sum(among) / len(among), sum(with_reference) / len(with_reference)
    if agree <= apart:
        return NOTHING
    return Finding(
        agree - apart,
        words.gettext(
            "The outputs are alike (%(agree)s), but not like the reference (%(apart)s).",
            agree=f"{agree:.2f}",
            apart=f"{apart:.2f}",
        ),
        (case.reference[:60],),
    )


def _alike(one: str, other: str) -> float:
    """Share of the letters in a common order, 0-1."""
    return 1 - Indel.normalized_distance(one, other)
