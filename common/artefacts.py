"""What machines leave behind in translated texts, told from the texts alone."""

import re

from common.duplicates import folded
from common.language_registry import find_language
from common.loops import repeated_share
from common.scripts import script_counts, share_in_script
from common.text import words

FEWEST_LETTERS = 10  # in fewer, a script says little
FEWEST_WORDS = 3  # a shorter text may well stay as it is: a name, a number
SHORT, LONG = 0.5, 2.0  # of the corpus's middle ratio of lengths
LOOPING = 0.5
TAGS = {
    "empty": "nothing was written",
    "untranslated": "the same as the source, of three words or more",
    "other script": "less than half of the letters are in the language's own script",
    "code": "holds program code or mark-up",
    "loop": "half of the text or more repeats itself",
    "short": "less than half as long, beside its source, as is usual in the corpus",
    "long": "more than twice as long, beside its source, as is usual in the corpus",
}
_CODE = re.compile(
    r"```|</?[a-z][^<>]*>|\b(?:def|function) \w+\s*\(|\b(?:import|return|var|const) \w+[;(]"
    r"|\b\w+\(\w*\);|[{}]\s*$",
    re.MULTILINE,
)


def artefacts(
    text: str, language: str, source: str | None = None, usual_ratio: float | None = None
) -> set[str]:
    """Which of TAGS hold for a text.

    Parameters
    ----------
    language : the tag of the language the text should be in; an unknown one has no script to check
    source : what it was translated from, where that is known; without it `untranslated`, `short`
        and `long` are never told
    usual_ratio : the middle of the corpus's ratios of lengths (text / source, in characters)
    """
    if not text.strip():
        return {"empty"}
    found = set()
    if repeated_share(text) >= LOOPING:
        found.add("loop")
    if _CODE.search(text):
        found.add("code")
    known, counts = find_language(language), script_counts(text)
    enough = counts.total() >= FEWEST_LETTERS
    if known and enough and share_in_script(counts, known.script) < 0.5:
        found.add("other script")
    if source is not None and source.strip():
        if len(words(source)) >= FEWEST_WORDS and folded(source) == folded(text):
            found.add("untranslated")
        if usual_ratio and len(words(source)) >= FEWEST_WORDS:
            ratio = len(text) / len(source) / usual_ratio
            found |= {"short"} if ratio < SHORT else {"long"} if ratio > LONG else set()
    return found
