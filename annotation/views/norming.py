"""The norming room: items that differ most, an item's answers, remarks, second thoughts."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.comparing import (
    copies_of,
    errors_table,
    outputs_of,
    ratings_of,
    scores_table,
    second_thought,
)
from annotation.differing import Differing
from annotation.models import Assignment, Item, Rating, Remark
from annotation.norming import (
    LONGEST_REMARK,
    Room,
    add_remark,
    campaigns_open_to,
    items_in,
    own_rating,
    room_of,
    think_again,
)
from annotation.views.item import outputs_shown, texts_script
from common.errors import NikashError

ITEMS_A_PAGE = 25


def _room(request: HttpRequest, pk: int) -> Room:
    campaigns = campaigns_open_to(request.user).select_related("dataset")
    return room_of(get_object_or_404(campaigns, pk=pk), request.user)


def _item(room: Room, pk: int) -> Item:
    """An item that this person may not compare is simply not found."""
    items = items_in(room).select_related("segment__dataset", "campaign")
    return get_object_or_404(items, pk=pk)


@never_cache
@require_safe
def norming(request: HttpRequest, pk: int) -> HttpResponse:
    """Those that differ most first; ?flagged=1 for those that somebody flagged."""
    room = _room(request, pk)
    only_flagged = bool(request.GET.get("flagged"))
    shown = Differing(room, only_flagged=only_flagged)
    page = Paginator(shown, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    context = {"room": room, "page": page, "only_flagged": only_flagged, **_head(room)}
    return render(request, "annotation/norming.html", context)


def _head(room: Room) -> dict[str, Any]:
    return {
        "campaign": room.campaign,
        "dataset": room.campaign.dataset,
        "protocol": room.campaign.protocol_object,
    }


@never_cache
@require_safe
def norming_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    room = _room(request, pk)
    return _page(request, room, _item(room, item))


def _page(
    request: HttpRequest, room: Room, item: Item, problem: NikashError | None = None
) -> HttpResponse:
    ratings, outputs = ratings_of(item), outputs_of(room, item)
    own = own_rating(room, item)
    context = {
        **_head(room),
        "room": room,
        "item": item,
        "outputs": outputs,
        "scores": scores_table(room, ratings, outputs),
        "copies": copies_of(room, item, ratings, outputs),
        "errors": errors_table(room, ratings),
        "notes": [rating for rating in ratings if rating.note or rating.flagged],
        "changed": [rating for rating in ratings if second_thought(room, rating)],
        "own": own,
        "remarks": _remarks(room, item),
        "longest": LONGEST_REMARK,
        "written": request.POST.get("text", "") if problem else "",
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "annotation/norming_item.html", context, status=status)


def _remarks(room: Room, item: Item) -> list[dict[str, Any]]:
    """Annotators speak under their code, everybody else as a researcher; two queries."""
    judging = room.campaign.memberships.annotating()
    codes = dict(judging.values_list("user", "user__annotator__code"))
    return [{"remark": remark, "who": _speaker(remark, codes)} for remark in item.remarks.all()]


def _speaker(remark: Remark, codes: dict[int, str]) -> str:
    if remark.author_id is None:
        return _("somebody who has left")
    return codes.get(remark.author_id) or _("researcher")


@require_POST
def remark(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    room = _room(request, pk)
    if not room.may_speak:
        raise Http404
    found = _item(room, item)
    try:
        add_remark(found, request.user, request.POST.get("text", ""))
    except NikashError as problem:
        return _page(request, room, found, problem)
    return redirect("annotation:norming_item", pk, item)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The ordinary form, filled with what was answered; its answer stands beside the blind one."""
    room = _room(request, pk)
    found = _item(room, item)
    rating = own_rating(room, found)
    if rating is None:
        raise Http404
    if request.method != "POST":
        return _form(request, room, found, rating)
    order = _assignment(room, found).order
    try:
        answer = room.campaign.protocol_object.read_form(request.POST, order)
        think_again(rating, answer, request.POST.get("reason", ""))
    except NikashError as problem:
        return _form(request, room, found, rating, problem)
    messages.success(request, _("Your second thought is stored beside your first answer."))
    return redirect("annotation:norming_item", pk, item)


def _assignment(room: Room, item: Item) -> Assignment:
    return get_object_or_404(item.assignments, annotator=room.annotator)


def _form(
    request: HttpRequest,
    room: Room,
    item: Item,
    rating: Rating,
    problem: NikashError | None = None,
) -> HttpResponse:
    protocol = room.campaign.protocol_object
    assignment = _assignment(room, item)
    outputs = outputs_shown(assignment, protocol.compares)
    before = getattr(rating, "second_thought", None)
    filled = protocol.fill_form(before.answer if before else rating.answer, assignment.order)
    reason = before.reason if before else ""
    if problem is not None:
        filled = {**filled, **request.POST.dict()}
        reason = request.POST.get("reason", "")
    context = {
        **_head(room),
        "item": item,
        "segment": item.segment,
        "outputs": outputs,
        "form": protocol.form(get_language() or "en"),
        "form_template": protocol.template,
        "scripts": protocol.scripts,
        "styles": protocol.styles,
        "texts_script": texts_script(item.segment.source, outputs),
        "filled": filled,
        "reason": reason,
        "longest": LONGEST_REMARK,
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "annotation/norming_again.html", context, status=status)
