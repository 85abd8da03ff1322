"""What one says of oneself as an annotator."""

from typing import Any

from django import forms
from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request

from annotation.accounts import annotator_of
from annotation.forms_profile import ProfileForm
from annotation.models import Annotator
from annotation.profiles import profile_saved
from api.bodies import FormBody
from api.endpoints import Routes
from api.people import Who

routes = Routes("Site")


class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = Annotator
        fields = (
            "code", "native_languages", "dialect", "region", "education", "experience_years",
            "relation_to_authors", "author_name", "consented_at",
        )  # fmt: skip


def _profile_form(request: Any, data: Any, files: Any) -> ProfileForm:
    if request is None:
        return ProfileForm(data)
    own = Annotator.objects.filter(user=request.user).first() or Annotator()
    return ProfileForm(data, instance=own)


@routes.get("me/profile/", Who.PERSON, gives=ProfileSerializer)
def read_profile(request: Request) -> Any:
    """What one said of oneself as an annotator."""
    return Annotator.objects.filter(user=request.user).first() or Annotator()


@routes.put("me/profile/", Who.PERSON, gives=ProfileSerializer,
            takes=FormBody(_profile_form, "ProfileAsked", open_choices=("language",)))  # fmt: skip
@transaction.atomic
def change_profile(request: Request, form: ProfileForm) -> Any:
    """Say who one is, and whether one's answers may be used for research."""
    if form.instance.pk is None:
        form.instance = _merged(annotator_of(request.user), form)
    made = form.save()
    profile_saved(made)
    return made


def _merged(own: Annotator, form: forms.ModelForm) -> Annotator:
    """The row made now, with what the form read into an unsaved one."""
    for name in form.Meta.fields:
        setattr(own, name, getattr(form.instance, name))
    own.consented_at = form.instance.consented_at
    return own
