"""A key beside a whole sentence: one of output and reference stands within the other."""

from collections.abc import Sequence

from metrics.causes import CAUSES
from metrics.causes.base import NOTHING, Case, Cause, Finding


@CAUSES.register("terse")
class Terse(Cause):
    """Token overlap punishes a full sentence where the reference is a key, and the reverse."""

    label = "Terse or full answer"
    about = "share of the longer text's words that the shorter one, which it contains, leaves out"
    rank = 40

    def find(self, case: Case) -> Finding:
        ours, theirs = case.folded_reference, case.folded_output
        if not ours or not theirs or len(ours) == len(theirs):
            return NOTHING
        is_full = len(theirs) > len(ours)
        short, long = (ours, theirs) if is_full else (theirs, ours)
        if not stands_in(short, long):
            return NOTHING
        words = case.reference_words if is_full else case.output_words
        inner, outer = ("reference", "output") if is_full else ("output", "reference")
        return Finding(
            1 - len(short) / len(long),
            f"The {inner} stands within the {outer}: “{' '.join(words[:8])}"
            f"{' …' if len(words) > 8 else ''}”, {len(short)} of {len(long)} words.",
            (" ".join(words[:8]),),
        )


def stands_in(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the short words stand in the long ones, in a run."""
    n = len(short)
    starts = [i for i in range(len(long) - n + 1) if long[i] == short[0]]
    return any(list(long[i : i + n]) == list(short) for i in starts)
