"""Reports on campaigns, and what one takes away of them."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Campaign
from api.asking import WITH_EXCLUDED, Choice, Text
from api.bodies import PlainBody
from api.endpoints import Media, Routes
from api.people import Who
from api.rows import AnyObject, audited, campaign_of, changeable, job_serializer
from common.errors import Conflict
from metrics.claims import LONGEST, checked_claims, found_cells, pin_again, pin_claim
from metrics.models import Claim, Package, ReportRun
from metrics.packages.files import is_there, path_of
from metrics.packages.kinds import KINDS
from metrics.packages.making import open_package, package_version
from metrics.reporting import fresh_report, newest_report, open_report, report_files, runs_of
from metrics.reports.schema import dumps
from metrics.reports.version import WITH_EXCLUDED as WITH
from models_app.jobs import enqueue

routes = Routes("Reports")
HERE = "campaigns/<id:campaign>/report/"
ReportSerializer = job_serializer(
    ReportRun, "campaign", "data_version",
    is_fresh=serializers.SerializerMethodField(help_text="Whether the data are still the same."),
)  # fmt: skip
PackageSerializer = job_serializer(
    Package, "campaign", "kind", "language", "with_excluded", "version", "n_bytes",
    is_ready=serializers.SerializerMethodField(help_text="Whether the file can be fetched."),
)  # fmt: skip


def _is_fresh(self: Any, run: ReportRun) -> bool:
    kind = run.data_version.endswith(WITH)
    fresh = fresh_report(run.campaign, with_excluded=kind)
    return fresh is not None and fresh.pk == run.pk


def _is_ready(self: Any, package: Package) -> bool:
    return is_there(package)


ReportSerializer.get_is_fresh = _is_fresh
PackageSerializer.get_is_ready = _is_ready


class ExcludedSerializer(serializers.Serializer):
    with_excluded = serializers.BooleanField(
        default=False, help_text="With the ratings of excluded annotators."
    )


class ClaimSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="claim.pk", help_text="The claim's id.")
    sentence = serializers.CharField(source="claim.sentence", help_text="As the paper has it.")
    path = serializers.CharField(source="claim.path", help_text="The report's cell.")
    state = serializers.ChoiceField(
        choices=["holds", "stale", "lost"], help_text="stale: another value now; lost: no cell."
    )
    value = AnyObject(source="claim.value", help_text="The cell's value when it was pinned.")
    now = AnyObject(help_text="The cell's value now.")


class ClaimsSerializer(serializers.Serializer):
    results = ClaimSerializer(many=True)


class PinSerializer(ExcludedSerializer):
    sentence = serializers.CharField(max_length=LONGEST, help_text="As the paper has it.")
    path = serializers.CharField(max_length=LONGEST, help_text="The report's cell.")


class CellSerializer(serializers.Serializer):
    path = serializers.CharField(help_text="The cell's name.")
    value = AnyObject(help_text="What stands in it.")


class CellsSerializer(serializers.Serializer):
    results = CellSerializer(many=True)


def _run(campaign: Campaign, asked: dict[str, Any]) -> ReportRun:
    run = fresh_report(campaign, with_excluded=asked.get("with_excluded", False))
    if run is None:
        raise Conflict("there is no report of the data as they are; make it first")
    return run


@routes.get(HERE, Who.PERSON, gives=ReportSerializer, parameters=(WITH_EXCLUDED,))
def read_report(request: Request, campaign: int) -> Any:
    """The newest report's state; its contents are under report/json/."""
    found = campaign_of(request, campaign)
    runs = runs_of(found, with_excluded=request.asked.get("with_excluded", False))
    run = runs.defer("payload").select_related("created_by", "campaign").first()
    if run is None:
        raise Http404
    return run


@routes.post(HERE, Who.PERSON, gives=ReportSerializer, status=202, before=campaign_of,
             takes=PlainBody(ExcludedSerializer))  # fmt: skip
def make_report(request: Request, given: dict[str, Any], campaign: int) -> Any:
    """Make the report of the data as they are, or give the one that is there."""
    found = campaign_of(request, campaign)
    if fresh := fresh_report(found, **given):
        return fresh
    run, is_new = open_report(found, created_by=request.user, **given)
    if is_new:
        enqueue(run)
    return run


@routes.get(
    f"{HERE}json/",
    Who.PERSON,
    parameters=(WITH_EXCLUDED,),
    gives=Media("application/json", "As docs/report.schema.json says.", "report.json"),
)
def read_payload(request: Request, campaign: int) -> HttpResponseBase:
    """The newest finished report as JSON."""
    payload = _newest(request, campaign)
    audited(request, "report.export", campaign_id=campaign, format="json")
    return HttpResponse(dumps(payload), "application/json")


@routes.get(f"{HERE}html/", Who.PERSON, parameters=(WITH_EXCLUDED,),
            gives=Media("text/html", "One file, whole by itself.", "report.html"))  # fmt: skip
def read_html(request: Request, campaign: int) -> HttpResponseBase:
    """The newest finished report as one HTML file to take away."""
    content = report_files(_newest(request, campaign), ["html"])["report.html"]
    audited(request, "report.export", campaign_id=campaign, format="html")
    return HttpResponse(content, "text/html; charset=utf-8")


def _newest(request: Request, campaign: int) -> Any:
    found, kind = campaign_of(request, campaign), request.asked.get("with_excluded", False)
    run = fresh_report(found, with_excluded=kind) or newest_report(found, with_excluded=kind)
    if run is None:
        raise Http404
    return run.payload


@routes.get(f"{HERE}datasheet/", Who.PERSON, parameters=(WITH_EXCLUDED,),
            gives=Media("text/markdown", "How it was judged.", "datasheet.md"))  # fmt: skip
def read_datasheet(request: Request, campaign: int) -> HttpResponseBase:
    """How the campaign was judged, question by question, as Markdown."""
    from metrics.datasheets.writing import datasheet_files

    found = campaign_of(request, campaign)
    content = datasheet_files(found, _run(found, request.asked).payload)["datasheet.md"]
    audited(request, "datasheet.export", found, campaign_id=found.pk, format="md")
    return HttpResponse(content, "text/markdown; charset=utf-8")


@routes.get(f"{HERE}packages/", Who.PERSON, gives=PackageSerializer, pages=True, parameters=(
    Choice("kind", "Only of this kind.", "kind", tuple(KINDS)),
))  # fmt: skip
def list_packages(request: Request, campaign: int) -> Any:
    """Files made of the report: archive, capsule, tables."""
    return campaign_of(request, campaign).packages.select_related("created_by")


@routes.post(f"{HERE}packages/<slug:kind>/", Who.PERSON, gives=PackageSerializer, status=202,
             takes=PlainBody(ExcludedSerializer), before=lambda request, campaign, kind:
             campaign_of(request, campaign))  # fmt: skip
def make_package(request: Request, given: dict[str, Any], campaign: int, kind: str) -> Any:
    """Make a file of the report of the data as they are; kind: archive, capsule, csv, latex or
    parquet."""
    found = campaign_of(request, campaign)
    if kind not in KINDS:
        raise Http404
    version = package_version(found, _run(found, given), kind)
    made, is_new = open_package(found, kind, version, created_by=request.user, **given)
    if is_new:
        enqueue(made)
    return made


@routes.get(f"{HERE}packages/<id:package>/file/", Who.PERSON,
            gives=Media("application/zip", "The file.", "package.zip"))  # fmt: skip
def read_package(request: Request, campaign: int, package: int) -> HttpResponseBase:
    """A package's file, once its job is done."""
    found = get_object_or_404(campaign_of(request, campaign).packages, pk=package)
    if not is_there(found):
        raise Http404
    audited(request, "package.export", found, campaign_id=campaign, format=found.kind)
    return FileResponse(path_of(found).open("rb"), as_attachment=True,
                        filename=f"{KINDS[found.kind].suffix}.zip",
                        content_type="application/zip")  # fmt: skip


@routes.get(f"{HERE}cells/", Who.PERSON, gives=CellsSerializer,
            parameters=(WITH_EXCLUDED, Text("words", "Words of its name or value.")))  # fmt: skip
def list_cells(request: Request, campaign: int) -> dict[str, Any]:
    """Cells of the report by words, at most 40."""
    run = _run(campaign_of(request, campaign), request.asked)
    words = request.asked.get("words", "")
    cells = found_cells(run.payload, words, 40) if words.strip() else []
    return {"results": [{"path": path, "value": value} for path, value in cells]}


@routes.get(f"{HERE}claims/", Who.PERSON, gives=ClaimsSerializer, parameters=(WITH_EXCLUDED,))
def list_claims(request: Request, campaign: int) -> dict[str, Any]:
    """The paper's claims, each against the report of the data as they are."""
    found = campaign_of(request, campaign)
    return {"results": checked_claims(found, _run(found, request.asked).payload)}


@routes.post(f"{HERE}claims/", Who.PERSON, gives=ClaimsSerializer, status=201,
             takes=PlainBody(PinSerializer), before=changeable)  # fmt: skip
def pin(request: Request, given: dict[str, Any], campaign: int) -> dict[str, Any]:
    """Pin a sentence to a cell of the report; answers all claims."""
    found = changeable(request, campaign)
    run = _run(found, given)
    pin_claim(campaign=found, run=run, sentence=given["sentence"], path=given["path"],
              created_by=request.user)  # fmt: skip
    return {"results": checked_claims(found, run.payload)}


def _claim(request: Request, campaign: int, claim: int) -> Claim:
    return get_object_or_404(changeable(request, campaign).claims, pk=claim)


@routes.post(f"{HERE}claims/<id:claim>/again/", Who.PERSON, gives=ClaimsSerializer,
             takes=PlainBody(ExcludedSerializer), before=_claim)  # fmt: skip
def pin_anew(request: Request, given: dict[str, Any], campaign: int, claim: int) -> dict[str, Any]:
    """The sentence stands with the value that the cell has now; answers all claims."""
    found = changeable(request, campaign)
    run = _run(found, given)
    pin_again(_claim(request, campaign, claim), run)
    return {"results": checked_claims(found, run.payload)}


@routes.delete(f"{HERE}claims/<id:claim>/", Who.PERSON)
def delete_claim(request: Request, campaign: int, claim: int) -> None:
    """Forget a claim."""
    found = _claim(request, campaign, claim)
    audited(request, "claim.delete", found, campaign_id=campaign)
    found.delete()
