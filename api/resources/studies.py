"""Studies: started, read, as tables."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from api.bodies import PlainBody, refusal_of
from api.endpoints import Media, Routes
from api.errors import Unprocessable
from api.jobs import KINDS
from api.people import Who
from api.rows import AnyObject, audited, job_serializer
from studies.forms import StudyForm
from studies.models import Study
from studies.running import start_study
from studies.words import as_markdown

routes = Routes("Site")
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
            gives=Media("text/markdown", "The tables for a paper.", "study.md"))  # fmt: skip
def read_markdown(request: Request, study: int) -> HttpResponseBase:
    """A study's tables as Markdown."""
    found = get_object_or_404(_studies(request), pk=study)
    return HttpResponse(as_markdown(found), "text/markdown; charset=utf-8")
