"""The site: guidelines, accounts, the audit log, studies, one's profile."""

import json
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from accounts.access import is_admin, is_auditor
from accounts.models import AuditEntry
from annotation.accounts import annotator_of, create_account, new_password
from annotation.forms import PersonForm
from annotation.forms_guideline import GuidelineForm, TextForm
from annotation.forms_profile import ProfileForm
from annotation.guidelines import add_version, newest_version
from annotation.models import Annotator, Campaign, Guideline
from annotation.profiles import profile_saved
from api.asking import Moment, Number, Text
from api.bodies import FormBody, PlainBody, refusal_of
from api.endpoints import Media, Routes
from api.errors import Unprocessable
from api.jobs import KINDS
from api.people import Who
from api.rows import AnyObject, audited, body_of, job_serializer
from studies.forms import StudyForm
from studies.models import Study
from studies.running import start_study
from studies.words import as_markdown

routes = Routes("Site")
User = get_user_model()


class GuidelineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Guideline
        fields = ("id", "name", "version", "language", "text", "created_at")


class GuidelineAskedSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="The guideline's name.")
    based_on = serializers.IntegerField(
        min_value=0, max_value=2**31 - 2, help_text="The version you read; 0 for a new one."
    )
    texts = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False, max_length=30_000),
        help_text="Markdown by language tag; other languages keep their text.",
    )


class VersionSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="The guideline's name.")
    version = serializers.IntegerField(help_text="The version that was stored.")


class AccountSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The account's id.")
    username = serializers.CharField(help_text="The user name.")
    is_admin = serializers.BooleanField(source="is_staff", help_text="Whether an admin.")
    is_active = serializers.BooleanField(help_text="Whether they may sign in.")
    groups = serializers.SerializerMethodField(help_text="researchers, auditors.")

    def get_groups(self, user: Any) -> list[str]:
        return sorted(group.name for group in user.groups.all())


class NewAccountSerializer(AccountSerializer):
    password = serializers.CharField(help_text="Shown once.")


class AuditSerializer(serializers.ModelSerializer):
    details = AnyObject(help_text="What else there is to know.")

    class Meta:
        model = AuditEntry
        fields = (
            "id", "at", "actor_name", "action", "subject_kind", "subject_id", "subject_name",
            "campaign_id", "details", "request_id",
        )  # fmt: skip


class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = Annotator
        fields = (
            "code", "native_languages", "dialect", "region", "education", "experience_years",
            "relation_to_authors", "author_name", "consented_at",
        )  # fmt: skip


StudySerializer = job_serializer(
    Study, "name", "stage", configuration=AnyObject(help_text="As it was given.")
)


class StudyAskedSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60, help_text="Stands before all that it makes.")
    template = serializers.CharField(
        max_length=100, allow_blank=True, default="", help_text="A study that ships with Nikash."
    )
    configuration = serializers.DictField(
        default=dict, help_text="One's own, as studies/configuration.schema.json says."
    )


class TablesSerializer(serializers.Serializer):
    results = AnyObject(help_text="The study's tables, in order.")


@routes.get("guidelines/", Who.SITE_READER, gives=GuidelineSerializer, pages=True, parameters=(
    Text("name", "Only of this name.", "name"), Text("language", "Only in this.", "language"),
    Number("version", "Only this version.", "version"),
))  # fmt: skip
def list_guidelines(request: Request) -> Any:
    """Every version in every language."""
    return Guideline.objects.all()


@routes.post("guidelines/", Who.RESEARCHER, gives=VersionSerializer, status=201,
             takes=PlainBody(GuidelineAskedSerializer))  # fmt: skip
def make_guideline(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Store a guideline's next version; refused where somebody stored another meanwhile."""
    is_new = newest_version(given["name"]) == 0
    head = GuidelineForm(given, is_new=is_new)
    if not head.is_valid():
        raise refusal_of(head)
    if not given["texts"]:
        raise refusal_of(_text_form("", ""))
    texts = {}
    for language, text in given["texts"].items():
        form = _text_form(language, text)
        if not form.is_valid():
            raise refusal_of(form)
        texts[form.cleaned_data["language"]] = form.cleaned_data["text"]
    made = add_version(name=given["name"], texts=texts, based_on=given["based_on"])
    audited(request, "guideline.make", name=given["name"], version=made)
    return {"name": given["name"], "version": made}


def _text_form(language: str, text: str) -> TextForm:
    form = TextForm({"language": language, "text": text}, use_required_attribute=False)
    form.empty_permitted = False  # here a text is always meant
    return form


@routes.get("accounts/", Who.ADMIN, gives=AccountSerializer, pages=True,
            parameters=(Text("username", "Only of this user name.", "username"),))  # fmt: skip
def list_accounts(request: Request) -> Any:
    """Who has an account."""
    return User.objects.prefetch_related("groups")


@routes.post("accounts/", Who.ADMIN, gives=NewAccountSerializer, status=201, has_secret=True,
             takes=body_of(PersonForm, "Account"))  # fmt: skip
@transaction.atomic
def make_account(request: Request, form: Any) -> Any:
    """Make an account; its first password is shown once."""
    password = new_password()
    user = create_account(password=password, **form.cleaned_data)
    audited(request, "account.make", user, role=form.cleaned_data["role"])
    user.password = password  # shown, never saved: what is stored is its hash
    return user


@routes.get("audit-log/", Who.PERSON, gives=AuditSerializer, pages=True, parameters=(
    Text("actor", "Only by this user name.", "actor_name"),
    Text("action", "Only this act, say campaign.open.", "action"),
    Number("campaign", "Only in this campaign.", "campaign_id"),
    Moment("since", "Only at this time or later.", "at__gte"),
))  # fmt: skip
def list_audit(request: Request) -> Any:
    """Who did what to whom, as far as one may read it."""
    return entries_for(request.user)


def entries_for(user: Any) -> Any:
    """All for admins and auditors of the site; of their campaigns for others."""
    if is_admin(user) or is_auditor(user):
        return AuditEntry.objects.all()
    seen = Campaign.objects.manageable_by(user).values("pk")
    return AuditEntry.objects.filter(campaign_id__in=seen)


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


def _studies(request: Request) -> Any:
    return KINDS["study"].read(request.user).select_related("created_by")


@routes.get("studies/", Who.SITE_READER, gives=StudySerializer, pages=True)
def list_studies(request: Request) -> Any:
    """Studies; stop them and run them again under jobs/study/."""
    return _studies(request).defer("results", "environment")


@routes.post("studies/", Who.ADMIN, gives=StudySerializer, status=201,
             takes=PlainBody(StudyAskedSerializer))  # fmt: skip
def make_study(request: Request, given: dict[str, Any]) -> Any:
    """Start a study: one that ships with Nikash, or one's own configuration."""
    asked = _study(given)
    made = start_study(asked["name"], asked["configuration"], asked["folder"], user=request.user)
    audited(request, "study.start", made)
    return made


def _study(given: dict[str, Any]) -> dict[str, Any]:
    """Through the page's form, to which a configuration is a file."""
    files = {}
    if given["configuration"]:
        content = json.dumps(given["configuration"]).encode()
        files["file"] = SimpleUploadedFile("configuration.json", content)
    elif not given["template"]:
        told = "write a template or a configuration"
        raise Unprocessable(told, {"template": [told]})
    form = StudyForm({"name": given["name"], "template": given["template"]}, files)
    if not form.is_valid():
        raise refusal_of(form)
    return dict(form.cleaned_data)


@routes.get("studies/<id:study>/", Who.SITE_READER, gives=StudySerializer)
def read_study(request: Request, study: int) -> Any:
    """One study."""
    return get_object_or_404(_studies(request), pk=study)


@routes.get("studies/<id:study>/tables/", Who.SITE_READER, gives=TablesSerializer)
def read_tables(request: Request, study: int) -> dict[str, Any]:
    """A study's tables."""
    return {"results": get_object_or_404(_studies(request), pk=study).results}


@routes.get("studies/<id:study>/tables.md/", Who.SITE_READER,
            gives=Media("text/markdown", "The tables for a paper."))  # fmt: skip
def read_markdown(request: Request, study: int) -> HttpResponseBase:
    """A study's tables as Markdown."""
    found = get_object_or_404(_studies(request), pk=study)
    return HttpResponse(as_markdown(found), "text/markdown; charset=utf-8")
