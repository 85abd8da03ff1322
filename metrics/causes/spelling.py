"""Words as they are compared: without outer punctuation, and in one spelling of several."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache

import regex

from common.text import fold_marathi_variants, map_digits, nfc
from metrics.causes import words

Fold = Callable[[str], str]
DEVANAGARI_LANGUAGES = frozenset({"mr", "hi", "ne", "sa", "kok", "mai", "bho", "doi", "brx"})

_OUTER = regex.compile(r"^[\p{P}\p{S}\u200b]+|(?<![\p{P}\p{S}\u200b])[\p{P}\p{S}\u200b]+$")
_MARKS_OF_PUNCTUATION = regex.compile(r"[\p{P}\p{S}\u200b]+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u02b9": "'", "`": "'"})
_HYPHENS = regex.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
# Nasal consonant and virama before a consonant of its own class: हिन्दी, written हिंदी too.
_OWN_NASAL = regex.compile("ङ्(?=[कखगघ])|ञ्(?=[चछजझ])|ण्(?=[टठडढ])|न्(?=[तथदध])|म्(?=[पफबभ])")
_NUKTA = regex.compile("(?<=[कखगजफ])\u093c")  # of borrowed sounds; ड़ and ढ़ are other letters
_GLIDE = regex.compile("(?<=[\u0915-\u0939\u093e-\u094c])(?:ये|यी)$")  # गये and गए, गयी and गई
_DOT = "\u0307"  # of the old Irish script: ḃ is bh


def _nukta(word: str) -> str:
    return str(_NUKTA.sub("", nfc(word)))


def _anusvara(word: str) -> str:
    return str(_OWN_NASAL.sub("ं", word)).replace("ँ", "ं")


def _glide(word: str) -> str:
    return str(_GLIDE.sub(lambda match: "ए" if match[0] == "ये" else "ई", word))


def _dot(word: str) -> str:
    return word if word.isascii() else nfc(unicodedata.normalize("NFD", word).replace(_DOT, "h"))


_ALL: dict[str, Fold] = {
    words.gettext_noop("encoding (NFC)"): nfc,
    words.gettext_noop("letter case"): str.casefold,
    words.gettext_noop("apostrophe"): lambda word: word.translate(_APOSTROPHES),
    words.gettext_noop("digits"): map_digits,
    words.gettext_noop("hyphen"): lambda word: _HYPHENS.sub("", word),
}
_DEVANAGARI: dict[str, Fold] = {
    words.gettext_noop("joiner or eyelash ra"): fold_marathi_variants,
    words.gettext_noop("nukta"): _nukta,
    words.gettext_noop("anusvara"): _anusvara,
    words.gettext_noop("candra a"): lambda word: word.replace("\u0972", "अ\u0945"),
}
_OF_LANGUAGE: dict[str, dict[str, Fold]] = {
    "hi": {words.gettext_noop("ये or ए"): _glide},
    "ga": {
        words.gettext_noop("dotted consonant"): _dot,
        words.gettext_noop("Tironian et"): lambda word: word.replace("⁊", "agus"),
    },
}


@lru_cache(maxsize=64)
def folds(language: str) -> dict[str, Fold]:
    """The kinds of spelling variants of a language, by name, in the order they are undone."""
    found = dict(_ALL)
    if language in DEVANAGARI_LANGUAGES or not language:
        found |= _DEVANAGARI
    return found | _OF_LANGUAGE.get(language, {})


@lru_cache(maxsize=64)
def folding(language: str) -> Fold:
    """One spelling for each word of a language; remembers words it has seen."""
    steps = list(folds(language).values())

    @lru_cache(maxsize=100_000)
    def fold(word: str) -> str:
        for step in steps:
            word = step(word)
        return word

    return fold


@lru_cache(maxsize=10_000)
def bare_tokens(text: str) -> tuple[str, ...]:
    """What stands between blanks, without punctuation and symbols at its ends."""
    return tuple(word for token in text.split() if (word := _outer(token)))


def without_punctuation(text: str) -> str:
    return str(_MARKS_OF_PUNCTUATION.sub("", text))


def punctuation_of(text: str) -> str:
    """Its punctuation and symbols in order, apostrophes as one kind."""
    return "".join(_MARKS_OF_PUNCTUATION.findall(text.translate(_APOSTROPHES)))


def unpaired(reference: Iterable[str], output: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Words of each side, as often as the other side lacks them."""
    ours, theirs = Counter(reference), Counter(output)
    return ours - theirs, theirs - ours


def paired(missing: Counter[str], extra: Counter[str], fold: Fold) -> list[tuple[str, str]]:
    """(missing, extra) words that are one after `fold`, each used once."""
    homes: dict[str, list[str]] = defaultdict(list)
    for word in missing.elements():
        homes[fold(word)].append(word)
    return [(home.pop(0), word) for word in extra.elements() if (home := homes.get(fold(word)))]


@lru_cache(maxsize=100_000)
def _outer(token: str) -> str:
    return token if token.isalnum() else str(_OUTER.sub("", token))
