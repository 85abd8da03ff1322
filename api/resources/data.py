"""Datasets, their segments and outputs, and loading files of them."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Campaign
from annotation.quality_loading import clear_quality
from annotation.views.lessons import PURPOSES, QualityForm, QualityUpload
from annotation.views.ratings_upload import RatingsForm, RatingsUpload
from api.asking import Number, Text
from api.endpoints import Routes
from api.jobs import AnyJobSerializer
from api.people import Who
from api.rows import AnyObject, audited, changeable
from api.uploads import LoadedSerializer, UploadSerializer, load_file, upload_body
from common.errors import Conflict
from models_app.models import Dataset, Output, Segment
from models_app.upload_jobs import latest, uploads_of
from models_app.views.datasets import DatasetForm, DatasetUpload, OutputsForm, OutputsUpload

routes = Routes("Datasets and files")


class DatasetSerializer(serializers.ModelSerializer):
    n_segments = serializers.IntegerField(help_text="Segments.")

    class Meta:
        model = Dataset
        fields = (
            "id", "name", "source_lang", "target_lang", "description", "licence", "origin",
            "created_at", "n_segments",
        )  # fmt: skip


class SegmentSerializer(serializers.ModelSerializer):
    references = AnyObject(help_text="Reference texts.")
    extra = AnyObject(help_text="Further columns of the file.")

    class Meta:
        model = Segment
        fields = (
            "id", "key", "position", "source", "references", "document", "domain", "context",
            "extra",
        )  # fmt: skip


class OutputSerializer(serializers.ModelSerializer):
    system = serializers.CharField(source="system.name", help_text="Who wrote it.")
    key = serializers.CharField(source="segment.key", help_text="The segment's key.")

    class Meta:
        model = Output
        fields = ("id", "system", "segment", "key", "text", "n_tokens", "finish_reason")


class ClearedSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Items removed.")


@routes.get("datasets/", Who.SITE_READER, gives=DatasetSerializer, pages=True,
            parameters=(Text("name", "Only the one of this name.", "name"),))  # fmt: skip
def list_datasets(request: Request) -> Any:
    """What systems are asked."""
    return Dataset.objects.with_counts()


@routes.get("datasets/<id:dataset>/", Who.SITE_READER, gives=DatasetSerializer)
def read_dataset(request: Request, dataset: int) -> Any:
    """One dataset."""
    return get_object_or_404(Dataset.objects.with_counts(), pk=dataset)


@routes.get(
    "datasets/<id:dataset>/segments/", Who.SITE_READER, gives=SegmentSerializer, pages=True,
    parameters=(
        Text("domain", "Only of this domain.", "domain"),
        Text("document", "Only of this document.", "document"),
        Text("key", "Only the one with this key.", "key"),
    ),
)  # fmt: skip
def list_segments(request: Request, dataset: int) -> Any:
    """A dataset's source texts with their references."""
    return get_object_or_404(Dataset, pk=dataset).segments.all()


@routes.get(
    "datasets/<id:dataset>/outputs/", Who.SITE_READER, gives=OutputSerializer, pages=True,
    long=True,
    parameters=(
        Text("system", "Only of the system of this name.", "system__name"),
        Number("segment", "Only on this segment's id.", "segment"),
    ),
)  # fmt: skip
def list_outputs(request: Request, dataset: int) -> Any:
    """What systems wrote for a dataset's segments."""
    found = get_object_or_404(Dataset, pk=dataset)
    return Output.objects.filter(segment__dataset=found).select_related("system", "segment")


@routes.post("datasets/load/", Who.ADMIN, gives=LoadedSerializer, later=AnyJobSerializer,
             takes=upload_body(DatasetForm, "DatasetFile"))  # fmt: skip
def load_dataset(request: Request, form: Any) -> dict[str, Any]:
    """Load a file of segments; the same file again changes nothing."""
    audited(request, "dataset.load", name=form.cleaned_data["name"])
    return load_file(request, DatasetUpload(), form)


@routes.post("outputs/load/", Who.ADMIN, gives=LoadedSerializer, later=AnyJobSerializer,
             takes=upload_body(OutputsForm, "OutputsFile"))  # fmt: skip
def load_outputs(request: Request, form: Any) -> dict[str, Any]:
    """Load outputs made elsewhere; one that is there already must read the same."""
    audited(request, "outputs.load", dataset=form.cleaned_data["dataset"].name)
    return load_file(request, OutputsUpload(), form)


@routes.post("ratings/load/", Who.ADMIN, gives=LoadedSerializer, later=AnyJobSerializer,
             takes=upload_body(RatingsForm, "RatingsFile"))  # fmt: skip
def load_ratings(request: Request, form: Any) -> dict[str, Any]:
    """Load ratings collected elsewhere, in any format, as a campaign."""
    audited(request, "ratings.load", campaign=form.cleaned_data["campaign"])
    return load_file(request, RatingsUpload(), form)


@routes.get("uploads/<id:upload>/", Who.PERSON, gives=UploadSerializer)
def read_upload(request: Request, upload: int) -> Any:
    """What came of a file that was too big for one request, or what is wrong with it."""
    return latest(get_object_or_404(uploads_of(request.user), pk=upload))


@routes.post("campaigns/<id:campaign>/known-answers/", Who.PERSON, gives=LoadedSerializer,
             later=AnyJobSerializer, takes=upload_body(QualityForm, "KnownAnswersFile"),
             before=changeable)  # fmt: skip
def load_known_answers(request: Request, form: Any, campaign: int) -> dict[str, Any]:
    """Load items with known answers into a draft: training, qualification or controls."""
    found = changeable(request, campaign)
    if found.state != Campaign.State.DRAFT:
        raise Conflict("such items are loaded while a campaign is a draft")
    view = QualityUpload()
    view.campaign = found
    audited(request, "known_answers.load", found, campaign_id=found.pk)
    return load_file(request, view, form)


@routes.post("campaigns/<id:campaign>/known-answers/<slug:purpose>/remove/", Who.PERSON,
             gives=ClearedSerializer)  # fmt: skip
def clear_known_answers(request: Request, campaign: int, purpose: str) -> dict[str, int]:
    """Remove from a draft what was loaded for training, qualification or known."""
    found = changeable(request, campaign)
    if purpose not in PURPOSES:
        raise Http404
    n = clear_quality(found, purpose)
    audited(request, "known_answers.remove", found, campaign_id=found.pk, purpose=purpose)
    return {"n": n}
