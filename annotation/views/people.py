"""Accounts: who there is, and making new ones."""

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.access import RESEARCHERS, admin_required
from annotation.accounts import create_account, new_password
from annotation.forms import PersonForm


@never_cache
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
    users = get_user_model().objects.prefetch_related("groups").order_by("username")
    page = Paginator(users, 50).get_page(request.GET.get("page"))
    for user in page:
        is_researcher = any(group.name == RESEARCHERS for group in user.groups.all())
        user.role = "admin" if user.is_staff else "researcher" if is_researcher else "annotator"
    status = 422 if form.errors else 200
    context = {"form": form, "made": made, "page": page}
    return render(request, "annotation/people.html", context, status=status)
