"""A person's own profile: who judges, their consent, and the language of their pages."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.accounts import annotator_of
from annotation.forms_profile import ProfileForm
from annotation.models import Annotator
from annotation.profiles import profile_saved


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Everybody's own; a profile is made when it is first sent. After a welcome, work follows."""
    posted = request.POST if request.method == "POST" else None
    annotator = Annotator.objects.filter(user=request.user).first() or Annotator()
    if posted is not None and annotator.pk is None:
        annotator = annotator_of(request.user)
    had_consented = annotator.consented_at is not None
    form = ProfileForm(posted, instance=annotator)
    if posted is not None and form.is_valid():
        has_consented = form.save().consented_at is not None
        profile_saved(annotator)
        withdrawn = had_consented and not has_consented
        return _saved(request, form.cleaned_data["language"], withdrawn)
    status = 422 if form.errors else 200
    context = {"form": form, "annotator": annotator}
    return render(request, "annotation/profile.html", context, status=status)


def _saved(request: HttpRequest, language: str, withdrawn: bool) -> HttpResponse:
    with translation.override(language):
        if withdrawn:
            messages.warning(
                request,
                _(
                    "Your consent is withdrawn. Tell the researchers if the answers "
                    "you have given should be deleted."
                ),
            )
        else:
            messages.success(request, _("Your profile is saved."))
    is_new = "welcome" in request.GET
    response = redirect("annotation:my_work" if is_new else "annotation:profile")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response
