"""Webhooks of the campaigns that one may change, and for admins of the site: make, try, delete."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import is_admin
from annotation.models import Campaign
from api.webhooks.forms import WebhookForm
from api.webhooks.managing import delete_webhook, make_webhook, try_webhook
from api.webhooks.models import Delivery, Webhook
from common.errors import BadInput

NEWEST = 5  # deliveries shown of each


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """The list and a form; a new webhook's secret is shown once, on this answer only."""
    user: Any = request.user
    if not (is_admin(user) or Campaign.objects.manageable_by(user).exists()):
        raise PermissionDenied
    posted = request.POST if request.method == "POST" else None
    form = WebhookForm(posted, user=user, initial={"campaign": request.GET.get("campaign")})
    secret = ""
    if form.is_valid():
        try:
            secret = make_webhook(user=user, **form.cleaned_data)[1]
            form = WebhookForm(user=user)
        except BadInput as problem:
            form.add_error(None, problem.message)
    newest = Delivery.objects.order_by("-pk")[:NEWEST]
    shown = Webhook.objects.manageable_by(user).select_related("campaign", "created_by")
    context = {
        "form": form,
        "secret": secret,
        "webhooks": shown.prefetch_related(Prefetch("deliveries", newest, to_attr="newest"))[:200],
    }
    return render(request, "api/webhooks.html", context, status=422 if form.errors else 200)


@require_POST
def webhook_try(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.manageable_by(request.user), pk=pk)
    try_webhook(found, request.user)
    messages.success(request, _("An event is on its way; load this page again to see how it went."))
    return redirect("webhooks:list")


@require_POST
def webhook_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.manageable_by(request.user), pk=pk)
    delete_webhook(found, request.user)
    messages.success(request, _("The webhook is deleted."))
    return redirect("webhooks:list")
