"""What a person may see of a request; while it is blind, nothing that tells who answered."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from models_app.models import PlaygroundAnswer, PlaygroundRequest, PlaygroundVote
from models_app.playground import limits

State = PlaygroundRequest.State


def seen(request: PlaygroundRequest) -> dict[str, Any]:
    """The request as JSON says it."""
    answers = list(request.answers.select_related("system"))
    vote = PlaygroundVote.objects.filter(request=request).select_related("best").first()
    voting = can_be_voted_on(request, answers) and vote is None
    named = not request.blind or vote is not None or (request.is_finished and not voting)
    return {
        "id": request.pk,
        "mode": request.mode,
        "text": request.text,
        "state": request.state,
        "label": str(request.get_state_display()),
        "finished": request.is_finished,
        "error": request.error if named else "",
        "message": _waiting(request),
        "blind": request.blind,
        "named": named,
        "can_vote": voting,
        "answers": [_answer(request, item, named=named) for item in answers],
        "vote": _vote(vote) if vote else None,
    }


def can_be_voted_on(request: PlaygroundRequest, answers: list[PlaygroundAnswer]) -> bool:
    """Blind, finished, and every system has answered."""
    done = request.blind and request.state == State.DONE
    return done and all(item.finish_reason and not item.error for item in answers)


def _answer(request: PlaygroundRequest, item: PlaygroundAnswer, *, named: bool) -> dict[str, Any]:
    translated = request.mode == PlaygroundRequest.Mode.TRANSLATE
    found = {
        "letter": item.letter,
        "text": item.text,
        "lang": request.target_lang if translated else request.source_lang,
        "translation": item.translation,
        "translation_lang": request.target_lang,
        "system": None,
        "failed": bool(item.error),
        "finish_reason": item.finish_reason,
    }
    if named:
        found |= {
            "system": item.system.name,
            "error": item.error,
            "prompt": item.prompt,
            "n_tokens": item.n_tokens,
            "seconds": None if item.seconds is None else round(item.seconds, 2),
        }
    return found


def _vote(vote: PlaygroundVote) -> dict[str, Any]:
    return {
        "verdict": vote.verdict,
        "best": vote.best.letter if vote.best else None,
        "note": vote.note,
    }


def _waiting(request: PlaygroundRequest) -> str:
    if request.state != State.QUEUED:
        return ""
    ahead = PlaygroundRequest.objects.unfinished().filter(pk__lt=request.pk).count()
    return _("%(n)s before you") % {"n": ahead} if ahead else _("waiting for the worker")


def give_up_waiting(request: PlaygroundRequest) -> PlaygroundRequest:
    """A request that no worker takes, though none is busy, fails with a sentence."""
    patience = timedelta(seconds=limits.NO_WORKER_SECONDS)
    if request.state == State.QUEUED and timezone.now() - request.queued_at > patience:
        busy = PlaygroundRequest.objects.filter(state=State.RUNNING).exists()
        if not busy:
            PlaygroundRequest.objects.filter(pk=request.pk, state=State.QUEUED).update(
                state=State.FAILED,
                finished_at=timezone.now(),
                error=_("No worker takes the playground's requests; ask an admin to start one."),
            )
            request.refresh_from_db()
    return request
