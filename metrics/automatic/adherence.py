"""Is the output in the language asked for? By its script, and by its little words."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import regex

from common.errors import BadInput
from common.languages import COMMON_WORDS, primary, telling_words
from metrics.automatic import METRICS
from metrics.automatic.base import Pair
from metrics.automatic.descriptions import Description

_SCRIPTS = {
    "Latin": "en ga gd gv cy br fr de es it pt nl sv da nb nn no fi et lv lt pl cs sk sl hr hu ro "
    "tr az uz vi id ms tl sw yo ig ha zu xh so af sq is mt eu ca gl eo la mi qu gn",
    "Devanagari": "mr hi ne sa kok mai bho awa doi brx",
    "Bengali": "bn as mni",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Arabic": "ar fa ur ps sd ug ckb ks",
    "Hebrew": "he yi",
    "Cyrillic": "ru uk be bg mk sr kk ky mn tg tt",
    "Greek": "el",
    "Georgian": "ka",
    "Armenian": "hy",
    "Ethiopic": "am ti",
    "Thai": "th",
    "Lao": "lo",
    "Khmer": "km",
    "Myanmar": "my",
    "Tibetan": "bo dz",
    "Hangul": "ko",
}
SCRIPT_OF = {code: name for name, codes in _SCRIPTS.items() for code in codes.split()}
_SUBTAGS = {"latn": "Latin", "deva": "Devanagari", "cyrl": "Cyrillic", "arab": "Arabic"}
_LETTER = regex.compile(r"[\p{L}\p{M}]")


def script_of(language: str) -> str:
    """Unicode name of the script a BCP 47 tag is written in: mr is Devanagari; "" if unknown."""
    subtags = language.lower().replace("_", "-").split("-")[1:]
    named = [_SUBTAGS[subtag] for subtag in subtags if subtag in _SUBTAGS]
    return named[0] if named else SCRIPT_OF.get(primary(language), "")


@METRICS.register("script_share")
class ScriptShare(Description):
    """Share of the output's letters and marks in the script of its language, 0-1.

    Rows: letters of the script, all letters; the corpus score is the share of all letters. Not
    defined without letters, and for a language whose script is not known.

    Parameters
    ----------
    script : Unicode name, say Devanagari; that of the target language when empty
    """

    name = "script_share"
    label = "Right script"
    unit = "share of letters, 0-1"

    def __init__(self, *, script: str = "", normalize: str = "none") -> None:
        super().__init__(normalize=normalize)
        self.script = script
        if script:
            _of_script(script)

    def row(self, pair: Pair) -> Sequence[float]:
        script = self.script or script_of(pair.target_lang)
        if not script:
            return (0.0, 0.0)
        text = self.clean(pair.hypothesis)
        return (len(_of_script(script).findall(text)), len(_LETTER.findall(text)))

    def signature(self) -> str:
        return self.signed(agg="letters", script=self.script or "target")


@lru_cache(maxsize=32)
def _of_script(name: str) -> Any:
    try:
        return regex.compile(
            rf"[[\p{{Script={name}}}\p{{Script=Inherited}}]&&[\p{{L}}\p{{M}}]]", regex.V1
        )
    except regex.error:
        raise BadInput(
            f"Unicode has no script called {name!r}; write its English name, say Devanagari"
        ) from None


@METRICS.register("language_share")
class LanguageShare(Description):
    """Of the words that only one of English, Irish, Hindi and Marathi has, the share that are
    the target language's, 0-1.

    Rows: words of the target language, words of all four. Not defined for other languages, and
    for a text without any such word: names, numbers, terse answers.
    """

    name = "language_share"
    label = "Right language"
    unit = "share of telling words, 0-1"

    def row(self, pair: Pair) -> Sequence[float]:
        language = primary(pair.target_lang)
        if language not in COMMON_WORDS:
            return (0.0, 0.0)
        found = telling_words(self.clean(pair.hypothesis))
        return (found[language], sum(found.values()))

    def signature(self) -> str:
        return self.signed(agg="words", lists="+".join(sorted(COMMON_WORDS)))
