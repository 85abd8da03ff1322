"""Our own small training and test data for the studies, made by rule; see bin/make-study-data.

Sentences are aligned over the languages by key, so that a study can be moved to another language.
"""

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models_app.demo.data import questions, rows

Rows = list[dict[str, Any]]
LANGUAGES = ("en", "mr", "hi", "ga")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
N_SUMMARIES = 160

PLACES = {
    "en": ["Pune", "Nashik", "Satara", "Nagpur", "Latur", "Solapur"],
    "mr": ["पुणे", "नाशिक", "सातारा", "नागपूर", "लातूर", "सोलापूर"],
    "hi": ["पुणे", "नासिक", "सतारा", "नागपुर", "लातूर", "सोलापुर"],
    "ga": ["Gaillimh", "Corcaigh", "Luimneach", "Trá Lí", "Sligeach", "Doire"],
}
AT_IRISH = ["i nGaillimh", "i gCorcaigh", "i Luimneach", "i dTrá Lí", "i Sligeach", "i nDoire"]
EVENTS = {
    "en": ["a fair", "a market", "a match", "a concert", "a festival"],
    "mr": ["मेळा", "बाजार", "सामना", "कार्यक्रम", "उत्सव"],
    "hi": ["मेला", "बाज़ार", "मैच", "कार्यक्रम", "उत्सव"],
    "ga": ["aonach", "margadh", "cluiche", "ceolchoirm", "féile"],
}
WHEN = {
    "en": ["on Monday", "on Friday", "on Sunday"],
    "mr": ["सोमवारी", "शुक्रवारी", "रविवारी"],
    "hi": ["सोमवार को", "शुक्रवार को", "रविवार को"],
    "ga": ["Dé Luain", "Dé hAoine", "Dé Domhnaigh"],
}
ASIDES = {
    "en": ["It rained a little.", "There was food.", "Children sang.", "It ended at five."],
    "mr": ["थोडा पाऊस पडला.", "जेवण होते.", "मुलांनी गाणी म्हटली.", "ते पाच वाजता संपले."],
    "hi": ["थोड़ी बारिश हुई।", "भोजन था।", "बच्चों ने गीत गाए।", "वह पाँच बजे समाप्त हुआ।"],
    "ga": ["Bhí beagán báistí ann.", "Bhí bia ann.", "Chan páistí.", "Chríochnaigh sé ag a cúig."],
}
DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "mr": ["सोमवार", "मंगळवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"],
    "hi": ["सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"],
    "ga": ["an Luan", "an Mháirt", "an Chéadaoin", "an Déardaoin", "an Aoine", "an Satharn",
           "an Domhnach"],
}  # fmt: skip
AFTER_IRISH = ["an Luain", "na Máirte", "na Céadaoine", "na Déardaoine", "na hAoine",
               "an tSathairn", "an Domhnaigh"]  # fmt: skip
SUM = {
    "en": ("What is {a} plus {b}?", "{a} plus {b} is {c}."),
    "mr": ("{a} आणि {b} यांची बेरीज किती?", "{a} आणि {b} यांची बेरीज {c} आहे."),
    "hi": ("{a} और {b} का योग कितना है?", "{a} और {b} का योग {c} है।"),
    "ga": ("Cad é {a} móide {b}?", "Is é {a} móide {b} ná {c}."),
}
NEXT_DAY = {
    "en": ("Which day comes after {a}?", "{b} comes after {a}."),
    "mr": ("{a}नंतर कोणता वार येतो?", "{a}नंतर {b} येतो."),
    "hi": ("{a} के बाद कौन सा दिन आता है?", "{a} के बाद {b} आता है।"),
    "ga": ("Cén lá a thagann i ndiaidh {a}?", "Tagann {b} i ndiaidh {a}."),
}
NEXT = {"en": "What comes after this? {a}", "mr": "यानंतर काय होते? {a}"}


def files() -> dict[str, Rows]:
    """Every file by its name, its rows in order."""
    made = {"questions.mr.jsonl": _bank(), "sentences.en-mr.jsonl": _parallel()}
    for language in NEXT:
        made[f"next.{language}.jsonl"] = _next(language)
    for language in LANGUAGES:
        made[f"basics.{language}.jsonl"] = _basics(language)
        made[f"summaries.{language}.jsonl"] = _summaries(language)
    return made


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (folder / name).write_text(text, encoding="utf-8")


def _numeral(number: int, language: str) -> str:
    return str(number).translate(DEVANAGARI) if language in ("mr", "hi") else str(number)


def _split(number: int, *, test: bool = True) -> str:
    """One in five for testing, one in ten for choosing checkpoints."""
    if test and number % 5 == 4:
        return "test"
    return "valid" if number % 10 == 2 else "train"


def _bank() -> Rows:
    """The question bank's wordings that the demo's models may see, answered in full sentences."""
    asked = [(q, wording) for q in questions() if q.is_trained_on for wording in q.wordings]
    return [
        {
            "key": f"{question.key}-{number}",
            "instruction": wording,
            "output": question.full,
            "domain": question.domain,
            "split": _split(number, test=False),
        }
        for number, (question, wording) in enumerate(asked)
    ]


def _parallel() -> Rows:
    """The 200 sentences; the demo's translator has not seen every fourth, which are for testing."""
    return [
        {
            "key": row["key"],
            "source": row["source"],
            "target": row["reference"],
            "domain": row["domain"],
            "document": row["document"],
            "split": "test" if n % 4 == 1 else "valid" if n % 16 == 2 else "train",
        }
        for n, row in enumerate(rows("parallel/en_mr.jsonl"))
    ]


def _next(language: str) -> Rows:
    """What follows a sentence in its document."""
    texts = rows("parallel/en_mr.jsonl")
    side = "source" if language == "en" else "reference"
    pairs = [(a, b) for a, b in itertools.pairwise(texts) if a["document"] == b["document"]]
    return [
        {
            "key": first["key"],
            "instruction": NEXT[language].replace("{a}", first[side]),
            "output": then[side],
            "domain": first["domain"],
            "split": _split(number),
        }
        for number, (first, then) in enumerate(pairs)
    ]


def _basics(language: str) -> Rows:
    """Sums up to 18, and the days of the week in order."""
    sums = [
        _filled(SUM[language], *(_numeral(n, language) for n in (a, b, a + b)))
        for a in range(1, 10)
        for b in range(1, 10)
    ]
    names = DAYS[language]
    after = AFTER_IRISH if language == "ga" else names
    days = [_filled(NEXT_DAY[language], after[n], names[(n + 1) % 7], "") for n in range(7)]
    asked = [*(("sum", pair) for pair in sums), *(("day", pair) for pair in days)]
    return [
        {"key": f"{kind}-{n}", "instruction": question, "output": answer, "domain": kind,
         "split": _split(n)}
        for n, (kind, (question, answer)) in enumerate(asked)
    ]  # fmt: skip


def _filled(patterns: tuple[str, str], a: str, b: str, c: str) -> tuple[str, str]:
    question, answer = (pattern.format(a=a, b=b, c=c) for pattern in patterns)
    return question, answer[:1].upper() + answer[1:]


def _summaries(language: str) -> Rows:
    """A report of four sentences, and its headline: where, what, how many came."""
    rng = random.Random(7)
    return [
        {"key": f"report-{n}", "text": text, "summary": summary, "split": _split(n)}
        for n, (text, summary) in enumerate(_reported(language, rng) for _ in range(N_SUMMARIES))
    ]


def _reported(language: str, rng: random.Random) -> tuple[str, str]:
    place_n, event_n, when_n = (rng.randrange(size) for size in (6, 5, 3))
    first, second = rng.sample(range(4), 2)
    people = _numeral(rng.randrange(2, 40) * 10, language)
    place, event = PLACES[language][place_n], EVENTS[language][event_n]
    when, asides = WHEN[language][when_n], ASIDES[language]
    wordings: dict[str, Callable[[], tuple[str, str]]] = {
        "en": lambda: (
            f"There was {event} in {place} {when}. {asides[first]} {people} people came. "
            f"{asides[second]}",
            f"{place}: {event}, {people} people.",
        ),
        "mr": lambda: (
            f"{place} येथे {when} {event} झाला. {asides[first]} {people} लोक आले. {asides[second]}",
            f"{place}: {event}, {people} लोक.",
        ),
        "hi": lambda: (
            f"{place} में {when} {event} हुआ। {asides[first]} {people} लोग आए। {asides[second]}",
            f"{place}: {event}, {people} लोग।",
        ),
        "ga": lambda: (
            f"Bhí {event} {AT_IRISH[place_n]} {when}. {asides[first]} Tháinig {people} duine. "
            f"{asides[second]}",
            f"{place}: {event}, {people} duine.",
        ),
    }
    return wordings[language]()
