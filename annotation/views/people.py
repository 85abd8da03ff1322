"""Accounts: who there is, and making new ones."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import admin_required
from annotation.accounts import GROUPS, create_account, new_password
from annotation.forms import PersonForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def people(request: HttpRequest) -> HttpResponse:
    """The list and a form; a new password is shown once, on this answer only."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        password = new_password()
        user = create_account(password=password, **form.cleaned_data)
        made = {"username": user.username, "password": password}
        form = PersonForm()
    users = get_user_model().objects.prefetch_related("groups").select_related("erasure_request")
    page = Paginator(users.order_by("username"), 50).get_page(request.GET.get("page"))
    for user in page:
        user.role = _role(user)
    status = 422 if form.errors else 200
    context = {"form": form, "made": made, "page": page}
    return render(request, "annotation/people.html", context, status=status)


def _role(user: Any) -> str:
    if user.is_staff:
        return "admin"
    groups = {group.name for group in user.groups.all()}
    return next((role for role, group in GROUPS.items() if group in groups), "annotator")
