"""Marathi case endings and postpositions exchanged or dropped: मुलाला as मुलाने or मुला."""

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import WordDamage
from annotation.spans import unit_spans

# Each ending with what may wrongly stand for it; "" drops it and leaves the bare oblique stem.
ENDINGS = {
    "ला": ("ने", "चा", ""),
    "ने": ("ला", "चा", ""),
    "ना": ("नी", ""),
    "नी": ("ना", ""),
    "चा": ("ला", "ने", ""),
    "ची": ("ला", "ने", ""),
    "चे": ("ला", "ने", ""),
    "च्या": ("ला", "ने", ""),
    "वर": ("साठी", "पासून", ""),
    "साठी": ("पासून", "वर", ""),
    "मध्ये": ("पासून", "साठी", ""),
    "पासून": ("साठी", "मध्ये", ""),
    "पर्यंत": ("पासून", "साठी", ""),
    "कडे": ("पासून", "साठी", ""),
}
PLURAL = frozenset({"ना", "नी"})
# A noun before an ending is in the oblique: it ends in a vowel, the plural in an anusvara.
OBLIQUE = frozenset("ािीुूेैोौंआईऊएओ")
_VERBS_AND_OTHERS = (
    "घाला बोला गेला केला झाला आला दिला घेतला नेला म्हणाला मिळाला निघाला चांगला पहिला आपला असला "
    "सोने पाने गाने जुने दाने खाने रिकामा उंची भाला कला माला शाला काला हिला सावर आवर भावना योजना कल्पना"
)
NOT_CASES = frozenset(_VERBS_AND_OTHERS.split())


@DAMAGES.register("case_marker")
class CaseMarker(WordDamage):
    label = _("Marathi: case ending exchanged or left out")
    languages = frozenset({"mr"})

    def wrong_forms(self, word: str) -> list[str]:
        if word in NOT_CASES:
            return []
        bounds = {start for start, _ in unit_spans(word)}
        for ending, others in ENDINGS.items():
            stem = word.removesuffix(ending)
            if stem == word or len(stem) not in bounds or not _is_oblique(stem, ending):
                continue
            return [stem + other for other in others]
        return []


def _is_oblique(stem: str, ending: str) -> bool:
    return stem[-1:] == "ं" if ending in PLURAL else stem[-1:] in OBLIQUE
