"""Scoring, judges, slices and segments of a campaign, the planner, all campaigns at once."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.again import campaign_again
from annotation.models import Campaign, ErrorSpan, RatingScore
from api.asking import WITH_EXCLUDED, Number, Text
from api.bodies import FormBody, PlainBody, Real
from api.endpoints import Media, Routes
from api.errors import Unprocessable
from api.jobs import KINDS
from api.people import Who
from api.resources.campaigns import CampaignDetailSerializer, shown
from api.resources.ratings import defined
from api.rows import AnyObject, audited, campaign_of, changeable, job_serializer, name_of, plain
from common.errors import BadInput
from metrics.explorer import chosen, filter_from, newest_table, outputs_of
from metrics.judge.asking import start_judging
from metrics.judge.forms import JudgeForm
from metrics.models import JudgeRun, MetricScore, ScoringRun, SegmentScore, Slice
from metrics.planner_forms import QUESTIONS, form_for
from metrics.scoring import create_run
from metrics.slices import slice_csv
from metrics.views.scoring import ScoringForm
from models_app.jobs import enqueue
from models_app.models import Output, Segment

routes = Routes("Metrics")
ScoringSerializer = job_serializer(
    ScoringRun, "dataset", "campaign", metrics=AnyObject(help_text="Their names.")
)
JudgeSerializer = job_serializer(
    JudgeRun, "judge", "campaign", "system_a", "system_b",
    judge_name=name_of("judge.name", "Who judges."),
)  # fmt: skip
LONGEST_QUERY = 4000


class MetricScoreSerializer(serializers.ModelSerializer):
    system = serializers.CharField(source="system.name", help_text="Whose outputs.")

    class Meta:
        model = MetricScore
        fields = (
            "id", "dataset", "system", "metric", "signature", "corpus", "segment_mean", "n",
            "computed_at",
        )  # fmt: skip


class SliceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Slice
        fields = ("id", "name", "query", "created_at")


class SliceAskedSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="To find it by.")
    query = serializers.CharField(
        max_length=LONGEST_QUERY, allow_blank=True, default="",
        help_text="The explorer's filter as its address has it, say metric=bleu&cause=length.",
    )  # fmt: skip


class RerateSerializer(SliceAskedSerializer):
    protocol = serializers.CharField(
        max_length=50, allow_blank=True, default="", help_text="Empty: as the campaign."
    )
    all_systems = serializers.BooleanField(default=False, help_text="Not only those chosen.")


class SegmentScoreSerializer(serializers.Serializer):
    system = serializers.CharField(help_text="Whose output.")
    text = serializers.CharField(allow_blank=True, help_text="The output.")
    ratings = AnyObject(help_text="By annotator's code: criterion to value.")
    spans = AnyObject(help_text="Marked errors.")
    metrics = AnyObject(help_text="Metric to value, with its signature.")


class SegmentDetailSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="The segment's id.")
    key = serializers.CharField(help_text="The segment's key.")
    source = serializers.CharField(allow_blank=True, help_text="The source text.")
    references = AnyObject(help_text="Reference texts.")
    outputs = SegmentScoreSerializer(many=True)


class SizeSerializer(serializers.Serializer):
    question = serializers.ChoiceField(choices=list(QUESTIONS), help_text="What was asked.")
    n = serializers.IntegerField(help_text="Segments (or raters, or metrics' pairs) needed.")
    target = serializers.FloatField(allow_null=True, help_text="What is reached with n.")
    sizes = serializers.ListField(child=serializers.IntegerField(), help_text="Of the curve.")
    lines = AnyObject(help_text="The curve.")
    extra = AnyObject(help_text="What only this question has.")
    assumptions = AnyObject(help_text="What was assumed.")


class AskSizeSerializer(serializers.Serializer):
    question = serializers.ChoiceField(choices=list(QUESTIONS), help_text="What is asked.")
    assumptions = serializers.DictField(
        child=Real(), default=dict, help_text="By field of the planner's page; others are usual."
    )


class AcrossSerializer(serializers.Serializer):
    results = AnyObject(help_text="A row for each metric and group; null is not defined.")


class VerdictSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The verdict's id.")
    segment = serializers.IntegerField(source="segment_id", help_text="The segment's id.")
    swapped = serializers.BooleanField(help_text="Whether B's text was shown first.")
    verdict = serializers.ChoiceField(choices=["a", "b", "tie", "none"], help_text="The better.")
    answer = serializers.CharField(allow_blank=True, help_text="What the judge wrote.")


def _scoring_form(request: Any, data: Any, files: Any) -> ScoringForm:
    from django.contrib.auth.models import AnonymousUser

    form = ScoringForm(data, user=request.user if request else AnonymousUser())
    return form


@routes.get("scoring-runs/", Who.PERSON, gives=ScoringSerializer, pages=True, parameters=(
    Number("dataset", "Only on this dataset.", "dataset"),
    Number("campaign", "Only of this campaign.", "campaign"),
))  # fmt: skip
def list_scoring_runs(request: Request) -> Any:
    """Metrics being computed; stop and resume them under jobs/scoring/."""
    return KINDS["scoring"].read(request.user).select_related("created_by")


@routes.post("scoring-runs/", Who.RESEARCHER, gives=ScoringSerializer, status=201,
             takes=FormBody(_scoring_form, "ScoringAsked"))  # fmt: skip
def make_scoring_run(request: Request, form: Any) -> Any:
    """Compute metrics on a campaign's or a whole dataset's outputs."""
    asked = form.cleaned_data
    campaign = asked["campaign"]
    run = create_run(
        dataset=campaign.dataset if campaign else asked["dataset"], campaign=campaign,
        metrics=asked["metrics"], knowingly=asked["knowingly"], created_by=request.user,
    )  # fmt: skip
    enqueue(run)
    return run


@routes.get("scoring-runs/<id:run>/", Who.PERSON, gives=ScoringSerializer)
def read_scoring_run(request: Request, run: int) -> Any:
    """One scoring run."""
    return get_object_or_404(KINDS["scoring"].read(request.user), pk=run)


@routes.get("metric-scores/", Who.SITE_READER, gives=MetricScoreSerializer, pages=True, parameters=(
    Number("dataset", "Only on this dataset.", "dataset"),
    Text("metric", "Only of this metric.", "metric"),
    Text("system", "Only of the system of this name.", "system__name"),
))  # fmt: skip
def list_metric_scores(request: Request) -> Any:
    """Systems' values on datasets, with signatures."""
    return MetricScore.objects.select_related("system")


def _judge_form(request: Any, data: Any, files: Any) -> JudgeForm:
    seen = Campaign.objects.visible_to(request.user) if request else Campaign.objects.none()
    return JudgeForm(data, campaigns=seen)


def _judges(request: Request) -> Any:
    return KINDS["judge"].read(request.user).select_related("judge", "created_by")


@routes.get("judge-runs/", Who.PERSON, gives=JudgeSerializer, pages=True,
            parameters=(Number("campaign", "Only of this campaign.", "campaign"),))  # fmt: skip
def list_judge_runs(request: Request) -> Any:
    """Language models as judges; stop and resume them under jobs/judge/."""
    return _judges(request)


@routes.post("judge-runs/", Who.ADMIN, gives=JudgeSerializer, status=201,
             takes=FormBody(_judge_form, "JudgeAsked"))  # fmt: skip
def make_judge_run(request: Request, form: Any) -> Any:
    """Ask a registered system which of two systems' outputs is better."""
    run = start_judging(**form.cleaned_data, user=request.user)
    audited(request, "judge.start", run, campaign_id=run.campaign_id)
    return run


@routes.get("judge-runs/<id:run>/verdicts/", Who.PERSON, gives=VerdictSerializer, pages=True)
def list_verdicts(request: Request, run: int) -> Any:
    """A judge's answers, each pair in both orders."""
    return get_object_or_404(_judges(request), pk=run).verdicts.all()


@routes.get("campaigns/<id:campaign>/slices/", Who.PERSON, gives=SliceSerializer, pages=True)
def list_slices(request: Request, campaign: int) -> Any:
    """Filters of the explorer that somebody kept."""
    return campaign_of(request, campaign).slices.all()


@routes.post("campaigns/<id:campaign>/slices/", Who.PERSON, gives=SliceSerializer, status=201,
             takes=PlainBody(SliceAskedSerializer), before=changeable)  # fmt: skip
def keep_slice(request: Request, given: dict[str, Any], campaign: int) -> Any:
    """Keep a filter under a name; a slice of that name gets the new filter."""
    found = changeable(request, campaign)
    query = _filter(given["query"]).query()
    kept = Slice(campaign=found, name=given["name"].strip(), query=query)
    kept.full_clean(exclude=["created_by"], validate_unique=False, validate_constraints=False)
    return Slice.objects.update_or_create(
        campaign=found, name=kept.name, defaults={"query": query, "created_by": request.user}
    )[0]


@routes.delete("campaigns/<id:campaign>/slices/<id:slice>/", Who.PERSON)
def delete_slice(request: Request, campaign: int, slice: int) -> None:
    """Forget a filter; its outputs are untouched."""
    get_object_or_404(changeable(request, campaign).slices, pk=slice).delete()


@routes.get(
    "campaigns/<id:campaign>/slice.csv/",
    Who.PERSON,
    gives=Media("text/csv", "A row an output."),
    parameters=(WITH_EXCLUDED, Text("query", "The explorer's filter.")),
)
def read_slice(request: Request, campaign: int) -> HttpResponseBase:
    """The outputs of a filter, with every rater's score and note."""
    found = campaign_of(request, campaign)
    table = newest_table(found, with_excluded=request.asked.get("with_excluded", False))
    known = None if table is None else outputs_of(table)
    audited(request, "outputs.export", found, campaign_id=found.pk)
    text = slice_csv(found, known, _filter(request.asked.get("query", "")))
    return HttpResponse(text, "text/csv; charset=utf-8")


@routes.post("campaigns/<id:campaign>/rate-again/", Who.PERSON, gives=CampaignDetailSerializer,
             status=201, takes=PlainBody(RerateSerializer), before=changeable)  # fmt: skip
def rate_again(request: Request, given: dict[str, Any], campaign: int) -> Any:
    """Make a draft over the segments of a filter's outputs."""
    found, asked = changeable(request, campaign), _filter(given["query"])
    table = newest_table(found, with_excluded=asked.with_excluded == "1")
    known = None if table is None else outputs_of(table)
    if known is None:
        raise BadInput("there is no report to choose outputs from; make the report first")
    rows = chosen(known, asked)
    systems = found.systems.all()
    compares = not given["protocol"] and found.protocol_object.compares
    if not given["all_systems"] and not compares:
        names = {known.systems[place] for place in set(known.system[rows].tolist())}
        systems = systems.filter(name__in=names)
    made = campaign_again(
        found, name=given["name"].strip(), segments=set(known.segment[rows].tolist()),
        systems=set(systems.values_list("pk", flat=True)), protocol=given["protocol"],
        by=request.user,
    )  # fmt: skip
    audited(request, "campaign.make", made, campaign_id=made.pk)
    return shown(request, made, 201)


def _filter(query: str) -> Any:
    return filter_from(QueryDict(query))


@routes.get("campaigns/<id:campaign>/segments/<id:segment>/", Who.PERSON,
            gives=SegmentDetailSerializer)  # fmt: skip
def read_segment(request: Request, campaign: int, segment: int) -> dict[str, Any]:
    """One segment: its outputs, every rater's answer and every metric's value."""
    found = campaign_of(request, campaign)
    seg = Segment.objects.filter(items__campaign=found, pk=segment).first()
    if seg is None:
        raise Http404
    outputs = Output.objects.filter(segment=seg, system__campaigns=found).select_related("system")
    rows = {
        o.pk: {"system": o.system.name, "text": o.text, "ratings": {}, "spans": [], "metrics": {}}
        for o in outputs.order_by("system__name")
    }
    _add_ratings(found, rows)
    stored = SegmentScore.objects.filter(output__in=rows).order_by("pk")
    for output, metric, signature, value in stored.values_list(
        "output", "metric", "signature", "value"
    ):
        rows[output]["metrics"][metric] = {"value": defined(value), "signature": signature}
    return {"id": seg.pk, "key": seg.key, "source": seg.source, "references": seg.references,
            "outputs": list(rows.values())}  # fmt: skip


def _add_ratings(campaign: Campaign, rows: dict[int, dict[str, Any]]) -> None:
    here = {"output__in": rows, "rating__item__campaign": campaign, "rating__is_complete": True}
    names = ("output", "rating__annotator__code", "criterion", "value")
    for output, code, criterion, value in RatingScore.objects.filter(**here).values_list(*names):
        rows[output]["ratings"].setdefault(code, {})[criterion] = value
    said = ("output", "side", "start", "end", "quoted", "severity", "category")
    for span in ErrorSpan.objects.filter(**here).order_by("pk").values(*said):
        rows[span.pop("output")]["spans"].append(span)


@routes.post("planner/", Who.SITE_READER, gives=SizeSerializer, takes=PlainBody(AskSizeSerializer))
def plan_size(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """How many segments a study needs; what is not said is assumed as on the planner's page."""
    from metrics.analyses.sizes import size_for

    question = given["question"]
    form = form_for(question, _as_typed(question, given["assumptions"]), None)
    if not form.is_valid():
        raise Unprocessable(
            " ".join(f"{name}: {' '.join(told)}" for name, told in form.errors.items()),
            {f"assumptions.{name}": list(told) for name, told in form.errors.items()},
        )
    try:
        size = size_for(question, form.cleaned_data)
    except ValueError as problem:
        raise BadInput(str(problem)) from problem
    told = {"question": question, **size._asdict(), "assumptions": form.cleaned_data}
    return plain(_without_nan(told))


def _as_typed(question: str, given: dict[str, float]) -> dict[str, Any]:
    known = form_for(question, {}, None).fields
    if unknown := sorted(given.keys() - known.keys()):
        told = f"there is no assumption {unknown[0]!r}; known: {', '.join(known)}"
        raise Unprocessable(told, {"assumptions": [told]})
    return {name: f"{value:.12g}" for name, value in given.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    if hasattr(value, "tolist"):
        return _without_nan(value.tolist())
    return defined(value)


@routes.get("across/", Who.PERSON, gives=AcrossSerializer)
def read_across(request: Request) -> dict[str, Any]:
    """Metrics against people over all campaigns that one may read."""
    from metrics.analyses.across import across_rows, gather

    rows = across_rows(gather(Campaign.objects.visible_to(request.user)).told)
    return {"results": plain(_without_nan(rows))}
