"""The playground's page, and its votes as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import researcher_required
from common.language_registry import languages
from common.tables import write_csv
from models_app.models import PlaygroundRequest, System
from models_app.playground import limits, votes


@require_GET
@researcher_required
def playground(request: HttpRequest) -> HttpResponse:
    context = {
        "systems": System.objects.filter(kind=System.Kind.MODEL).select_related(
            "checkpoint", "adapter"
        ),
        "languages": languages().values(),
        "modes": PlaygroundRequest.Mode.choices,
        "standings": votes.standings(),
        "most_tokens": limits.most_tokens(),
        "most_systems": limits.MOST_SYSTEMS,
        "most_characters": limits.MOST_CHARACTERS,
        "keep_days": limits.KEEP_DAYS,
        "open_request": PlaygroundRequest.objects.of(request.user).unfinished().first(),
    }
    return render(request, "models_app/playground.html", context)


@require_GET
@researcher_required
def playground_votes(request: HttpRequest) -> HttpResponse:
    name = f"playground-votes-{timezone.now():%Y-%m-%d}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    write_csv(response, votes.HEADER, votes.rows())
    return response
