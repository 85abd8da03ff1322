"""An output much shorter or longer than the reference."""

from metrics.causes import CAUSES
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding


@CAUSES.register("length")
class Length(Cause):
    label = "Length"
    about = "1 less the shorter length over the longer, in characters without blanks"
    rank = 80

    def find(self, case: Case) -> Finding:
        output, reference = case.lengths
        if not reference:
            return Finding(NAN, "there is no reference to compare the length with")
        if output == reference:
            return NOTHING
        strength = 1 - min(output, reference) / max(output, reference)
        word = "shorter" if output < reference else "longer"
        return Finding(
            strength,
            f"The output is {word} than the reference: {output} characters, not {reference}.",
            (f"{output}", f"{reference}"),
        )
