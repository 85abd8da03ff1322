"""Irish initial mutations taken away (an bhean: an bean; i gCorcaigh: i Corcaigh) or added."""

import regex
from django.utils.translation import gettext_lazy as _

from annotation.damage import DAMAGES
from annotation.damage.base import WordDamage

_ARTICLE = r"^((?:[dmb]['’])?)"  # d'fhéach, m'fhear, b'fhearr
_VOWEL = "aeiouáéíóú"
_LENITED = regex.compile(_ARTICLE + r"([bcdfgmpst])h(?=\p{L})", regex.I)
_ECLIPSED = regex.compile(
    _ARTICLE + r"(?:m(?=b)|g(?=c)|n(?=[dg])|bh(?=f)|b(?=p)|d(?=t)|t(?=s[aeiouáéíóúlnr]))", regex.I
)
_PREFIXED = regex.compile(rf"^(?:[nt]-(?=[{_VOWEL}{_VOWEL.upper()}])|[nth](?=[{_VOWEL.upper()}]))")
_LENITABLE = regex.compile(rf"^([bcdfgmpt](?=[{_VOWEL}lnr])|s(?=[{_VOWEL}lnr]))", regex.I)
# Both forms are in use (tú and thú, féin and fhéin), or the word is never lenited.
_BOTH_OR_NEITHER = (
    "thú thusa fhéin dhom dhuit tá tú tusa féin dom duit dúinn daoibh dóibh den don mar mise sinn "
    "sibh siad sin seo cén cad gach gan gur déag"
)
_LEFT_ALONE = frozenset(_BOTH_OR_NEITHER.split())
# After these a séimhiú can be right, in the standard or in Ulster (ag an mhargadh).
_LENITING = (
    "an sa san den don ón faoin a mo do de faoi gan idir mar ó roimh thar trí um ar is ba níor nár "
    "ar gur murar má aon dhá chéad uile ró an- fíor sean oíche bean seachtain"
)
_MAY_LENITE = frozenset(_LENITING.split())


@DAMAGES.register("break_mutation")
class BreakMutation(WordDamage):
    label = _("Irish: séimhiú or urú left out or added")
    languages = frozenset({"ga"})

    def wrong_forms(self, word: str) -> list[str]:
        if word.casefold() in _LEFT_ALONE:
            return []
        for mutation, plain in ((_ECLIPSED, r"\1"), (_PREFIXED, ""), (_LENITED, r"\1\2")):
            bare = mutation.sub(plain, word)
            if bare != word:
                return [bare]
        return []

    def other_forms(self, word: str, before: str) -> list[str]:
        if len(word) < 3 or word.casefold() in _LEFT_ALONE or word.isupper():
            return []
        if before.casefold() in _MAY_LENITE:
            return []
        lenited = _LENITABLE.sub(r"\1h", word)
        return [lenited] if lenited != word else []
