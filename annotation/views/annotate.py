"""The page where an item is judged, and the door through which answers come in."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts.prepared import Prepared
from annotation.accounts import annotator_of, person_key
from annotation.guesses import question_of, read_guess
from annotation.guidelines import guideline_named
from annotation.models import Assignment, Campaign
from annotation.projection import Saved, rating_of
from annotation.services import submit_rating
from annotation.state_words import state_words
from annotation.views.item import item_html
from annotation.views.onward import after, onward_in
from common.errors import BadInput, Conflict, NikashError


@require_safe
def annotate_next(request: HttpRequest, campaign: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    return redirect(onward_in(found, annotator_of(request.user))[0])


@never_cache
@gzip_page  # Devanagari takes three bytes a character, and Django varies the length against BREACH
@require_http_methods(["GET", "HEAD", "POST"])
def annotate(request: HttpRequest, pk: int) -> HttpResponse:
    if request.headers.get("X-Nikash-Person", "") not in ("", person_key(request.user)):
        return _someone_else()
    assignment = _mine(request, pk)
    if request.method != "POST":
        return _page(request, assignment)
    as_json = request.headers.get("Accept", "").startswith("application/json")
    finish = request.POST.get("finish", "1") != "0"
    try:
        saved = _save(request, assignment, finish)
    except NikashError as problem:
        if as_json:
            return _refusal(problem)
        return _page(request, assignment, problem, status=422)
    if finish and not saved.rating.is_complete and saved.is_current:
        problem = BadInput(
            gettext("Please answer the questions that are marked; your draft is saved.")
        )
        return _refusal(problem) if as_json else _page(request, assignment, problem, status=422)
    if not finish:
        return _saved(saved) if as_json else redirect("annotation:annotate", pk)
    onward, following = after(assignment)
    if not as_json:
        return redirect(onward)
    brings = following is not None and request.POST.get("bring", "1") != "0"
    return _saved(saved, next=onward, html=_html(request, following) if brings else None)


def _saved(saved: Saved, **more: Any) -> JsonResponse:
    """The acknowledgement; with a finished answer, where one goes on, and the item there."""
    body = {"saved": True, "sequence": saved.rating.sequence, "next": None, **more}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


_MINE = Prepared(
    lambda pk, user: Assignment.objects.with_item().filter(
        pk=pk,
        annotator__user=user,
        item__campaign__memberships__user=user,
        item__campaign__memberships__role="annotator",
    ),
    2,
)


def _mine(request: HttpRequest, pk: int) -> Assignment:
    """Another person's assignment is simply not found."""
    if (found := _MINE.first(pk, request.user.pk)) is None:
        raise Http404
    found.annotator.user = request.user
    return found


def _save(request: HttpRequest, assignment: Assignment, finish: bool) -> Saved:
    posted = request.POST
    try:
        key = uuid.UUID(posted.get("key", ""))
        sequence = int(posted.get("sequence", ""))
        seconds = float(posted.get("active_seconds") or 0)
        client_time = parse_datetime(posted.get("client_time", ""))
    except ValueError:
        raise BadInput(gettext("the answer came without its key; load the page again")) from None
    if not 0 < sequence < 2**31 or not 0 <= seconds < 1e7:
        raise BadInput(gettext("the answer's count or time is out of range; load the page again"))
    order = assignment.order
    protocol = assignment.item.campaign.protocol_object
    return submit_rating(
        assignment=assignment,
        key=key,
        sequence=sequence,
        answer=protocol.read_form(posted, order),
        note=posted.get("note", "").replace("\0", ""),
        flagged=posted.get("flagged") == "1",
        guess=read_guess(assignment.item.campaign, posted.get("guess", ""), order),
        finish=finish,
        active_seconds=seconds or None,
        client_time=client_time if client_time and client_time.tzinfo else None,
        guideline=guideline_named(assignment.item.campaign, get_language() or "en"),
    )


def _someone_else() -> JsonResponse:
    """Not a refusal: the answer waits in the browser until its own person is back."""
    message = state_words()["someoneElse"]
    body = {"error": {"code": "someone_else", "message": message, "fields": {}}}
    return JsonResponse(body, status=403)


def _refusal(problem: NikashError) -> JsonResponse:
    code = "conflict" if isinstance(problem, Conflict) else "bad_input"
    status = 409 if isinstance(problem, Conflict) else 422
    body = {"error": {"code": code, "message": problem.message, "fields": {}}}
    return JsonResponse(body, status=status)


def _page(
    request: HttpRequest,
    assignment: Assignment,
    problem: NikashError | None = None,
    status: int = 200,
) -> HttpResponse:
    campaign = assignment.item.campaign
    protocol = campaign.protocol_object
    context = {
        "campaign": campaign,
        "item_html": _html(request, assignment, problem),
        "scripts": protocol.scripts,
        "styles": protocol.styles,
        "guess": question_of(campaign),
    }
    return render(request, "annotation/annotate.html", context, status=status)


def _html(
    request: HttpRequest, assignment: Assignment, problem: NikashError | None = None
) -> SafeString:
    return item_html(request, assignment, rating_of(assignment), problem)
