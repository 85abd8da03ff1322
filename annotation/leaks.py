"""What in the outputs would tell annotators who wrote them, or cannot be judged at all.

For before a campaign opens: pure functions, nothing is read or stored.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from annotation.giveaways import giveaways
from common.languages import guess_language, primary
from common.loops import repeated_share
from common.text import nfc, words

ERROR, WARNING = "error", "warning"

# Left by a chat template, a tokenizer or a byte-level vocabulary.
_TEMPLATE = (
    r"</?s>|<(?:bos|eos|pad|unk|mask|sep|cls|eot|extra_id_\d+|0x[0-9a-f]{2})>|<\|[\w ]{1,30}\|>"
    r"|<(?:start|end)_of_turn>|<</?sys>>|\[/?(?:inst|sys)\]|\[(?:pad|unk|cls|sep|mask)\]"
    r"|#{2,}\s?(?:instruction|response|input|assistant|user)\b"
    r"|\u2581|(?-i:(?<=\w)Ġ\w)"
)
_ROLE = r"^(?:system|user|assistant|human|model)\s?:"
_SELF = (
    r"\b(?:as|i am|i['’]m) an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bai (?:language )?(?:model|assistant)\b|\blarge language model\b"
    r"|(?:एआय|एआई|ए\.आय\.|\bAI)[ -](?:भाषा )?(?:मॉडेल|मॉडल|सहाय्यक|सहायक)|एक भाषा (?:मॉडेल|मॉडल)"
    r"|(?:मी|मैं) एक (?:एआय|एआई|AI)|(?:múnla|samhail|samhla) (?:teanga|intleachta saorga)"
)
_VENDOR = (
    r"chat-?gpt|\bgpt\b|\bgpt-?[0-9]|openai|anthropic|deepseek|mixtral|\bqwen|\bhugging ?face\b"
    r"|\bllama-?[0-9]|\bnllb\b|\bindictrans2?\b|\bmt5\b|\bmbart\b|\bsarvam-?[0-9m]|\bairavata\b"
    r"|google translate|\bqlora\b"
)
# Also names of people, animals and stars.
_ORDINARY = (
    r"\b(?:claude|gemini|gemma|llama|mistral|copilot|falcon|lora|phi-?[0-9])\b|\bfine-?tuned\b"
)
# Parts of systems' names that say nothing about who wrote a text.
_PLAIN = (
    "adapter adapted answer answers base baseline best chat checkpoint demo epoch english final "
    "first full generation hindi human imported instruct irish language large latest marathi "
    "medium mini model models network online person prompt reference sentence sentences small "
    "source system target test train training translate translation tuned version culture "
    "cultural google facebook meta microsoft"
)
_PLAIN_PARTS = frozenset(_PLAIN.split())
FEWEST_LETTERS = 4  # of a name's part
_DEVANAGARI_LANGUAGES = frozenset({"mr", "hi", "ne", "sa", "kok", "mai", "bho"})
_LATIN_LANGUAGES = frozenset({"en", "ga", "gd", "cy", "fr", "de", "es", "it", "pt", "nl"})
_DEVANAGARI = re.compile("[\u0900-\u0963\u0971-\u097f]+")  # neither danda nor digits
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
WRONG_SCRIPT_SHARE = 0.5
LOOP_SHARE = 0.3

Finding = tuple[str, str, str]  # severity, kind, message


class Text(NamedTuple):
    """One system's output for the segment `key`."""

    system: str
    key: str
    text: str


class Leak(NamedTuple):
    """`key` is "" where the finding is about a system as a whole.

    error: annotators would see who wrote it, or there is nothing to judge; warning: look at it.
    """

    severity: str
    kind: str
    system: str
    key: str
    message: str


def scan(
    segments: Mapping[str, str],
    outputs: Iterable[Text],
    systems: Mapping[str, Sequence[str]],
    language: str,
) -> list[Leak]:
    """Everything suspicious in the outputs, systems as a whole first, then in the order given.

    Parameters
    ----------
    segments : source text by key; a word that stands in the source is no leak
    outputs : of all systems
    systems : by the name used in `outputs`, the further names a system is known by (its
        checkpoint, its adapter), possibly none
    language : the outputs should be in, a BCP 47 tag
    """
    patterns = _compiled(_names(systems, segments))
    texts = list(outputs)
    found = [
        Leak(severity, kind, text.system, text.key, message)
        for text in texts
        for severity, kind, message in _in_text(
            text.text, segments.get(text.key, ""), patterns, primary(language)
        )
    ]
    by_system: dict[str, list[str]] = {}
    for text in texts:
        by_system.setdefault(text.system, []).append(text.text)
    whole = [Leak(WARNING, kind, name, "", message) for kind, name, message in giveaways(by_system)]
    return whole + found


def _in_text(text: str, source: str, patterns: re.Pattern[str], language: str) -> Iterator[Finding]:
    parts = text.split()
    if not parts:
        yield ERROR, "empty", "the output is empty"
        return
    yield from _named(text, source, patterns)
    if "\ufffd" in text:
        yield WARNING, "broken", "the output holds a character that was lost on the way: \ufffd"
    if _same(parts, source):
        yield WARNING, "copy", "the output is the source, word for word"
    elif finding := _language(text, language):
        yield finding
    if (share := repeated_share(text)) >= LOOP_SHARE:
        yield WARNING, "loop", f"the output loops: {share:.0%} of it repeats itself"


def _names(systems: Mapping[str, Sequence[str]], segments: Mapping[str, str]) -> list[str]:
    """The systems' names and the parts of them that could only mean the system."""
    full = {name for system, others in systems.items() for name in (system, *others)}
    parts = {part for name in full for part in re.split(r"[\W_\d]+", name)}
    ordinary = {word for source in segments.values() for word in words(source.casefold())}
    ordinary |= _PLAIN_PARTS
    parts = {part for part in parts if part.casefold() not in ordinary}
    full = {name for name in full if name.casefold() not in _PLAIN_PARTS}
    return sorted(name for name in full | parts if len(name) >= FEWEST_LETTERS)


def _compiled(names: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all kinds; the group that matches is the kind.

    The alternatives are tried only where a word or a sign of theirs begins, which is what takes
    the time.
    """
    letter = "[\\w\u0900-\u097f]"  # \w lacks the vowel signs
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"\Z\w"
    at_words = {
        "name": f"(?<!{letter})(?:{longest_first})(?!{letter})",
        "role": _ROLE,
        "self": _SELF,
        "vendor": _VENDOR,
        "ordinary": _ORDINARY,
    }
    at_word = "|".join(f"(?P<{kind}>{part})" for kind, part in at_words.items())
    pattern = rf"(?<!\w)(?=\w)(?:{at_word})|(?=[<\[#\u2581Ġ])(?P<template>{_TEMPLATE})"
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_SAYS = {
    "name": (ERROR, "name", "the output names a system: {}"),
    "template": (ERROR, "template", "the output holds a piece of a template: {}"),
    "role": (ERROR, "template", "the output holds a piece of a template: {}"),
    "self": (ERROR, "self", "the output speaks of itself as a model: {}"),
    "vendor": (ERROR, "vendor", "the output names a model or its maker: {}"),
    "ordinary": (WARNING, "vendor", "the output may name a model: {}"),
}


def _named(text: str, source: str, patterns: re.Pattern[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for match in patterns.finditer(text):
        kind = match.lastgroup or ""
        if kind in seen or match[0].casefold() in source.casefold():
            continue
        seen.add(kind)
        severity, name, message = _SAYS[kind]
        yield severity, name, message.format(match[0].strip())


def _same(parts: Sequence[str], source: str) -> bool:
    if not source or abs(len(" ".join(parts)) - len(source)) > len(source):
        return False
    theirs = " ".join(source.split())
    return nfc(" ".join(parts)).casefold() == nfc(theirs).casefold()


def _language(text: str, language: str) -> Finding | None:
    devanagari = sum(map(len, _DEVANAGARI.findall(text)))
    latin = sum(map(len, _LATIN.findall(text)))
    wanted, other = devanagari, latin
    name = "Devanagari"
    if language in _LATIN_LANGUAGES:
        wanted, other, name = latin, devanagari, "Latin"
    elif language not in _DEVANAGARI_LANGUAGES:
        return None
    if other and wanted / (wanted + other) < WRONG_SCRIPT_SHARE:
        share = wanted / (wanted + other)
        return ERROR, "language", f"only {share:.0%} of the letters are {name}"
    guess = guess_language(text)
    if guess and guess != language:
        return WARNING, "language", f"the output seems to be in {guess}, not {language}"
    return None
