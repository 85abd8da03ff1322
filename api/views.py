"""The schema, its page for people, and the answer at addresses that do not exist."""

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.errors import json_error


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, in English; it is the same for everybody and made once a process."""
    from drf_spectacular.generators import SchemaGenerator

    with translation.override("en"):
        generator = SchemaGenerator(urlconf="config.urls", api_version="1")
        found: dict[str, Any] = generator.get_schema(public=True)
        return found


@login_not_required
@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    """OpenAPI 3 as JSON, for everybody."""
    return JsonResponse(
        document(), content_type="application/vnd.oai.openapi+json", safe=False,
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


@login_not_required
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The same as a page, without a script."""
    from api.reference import chapters

    context = {"chapters": chapters(document())}
    return render(request, "api/reference.html", context)


@login_not_required
@csrf_exempt
def nothing_here(request: HttpRequest) -> JsonResponse:
    told = _("There is nothing at this address; addresses end with a slash, see /api/v1/docs/.")
    return json_error(request, 404, told)
