"""The page where an item is judged, and the door through which answers come in."""

import uuid
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from annotation.accounts import person_key
from annotation.document import context_of
from annotation.guesses import filled_guess, question_of, read_guess
from annotation.guidelines import as_html, guideline_for
from annotation.models import Assignment, Campaign, Rating
from annotation.norming import is_compared
from annotation.projection import Saved
from annotation.services import submit_rating
from annotation.state_words import state_words
from annotation.views.onward import address_after, next_address
from common.errors import BadInput, Conflict, NikashError

LETTERS = "ABCDEFGH"


@require_safe
def annotate_next(request: HttpRequest, campaign: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    return redirect(next_address(found, request.user))


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
    onward = address_after(assignment, request.user) if finish else ""
    if as_json:
        return JsonResponse(
            {"saved": True, "sequence": saved.rating.sequence, "next": onward or None}
        )
    return redirect(onward or reverse("annotation:annotate", args=[pk]))


def _mine(request: HttpRequest, pk: int) -> Assignment:
    """Another person's assignment is simply not found."""
    assignments = Assignment.objects.select_related(
        "item__campaign", "item__segment__dataset", "annotator"
    ).filter(
        annotator__user=request.user,
        item__campaign__memberships__user=request.user,
        item__campaign__memberships__role="annotator",
    )
    return get_object_or_404(assignments, pk=pk)


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
    guideline = guideline_for(assignment.item.campaign, get_language() or "en")
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
        guideline=str(guideline) if guideline else "",
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
    item = assignment.item
    campaign, segment = item.campaign, item.segment
    language = get_language() or "en"
    protocol = campaign.protocol_object
    rating = Rating.objects.filter(item=item, annotator=assignment.annotator).first()
    guideline = guideline_for(campaign, language)
    guess = question_of(campaign)
    filled = protocol.fill_form(rating.answer, assignment.order) if rating else {}
    if guess and rating:
        filled["guess"] = filled_guess(rating, assignment)
    if problem is not None and request.method == "POST":
        filled = {**filled, **request.POST.dict()}
    mine = Assignment.objects.filter(annotator=assignment.annotator, item__campaign=campaign)
    counts = mine.aggregate(
        n=Count("pk"),
        n_done=Count("pk", filter=Q(state=Assignment.State.DONE)),
        n_before=Count("pk", filter=Q(position__lt=assignment.position)),
    )
    previous = mine.filter(position__lt=assignment.position).order_by("-position").first()
    outputs = outputs_shown(assignment, protocol.compares)
    context = {
        "assignment": assignment,
        "campaign": campaign,
        "segment": segment,
        "dataset": segment.dataset,
        "outputs": outputs,
        "form": protocol.form(language),
        "form_template": protocol.template,
        "scripts": protocol.scripts,
        "styles": protocol.styles,
        "guess": guess,
        "protocol_keys": [*protocol.keys(), *guess.get("keys", ())],
        "texts": {"source": segment.source, "target": outputs[0]["text"]},
        "filled": filled,
        "rating": rating,
        "sequence": rating.sequence if rating else 0,
        "key": uuid.uuid4(),
        "person": person_key(request.user),
        "words": state_words(),
        "problem": problem,
        "previous": previous,
        "counts": counts,
        "is_compared": is_compared(assignment),
        "number": counts["n_before"] + 1,
        "document": context_of(assignment, compares=protocol.compares),
        "guideline_html": as_html(guideline.text) if guideline else "",
    }
    return render(request, "annotation/annotate.html", context, status=status)


def outputs_shown(assignment: Assignment, compares: bool) -> list[dict[str, Any]]:
    """The texts as this annotator sees them; nothing in here tells who wrote them."""
    texts = {slot.slot: slot.text for slot in assignment.item.slots.select_related("output")}
    shown = assignment.order if compares else assignment.order[:1]
    return [
        {"prefix": f"o{shown_as}-", "letter": LETTERS[shown_as], "text": texts[slot]}
        for shown_as, slot in enumerate(shown)
    ]
