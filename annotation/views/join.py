"""Where an invitation's link leads: an account or a sign-in, and one is an annotator."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.signing_in import enter
from annotation.forms_join import KnownPersonForm, NewPersonForm
from annotation.invitations import (
    Gone,
    accept,
    accept_as_new,
    check_open,
    invitation_of,
    is_member,
)
from annotation.models import Invitation
from common.errors import NotFound


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The small door behind a link: make an account, sign in, or take part as who one is."""
    try:
        invitation = invitation_of(token)
        if request.user.is_authenticated and is_member(invitation, request.user):
            return redirect("annotation:my_work")
        check_open(invitation)
        return _door(request, invitation)
    except NotFound as problem:
        status = 410 if isinstance(problem, Gone) else 404
        context = {"problem": problem}
        return render(request, "annotation/invitation_gone.html", context, status=status)


def _door(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method == "POST" and request.user.is_authenticated:
        return _welcome(request, invitation)
    is_known = request.method == "POST" and "sign_in" in request.POST
    is_new = request.method == "POST" and not is_known
    known = KnownPersonForm(request, request.POST if is_known else None)
    new = NewPersonForm(request.POST if is_new else None)
    if is_known and known.is_valid():
        onward = enter(request, known.get_user(), request.path)
        return _welcome(request, invitation) if request.user.is_authenticated else onward
    if is_new and new.is_valid() and (user := _made(invitation, new)):
        login(request, user)
        return _welcome(request, invitation)
    context = {"campaign": invitation.campaign, "new": new, "known": known}
    status = 422 if new.errors or known.errors else 200
    return render(request, "annotation/join.html", context, status=status)


def _made(invitation: Invitation, form: NewPersonForm) -> Any:
    """The new account, or None where somebody took the name since the form was checked."""
    chosen = form.cleaned_data
    try:
        return accept_as_new(invitation, username=chosen["username"], password=chosen["password1"])
    except IntegrityError:
        form.add_error("username", _("This name is taken; choose another."))
        return None


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    accept(invitation, request.user)
    messages.success(
        request,
        _("Welcome! Tell us who you are, as far as you like; your work waits under My work."),
    )
    return redirect(reverse("annotation:profile") + "?welcome")
