"""An output much shorter or longer than the reference."""

from metrics.causes import CAUSES, words
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding


@CAUSES.register("length")
class Length(Cause):
    label = words.gettext_noop("Length")
    about = words.gettext_noop(
        "1 less the shorter length over the longer, in characters without blanks"
    )
    rank = 80

    def find(self, case: Case) -> Finding:
        output, reference = case.lengths
        if not reference:
            return Finding(NAN, words.gettext("there is no reference to compare the length with"))
        if output == reference:
            return NOTHING
        strength = 1 - min(output, reference) / max(output, reference)
        said = (
            words.gettext(
                "The output is shorter than the reference: %(output)s characters, not "
                "%(reference)s.",
                output=output,
                reference=reference,
            )
            if output < reference
            else words.gettext(
                "The output is longer than the reference: %(output)s characters, not "
                "%(reference)s.",
                output=output,
                reference=reference,
            )
        )
        return Finding(
            strength,
            said,
            (f"{output}", f"{reference}"),
        )
