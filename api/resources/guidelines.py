"""Guidelines and their versions."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from annotation.forms_guideline import GuidelineForm, TextForm
from annotation.guidelines import add_version, newest_version
from annotation.models import Guideline
from api.asking import Number, Text
from api.bodies import PlainBody, refusal_of
from api.endpoints import Routes
from api.people import Who
from api.rows import audited

routes = Routes("Site")


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
