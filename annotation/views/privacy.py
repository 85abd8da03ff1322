"""My data: see what is kept, take it away, have it erased; and an admin's side of erasing."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.access import admin_required
from annotation.forms_privacy import ANSWERS, EraseMeForm, ErasePersonForm
from annotation.models import Annotator, ErasureRequest, RatingEvent
from annotation.privacy.erasing import erase_person
from annotation.privacy.stored import everything_about
from common.errors import BadInput


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """What is kept, and the form to have it erased: the account at once, answers by an admin."""
    user: Any = request.user
    form = EraseMeForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        if form.cleaned_data["what"] == ANSWERS:
            ErasureRequest.objects.get_or_create(user=user)
            audit.record(user, "person.erase_asked", user)
            messages.success(
                request, _("An admin of this site will erase your account and your answers.")
            )
            return redirect("annotation:my_data")
        try:
            erase_person(user, by=user, with_answers=False)
        except BadInput as problem:
            form.add_error(None, problem.message)
        else:
            logout(request)
            messages.success(request, _("Your account is erased."))
            return redirect("login")
    context = {
        "form": form,
        "annotator": Annotator.objects.filter(user=user).first(),
        "n_answers": RatingEvent.objects.filter(annotator__user=user).count(),
        "asked": ErasureRequest.objects.filter(user=user).first(),
    }
    status = 422 if form.errors else 200
    return render(request, "annotation/my_data.html", context, status=status)


@never_cache
@require_safe
def my_data_file(request: HttpRequest) -> HttpResponse:
    """Everything as JSON, to keep or to carry elsewhere."""
    audit.record(request.user, "person.data_taken")
    body = json.dumps(
        dict(everything_about(request.user)), cls=DjangoJSONEncoder, ensure_ascii=False, indent=1
    )
    answer = HttpResponse(body, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="my-nikash-data.json"'
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def person_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """What erasing somebody would take, and the form that does it."""
    person = get_object_or_404(get_user_model(), pk=pk)
    form = ErasePersonForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        with_answers = form.cleaned_data["what"] == ANSWERS
        try:
            erased = erase_person(person, by=request.user, with_answers=with_answers)
        except BadInput as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(
                request,
                _("The account is erased, and %(n)s ratings with it.") % {"n": erased.n_ratings},
            )
            return redirect("annotation:people")
    answers = RatingEvent.objects.filter(annotator__user=person)
    context = {
        "form": form,
        "person": person,
        "n_answers": answers.count(),
        "n_campaigns": answers.values("item__campaign").distinct().count(),
        "asked": ErasureRequest.objects.filter(user=person).first(),
    }
    status = 422 if form.errors else 200
    return render(request, "annotation/person_erase.html", context, status=status)
