"""Text as people see it: clusters, words and scripts of Devanagari, Irish and English.

Stored text is never changed. What is normalised here is normalised for one comparison, and
the metric or analysis that does it says so in its signature.
"""

import hashlib
import unicodedata
from collections.abc import Iterator

import regex

ZWNJ = "\u200c"
ZWJ = "\u200d"
EYELASH_RA = "\u0931\u094d"  # RRA + VIRAMA, the form Unicode recommends for Marathi
_RA_VIRAMA_ZWJ = "\u0930\u094d\u200d"

_CLUSTER = regex.compile(r"\X")
# \w would break Devanagari words at every vowel sign: marks (Mn, Mc) are not \w in Python.
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d]+")
_LETTER_OR_MARK = regex.compile(r"[\p{L}\p{M}]")
_DEVANAGARI = regex.compile(r"[\p{Script=Devanagari}&&[\p{L}\p{M}]]", regex.V1)


def text_hash(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, 64 hexadecimal digits; no normalisation."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def storable(text: str) -> str:
    """A text as every database and browser can hold it: no NUL, no half of a character.

    For what models write; a file that holds such a character is refused instead.
    """
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# What nobody sees and what may deceive: controls, bidirectional embeddings, overrides, isolates and
# marks, spaces without width; tags and variation selectors but where flags, emoji and ideographs
# have theirs (the rest smuggles text); joiners but after emoji and letters of scripts that join,
# for Marathi and Hindi need them. Twin of static/js/hidden.js.
_UNSEEN = regex.compile(
    r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"  # a flag, seen
    r"|(\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    r"|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]|(?<!\p{Script=Han})[\U000e0100-\U000e01ef]"
    r"|(?<![\p{L}\p{M}\p{Emoji_Modifier}\p{Extended_Pictographic}])[\u200c\u200d]"
    r"|(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}])[\u200c\u200d])"
)


def unseen(text: str) -> list[int]:
    """Code-point offsets of characters that nobody sees and that may deceive a reader."""
    return [match.start() for match in _UNSEEN.finditer(text) if match[1]]


def visible(text: str) -> str:
    """A text as a message, a log or a terminal shows it: unseen characters as <U+202E>."""
    return str(_UNSEEN.sub(lambda found: code_of(found[1]) if found[1] else found[0], text))


def code_of(character: str) -> str:
    """A character's number as <U+202E>."""
    return f"<U+{ord(character):04X}>"


def clusters(text: str) -> list[str]:
    """Extended grapheme clusters, what a reader calls a character; joined, they are `text`."""
    return list(_CLUSTER.findall(text))


def cluster_bounds(text: str) -> list[int]:
    """Code-point offsets at which a cluster starts or ends, from 0 to `len(text)`."""
    return [0, *(match.end() for match in _CLUSTER.finditer(text))]


def nfc(text: str) -> str:
    """Unicode normalisation form C. It splits U+0958-U+095F into letter and nukta."""
    return unicodedata.normalize("NFC", text)


def fold_marathi_variants(text: str) -> str:
    """One spelling for what Marathi readers take for the same word; for scoring only.

    NFC; eyelash ra written RA VIRAMA ZWJ becomes RRA VIRAMA; other joiners are dropped.
    """
    text = nfc(text).replace(_RA_VIRAMA_ZWJ, EYELASH_RA)
    return text.replace(ZWJ, "").replace(ZWNJ, "")


def words(text: str) -> list[str]:
    """Runs of letters, marks, digits and joiners, in any script; no case or form is changed."""
    return list(_WORD.findall(text))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each of `words(text)`, in code points."""
    return (match.span() for match in _WORD.finditer(text))


def map_digits(text: str) -> str:
    """Every decimal digit of any script as its ASCII digit: २०२४ becomes 2024."""
    return "".join(
        str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char
        for char in text
    )


def straight_apostrophes(text: str) -> str:
    """U+2019 as U+0027, so that d’fhéach and d'fhéach are one Irish word."""
    return text.replace("\u2019", "'")


def devanagari_share(text: str) -> float:
    """Share of letters and marks that are Devanagari, 0-1; nan when there are none at all."""
    total = len(_LETTER_OR_MARK.findall(text))
    return len(_DEVANAGARI.findall(text)) / total if total else float("nan")


def is_devanagari(text: str) -> bool:
    """Whether most letters and marks are Devanagari; False when there are none."""
    return devanagari_share(text) > 0.5
