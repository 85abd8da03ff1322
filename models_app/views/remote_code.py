"""Switching a checkpoint's own Python code on and off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import admin_required
from common.errors import NikashError
from models_app.models import Checkpoint
from models_app.remote_code import set_trust


@require_POST
@admin_required
def checkpoint_code(request: HttpRequest, pk: int) -> HttpResponse:
    checkpoint = get_object_or_404(Checkpoint, pk=pk)
    trusted = request.POST.get("trusted") == "1"
    try:
        set_trust(checkpoint, trusted=trusted, user=request.user)
    except NikashError as problem:
        messages.error(request, problem.message)
    else:
        said = _("%(name)s may run its own code.") if trusted else _("%(name)s runs no code.")
        messages.success(request, said % {"name": checkpoint})
    return redirect("models_app:checkpoint_list")
