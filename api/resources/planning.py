"""The planner, and metrics against people over all campaigns."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Campaign
from api.bodies import PlainBody, Real
from api.endpoints import Routes
from api.errors import Unprocessable
from api.people import Who
from api.resources.ratings import defined
from api.rows import AnyObject, plain
from common.errors import BadInput
from metrics.planner_forms import QUESTIONS, form_for

routes = Routes("Metrics")


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
