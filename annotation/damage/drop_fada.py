"""Irish vowels without their length: fear for féar, man for grass."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import WordDamage
from common.text import clusters

ACUTE = "\u0301"


@DAMAGES.register("drop_fada")
class DropFada(WordDamage):
    label = _("Irish: síneadh fada left out")
    languages = frozenset({"ga"})

    def wrong_forms(self, word: str) -> list[str]:
        bare = "".join(map(_without_fada, clusters(word)))
        return [bare] if bare != word else []


def _without_fada(cluster: str) -> str:
    parts = unicodedata.normalize("NFD", cluster)
    if ACUTE not in parts or parts[0] not in "aeiouAEIOU":
        return cluster
    return unicodedata.normalize("NFC", parts.replace(ACUTE, ""))
