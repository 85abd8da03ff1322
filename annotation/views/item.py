"""An item as its annotator sees it: the part of the page that changes from item to item."""

import json
import uuid
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import json_script
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from annotation.accounts import person_key
from annotation.blanks import Blank, Blanks
from annotation.document import Context, context_of
from annotation.guesses import filled_guess, question_of
from annotation.guidelines import as_html, guideline_for
from annotation.models import Assignment, Rating
from annotation.norming import is_compared
from annotation.numerals import digits
from annotation.progress import Standing, standing_at
from annotation.state_words import state_words
from common.errors import NikashError
from models_app.templatetags.hidden import shown

LETTERS = "ABCDEFGH"
_blanks = Blanks()


def item_html(
    request: HttpRequest,
    assignment: Assignment,
    rating: Rating | None,
    problem: NikashError | None = None,
) -> SafeString:
    """The heading, the item, its form and the keys, escaped and ready to be shown.

    An item that nobody has answered yet is put into a rendering kept for its campaign.
    """
    standing = standing_at(assignment)
    context = context_of(assignment, compares=assignment.item.campaign.protocol_object.compares)
    is_fresh = rating is None and problem is None and assignment.state == Assignment.State.OPEN
    blank = Blank()
    values = _values(request, assignment, standing, context, blank if is_fresh else None)

    def render() -> str:
        more = _more(request, assignment, rating, problem)
        return render_to_string("annotation/item.html", {**values, **more})

    if not is_fresh:
        return SafeString(render())
    return _blanks.fill(_key(assignment, standing, context), blank, render)


def outputs_shown(assignment: Assignment, compares: bool) -> list[dict[str, Any]]:
    """The texts as this annotator sees them; nothing in here tells who wrote them."""
    texts = {slot.slot: slot.text for slot in assignment.item.shown_slots}
    shown = assignment.order if compares else assignment.order[:1]
    return [
        {"prefix": f"o{shown_as}-", "letter": LETTERS[shown_as], "text": texts[slot]}
        for shown_as, slot in enumerate(shown)
    ]


def texts_script(source: str, outputs: list[dict[str, Any]]) -> SafeString:
    """The texts for the scripts that mark errors in them."""
    return json_script({"source": source, "target": outputs[0]["text"]}, "marking-texts")


def _values(
    request: HttpRequest,
    assignment: Assignment,
    standing: Standing,
    context: Context,
    blank: Blank | None,
) -> dict[str, Any]:
    """What differs between items: with a blank, marks for it, and nothing for what is empty."""

    def put(value: Any) -> Any:
        return value if blank is None or value in ("", None) else blank.put(value)

    segment = assignment.item.segment
    compares = assignment.item.campaign.protocol_object.compares
    outputs = outputs_shown(assignment, compares)
    address = reverse("annotation:annotate", args=[assignment.pk])
    previous = standing.previous
    return {
        "address": put(address),
        "login": put(f"{reverse('login')}?{urlencode({'next': address})}"),
        "previous": put(reverse("annotation:annotate", args=[previous]) if previous else ""),
        "number": put(digits(standing.number)),
        "n": put(standing.n),
        "n_done": put(standing.n_done),
        "all": put(digits(standing.n)),
        "done": put(digits(standing.n_done)),
        "source": put(shown(segment.source)),
        "context": put(shown(segment.context)),
        "outputs": [{**output, "text": put(shown(output["text"]))} for output in outputs],
        "texts_script": put(texts_script(segment.source, outputs)),
        "document": Context(
            *(
                [type(row)(*(put(shown(text)) for text in row)) for row in rows]
                for rows in (context.before, context.after)
            )
        ),
        "key": put(uuid.uuid4()),
        "csrf_token": put(get_token(request)),
        "person": put(person_key(request.user)),
    }


def _more(
    request: HttpRequest,
    assignment: Assignment,
    rating: Rating | None,
    problem: NikashError | None,
) -> dict[str, Any]:
    """What is the same for every fresh item of a campaign, and what was answered to this one."""
    campaign = assignment.item.campaign
    language = get_language() or "en"
    protocol = campaign.protocol_object
    guideline = guideline_for(campaign, language)
    guess = question_of(campaign)
    filled = protocol.fill_form(rating.answer, assignment.order) if rating else {}
    if guess and rating:
        filled["guess"] = filled_guess(rating, assignment)
    if problem is not None and request.method == "POST":
        filled = {**filled, **request.POST.dict()}
    return {
        "assignment": assignment,
        "campaign": campaign,
        "dataset": campaign.dataset,
        "form": protocol.form(language),
        "form_template": protocol.template,
        "scripts": protocol.scripts,
        "guess": guess,
        "protocol_keys": [*protocol.keys(), *guess.get("keys", ())],
        "filled": filled,
        "rating": rating,
        "sequence": rating.sequence if rating else 0,
        "words": state_words(),
        "problem": problem,
        "is_compared": is_compared(assignment),
        "guideline_html": as_html(guideline.text) if guideline else "",
    }


def _key(assignment: Assignment, standing: Standing, context: Context) -> tuple[Any, ...]:
    """All that the rendering of a fresh item depends on, but for the values put into it."""
    item = assignment.item
    campaign = item.campaign
    rows = [[row.output in ("", None) and row.output for row in part] for part in context]
    outputs = outputs_shown(assignment, campaign.protocol_object.compares)
    return (
        get_language(),
        *(
            campaign.pk,
            campaign.created_at,
            campaign.name,
            campaign.protocol,
            json.dumps(campaign.options),
        ),
        *(campaign.guideline, campaign.guideline_version, item.purpose),
        *(campaign.dataset.source_lang, campaign.dataset.target_lang),
        bool(standing.previous),
        bool(item.segment.context),
        tuple(bool(output["text"]) for output in outputs),
        json.dumps(rows),
        tuple(bool(row.source) for part in context for row in part),
    )
