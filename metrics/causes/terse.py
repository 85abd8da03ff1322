"""A key beside a whole sentence: one of output and reference stands within the other."""

from collections.abc import Sequence

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding


@CAUSES.register("terse")
class Terse(Cause):
    """Token overlap punishes a full sentence where the reference is a key, and the reverse."""

    label = words.gettext_noop("Terse or full answer")
    about = words.gettext_noop(
        "share of the longer text's words that the shorter one, which it contains, leaves out"
    )
    rank = 40

    def find(self, case: Case) -> Finding:
        ours, theirs = case.folded_reference, case.folded_output
        if not ours or not theirs or len(ours) == len(theirs):
            return NOTHING
        is_full = len(theirs) > len(ours)
        short, long = (ours, theirs) if is_full else (theirs, ours)
        if not stands_in(short, long):
            return NOTHING
        inner = case.reference_words if is_full else case.output_words
        start = " ".join(inner[:8])
        values: dict[str, words.Value] = {
            "words": start + (" …" if len(inner) > 8 else ""),
            "short": len(short),
            "long": len(long),
        }
        said = (
            words.gettext(
                "The reference stands within the output: “%(words)s”, %(short)s of %(long)s words.",
                **values,
            )
            if is_full
            else words.gettext(
                "The output stands within the reference: “%(words)s”, %(short)s of %(long)s words.",
                **values,
            )
        )
        return Finding(
            1 - len(short) / len(long),
            said,
            (start,),
        )


def stands_in(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether the short words stand in the long ones, in a run."""
    n = len(short)
    starts = [i for i in range(len(long) - n + 1) if long[i] == short[0]]
    return any(list(long[i : i + n]) == list(short) for i in starts)
