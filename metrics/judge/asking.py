"""Ask a judge about two outputs, first in one order, then in the other."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from annotation.models import Campaign
from common.errors import BadInput
from metrics.models_judge import JudgeRun, JudgeVerdict
from models_app.backends.base import Request
from models_app.generation import backend_for, prompt_for
from models_app.jobs import Progress, enqueue, resume
from models_app.models import Output, Segment, System

Verdict = JudgeVerdict.Verdict
CHUNK = 16
PROMPT = (
    "Two assistants answered the same request. Say which answer is better: more correct, more "
    "helpful, better language. Do not let their order or length decide.\n\n"
    "Request:\n{source}\n\nAnswer A:\n{first}\n\nAnswer B:\n{second}\n\n"
    "Write only A, B or TIE.\nVerdict:"
)
_BLANK = re.compile(r"\{(source|first|second)\}")
_WORD = re.compile(r"[^\W\d_]+")
_SAID = {"a": "first", "b": "second", "tie": "tie"}
_LEADS = frozenset(["answer", "verdict", "is", "the", "better"])


class Question(NamedTuple):
    segment: Segment
    swapped: bool
    first: str
    second: str


@transaction.atomic
def start_judging(
    judge: System,
    campaign: Campaign,
    system_a: System,
    system_b: System,
    *,
    user: Any = None,
    queue: bool = True,
) -> JudgeRun:
    """A run that waits for a worker; the same one again is given back, a stopped one resumed.

    Raises BadInput for a judge that writes nothing, systems that are not of the campaign, and
    two systems without a text for the same segment.
    """
    if judge.kind != System.Kind.MODEL:
        raise BadInput(f"{judge.name!r} writes nothing here; choose a model as the judge")
    if system_a == system_b:
        raise BadInput("choose two different systems to compare")
    inside = set(campaign.systems.values_list("pk", flat=True))
    for system in (system_a, system_b):
        if system.pk not in inside:
            raise BadInput(f"{system.name!r} is not a system of {campaign.name!r}")
    first, second = sorted((system_a, system_b), key=lambda system: system.name)
    run, is_new = JudgeRun.objects.get_or_create(
        judge=judge,
        campaign=campaign,
        system_a=first,
        system_b=second,
        defaults={"prompt": PROMPT, "created_by": user},
    )
    if not list(_texts(run)):
        raise BadInput(f"{first.name!r} and {second.name!r} have no segment in common")
    if is_new and queue:
        enqueue(run)
    elif run.state in (run.State.FAILED, run.State.CANCELLED):
        resume(run)
    return run


def judge_pairs(run: JudgeRun, progress: Progress) -> None:
    """The job: verdicts that are missing. Run twice, it asks nothing twice."""
    known = set(run.verdicts.values_list("segment_id", "swapped"))
    questions = [q for q in _questions(run) if (q.segment.pk, q.swapped) not in known]
    progress.total(len(questions) + len(known), done=len(known))
    if not questions:
        return
    progress.say("loading the judge")
    backend = backend_for([run.judge])
    type(run).objects.filter(pk=run.pk).update(environment=backend.describe(0))
    progress.say("asking the judge")
    for start in range(0, len(questions), CHUNK):
        part = questions[start : start + CHUNK]
        progress.stop_if_cancelled()
        answers = backend.generate([Request(0, asked(run, question)) for question in part])
        JudgeVerdict.objects.bulk_create(
            _verdict(run, question, answer.text)
            for question, answer in zip(part, answers, strict=True)
        )
        progress.advance(len(part))
    progress.say("")


def asked(run: JudgeRun, question: Question) -> str:
    """The question as the judge's own template writes it."""
    texts = {
        "source": question.segment.source,
        "first": question.first,
        "second": question.second,
    }
    filled = _BLANK.sub(lambda blank: texts[blank[1]], run.prompt)
    return prompt_for(run.judge, Segment(source=filled))


def read_verdict(text: str) -> str:
    """first, second, tie, or "" where the answer names none of them at its start.

    >>> read_verdict("B is better."), read_verdict("Answer A"), read_verdict("Both are fine")
    ('second', 'first', '')
    """
    words = _WORD.findall(text)[:4]
    for word in words:
        lower = word.lower()
        # A small a is an article, unless it is all there is.
        if lower in _SAID and (lower == "tie" or word.isupper() or len(words) == 1):
            return _SAID[lower]
        if lower not in _LEADS:
            return ""
    return ""


def _verdict(run: JudgeRun, question: Question, text: str) -> JudgeVerdict:
    shown = ("b", "a") if question.swapped else ("a", "b")
    read = {"first": shown[0], "second": shown[1], "tie": "tie", "": "none"}[read_verdict(text)]
    return JudgeVerdict(
        run=run,
        segment=question.segment,
        swapped=question.swapped,
        verdict=read,
        answer=text.replace("\0", ""),
    )


def _texts(run: JudgeRun) -> Iterator[tuple[Segment, str, str]]:
    """Segments with both systems' texts, where the two differ."""
    outputs: Sequence[dict[int, str]] = [
        dict(
            Output.objects.filter(
                system=system, segment__dataset=run.campaign.dataset_id
            ).values_list("segment_id", "text")
        )
        for system in (run.system_a, run.system_b)
    ]
    for segment in run.campaign.dataset.segments.order_by("position"):
        a, b = (side.get(segment.pk) for side in outputs)
        if a is not None and b is not None and a != b:
            yield segment, a, b


def _questions(run: JudgeRun) -> Iterator[Question]:
    for segment, a, b in _texts(run):
        yield Question(segment, False, a, b)
        yield Question(segment, True, b, a)
