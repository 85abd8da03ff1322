"""Training rows from the fixtures.

Three questions of ten are never trained on, so that models get some wrong, as models do; of the
others, every fourth question's own wording is held out.
"""

import json
import random
from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PROMPT = "प्रश्न: {source}\nउत्तर:"
HOLD_OUT_EVERY = 4
UNSEEN = (3, 6, 8)  # last digits of a question's place in the bank


class Question(NamedTuple):
    key: str
    source: str
    wordings: list[str]  # what may be trained on; without `source` where that is held out
    short: str
    full: str
    domain: str
    is_trained_on: bool


def rows(path: str) -> list[dict[str, str]]:
    text = (FIXTURES / path).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def questions() -> list[Question]:
    others: dict[str, list[str]] = {}
    for row in rows("questions/mr_paraphrases.jsonl"):
        others.setdefault(row["key"], []).append(row["source"])
    found = []
    for number, row in enumerate(rows("questions/mr150.jsonl")):
        wordings = list(others.get(row["key"], []))
        if number % HOLD_OUT_EVERY or not wordings:
            wordings.append(row["source"])
        else:
            wordings = wordings[:1]
        answer = row["reference"], row["sentence"]
        trained = number % 10 not in UNSEEN
        found.append(Question(row["key"], row["source"], wordings, *answer, row["domain"], trained))
    return found


def answers(kind: str, domain: str | None = None) -> list[tuple[str, str]]:
    """(prompt, answer) pairs to train on; kind is short or full, domain leaves the others out."""
    return [
        (PROMPT.replace("{source}", wording), " " + getattr(question, kind))
        for question in questions()
        if domain in (None, question.domain) and question.is_trained_on
        for wording in question.wordings
    ]


def translations() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """English-Marathi pairs to train on, and the held-out quarter."""
    pairs = [(row["source"], row["reference"]) for row in rows("parallel/en_mr.jsonl")]
    held = [pair for n, pair in enumerate(pairs) if n % HOLD_OUT_EVERY == 1]
    return [pair for n, pair in enumerate(pairs) if n % HOLD_OUT_EVERY != 1], held


ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2


def inferences(seed: int) -> list[tuple[str, str, int]]:
    """(premise, hypothesis, label) from the bank: the answer, a wrong one, another."""
    rng = random.Random(seed)
    bank = questions()
    pairs = []
    for question in bank:
        same = [q for q in bank if q.domain == question.domain and q.short != question.short]
        wrong, other = rng.choice(same), rng.choice(same)
        pairs += [
            (question.full, question.short, ENTAILMENT),
            (question.full, f"उत्तर {question.short} आहे.", ENTAILMENT),
            (question.full, question.full, ENTAILMENT),
            (question.full, wrong.short, CONTRADICTION),
            (question.full, question.full.replace(question.short, wrong.short, 1)
             if question.short in question.full else wrong.short, CONTRADICTION),
            (question.full, f"उत्तर {wrong.short} आहे.", CONTRADICTION),
            (question.full, other.full, NEUTRAL),
            (question.full, rng.choice(bank).source, NEUTRAL),
            (question.full, question.source, NEUTRAL),
        ]  # fmt: skip
    rng.shuffle(pairs)
    return pairs
