"""Names that look like others, and words in more than one script.

After Unicode Technical Standard 39 (Unicode Security Mechanisms): the look-alikes are those letters
of its confusables.txt that Latin shares with Cyrillic, Greek and Armenian, its small capitals, the
digits and pairs that read as letters, and Devanagari vowels written in two parts; a word is in one
script as its section 5 says, where Han, Hiragana and Katakana go together, and Han and Hangul.
"""

import unicodedata

import regex

from common.scripts import NAMES, OTHER, script_of

_LETTERS = {
    "a": "аαɑᴀ", "b": "Ьƅʙ", "c": "сϲᴄ", "d": "ԁᴅ", "e": "еҽᴇ", "f": "ꜰ", "g": "ɡցɢ", "h": "һհʜ",
    "i": "іιıɩɪ", "j": "јϳȷᴊ", "k": "кκĸᴋ", "l": "I1ӀӏІΙǀꞁʟ", "m": "ᴍ", "n": "ոɴ",
    "o": "0оοσօᴏ", "p": "рρᴘ", "q": "ԛզ", "r": "гʀ", "s": "ѕꜱ", "t": "ᴛ", "u": "υսᴜ", "v": "ѵνᴠ",
    "w": "ԝᴡ", "x": "х", "y": "уүγʏ", "z": "ᴢ",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "J": "ЈͿ", "K": "КΚ", "M": "МΜ",
    "N": "Ν", "O": "ОΟՕ", "P": "РΡ", "Q": "Ԛ", "S": "ЅՏ", "T": "ТΤ", "U": "Ս", "V": "Ѵ", "W": "Ԝ",
    "X": "ХΧ", "Y": "УҮΥ", "Z": "Ζ", "3": "З", "6": "б",
}  # fmt: skip
_LIKE = str.maketrans({alike: letter for letter, all_ in _LETTERS.items() for alike in all_})
_SMALL_I = str.maketrans(dict.fromkeys("IІΙӀ", "i"))
_PAIRS = (
    ("rn", "m"), ("vv", "w"),
    ("अॉ", "ऑ"), ("अो", "ओ"), ("अौ", "औ"), ("अा", "आ"), ("अॅ", "ॲ"), ("एे", "ऐ"), ("आॅ", "ऑ"),
    ("आे", "ओ"), ("आै", "औ"),
)  # fmt: skip
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_COMMON = regex.compile(r"\p{Script=Common}")
_TOGETHER = ({"Hani", "Hira", "Kana"}, {"Hani", "Hang"})


def looks(name: str) -> frozenset[str]:
    """What a name looks like, whether a capital I is read as one or as a small L.

    Two names that have one of these in common may be taken for each other.

    >>> bool(looks("\u0430sha") & looks("Asha"))  # the first begins with a Cyrillic letter
    True
    """
    written = unicodedata.normalize("NFKC", name)
    return frozenset({_skeleton(written), _skeleton(written.translate(_SMALL_I))})


def mixed_scripts(name: str) -> list[str]:
    """English names of the scripts of the first word that mixes some; empty where none does.

    Digits of a script are of it, ASCII's are of every one.
    """
    for word in _WORD.findall(unicodedata.normalize("NFKC", name)):
        signs = (sign for sign in word if not sign.isascii() or sign.isalpha())
        found = {script_of(sign) for sign in signs} - {OTHER}
        if len(found) > 1 and not any(found <= together for together in _TOGETHER):
            return sorted(NAMES[code] for code in found)
    return []


def has_unknown_script(name: str) -> bool:
    """Whether a letter is of no script that NAMES lists, or a mark of no script at all."""
    return any(
        script_of(sign) == OTHER and not _COMMON.match(sign)
        for word in _WORD.findall(unicodedata.normalize("NFKC", name))
        for sign in word
    )


def _skeleton(name: str) -> str:
    like = name.translate(_LIKE).casefold().translate(_LIKE)
    for pair, letter in _PAIRS:
        like = like.replace(pair, letter)
    return unicodedata.normalize("NFC", like)
