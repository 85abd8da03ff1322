"""Text in another script or another language than was asked for."""

from functools import lru_cache

import regex

from common.languages import COMMON_WORDS, guess_language, primary, telling_words
from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding, listed
from metrics.causes.spelling import DEVANAGARI_LANGUAGES, folding

_LETTERS = regex.compile(r"\p{L}")
_DEVANAGARI = regex.compile(r"[\p{Script=Devanagari}&&\p{L}]", regex.V1)
_LATIN = regex.compile(r"[\p{Script=Latin}&&\p{L}]", regex.V1)
LATIN_LANGUAGES = frozenset({"en", "ga", "gd", "cy", "fr", "de", "es", "it", "pt", "nl"})
FEWEST_COPIED = 3  # words: shorter answers may rightly repeat the question's


@CAUSES.register("script")
class Script(Cause):
    """Letters of another script than the reference's, the source copied, or another language."""

    label = words.gettext_noop("Script or language switch")
    about = words.gettext_noop(
        "share of the letters in another script, beyond what the reference has; or of the telling "
        "words that are another language's; 1 where the source was copied"
    )
    shown_from = 0.25
    rank = 15

    def find(self, case: Case) -> Finding:
        if not case.output_words:
            return NOTHING
        return max((_copied(case), _in_script(case), _in_language(case)), key=lambda f: f.strength)


@lru_cache(maxsize=10_000)
def foreign_share(text: str, language: str) -> float:
    """Share of the letters that are not of the language's script; 0 for scripts not known."""
    own = script_of(language)
    total = len(_LETTERS.findall(text)) if own else 0
    return 1 - len(own.findall(text)) / total if total and own else 0.0


@lru_cache(maxsize=10_000)
def guessed(text: str) -> str:
    return guess_language(text)


def script_of(language: str) -> "regex.Pattern[str] | None":
    if language in DEVANAGARI_LANGUAGES:
        return _DEVANAGARI
    return _LATIN if language in LATIN_LANGUAGES else None


def _copied(case: Case) -> Finding:
    if primary(case.source_lang) == case.language or len(case.output_words) < FEWEST_COPIED:
        return NOTHING
    fold = folding("")
    if list(map(fold, case.source.split())) != list(map(fold, case.output.split())):
        return NOTHING
    return Finding(1.0, words.gettext("The output repeats the source."), (case.output[:60],))


def _in_script(case: Case) -> Finding:
    excess = foreign_share(case.output, case.language)
    if not excess:
        return NOTHING
    excess -= foreign_share(case.reference, case.language)
    if excess <= 0:
        return NOTHING
    own = script_of(case.language)
    strange = [
        word
        for word in dict.fromkeys(case.output_words)
        if _LETTERS.search(word) and not (own and own.search(word))
    ]
    known = set(case.reference_words)
    strange = [word for word in strange if word not in known] or strange
    return Finding(
        min(1.0, excess),
        words.gettext(
            "%(share)s more of the letters than in the reference are in another script: %(words)s.",
            share=f"{excess:.0%}",
            words=listed(strange),
        ),
        tuple(strange[:5]),
    )


def _in_language(case: Case) -> Finding:
    guess = guessed(case.output)
    if case.language not in COMMON_WORDS or guess in ("", case.language):
        return NOTHING
    if guess == guessed(case.reference):
        return NOTHING
    found = telling_words(case.output)
    told = [word for word in case.output_words if word.casefold() in COMMON_WORDS[guess]]
    evidence = tuple(dict.fromkeys(told))
    return Finding(
        found[guess] / (found[guess] + found[case.language]),
        words.gettext(
            "The output seems to be in %(guess)s, not %(language)s: %(words)s.",
            guess=guess,
            language=case.language,
            words=listed(evidence),
        ),
        evidence[:5],
    )
