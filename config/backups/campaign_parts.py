"""What one campaign consists of and stands on, table by table, in the order of storing it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet

from annotation import models as a
from annotation.models.privacy import Erasure
from metrics import models as m
from models_app import models as b

FINISHED = ["done", "failed", "cancelled"]  # jobs under way stay where their worker is


@dataclass(frozen=True)
class Scope:
    """The rows to begin from, by their keys in the database that they come from."""

    campaign: a.Campaign
    datasets: frozenset[int]
    systems: frozenset[int]


@dataclass(frozen=True)
class Part:
    """A table. With a `key`, rows that the other side has already must agree in `same`."""

    model: type[Model]
    rows: Callable[[Scope], QuerySet]
    key: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def scope_of(campaign: a.Campaign, alias: str) -> Scope:
    """`alias` names the database that the campaign is in."""
    items = a.Item.objects.using(alias).filter(campaign=campaign)
    judges = m.JudgeRun.objects.using(alias).filter(campaign=campaign, state__in=FINISHED)
    systems = {*campaign.systems.values_list("pk", flat=True)}
    systems |= {*items.values_list("slots__output__system", flat=True)}
    for triple in judges.values_list("judge", "system_a", "system_b"):
        systems |= set(triple)
    datasets = {campaign.dataset_id, *items.values_list("segment__dataset", flat=True).distinct()}
    return Scope(campaign, frozenset(datasets - {None}), frozenset(systems - {None}))


def parts(*, usernames: bool) -> list[Part]:
    """In an order in which what a row points to comes before it."""
    people = [Part(get_user_model(), _users, ("username",))] if usernames else []
    access = [_own(a.Membership, "campaign")] if usernames else []
    return [*people, *SHARED, *(_own(*pair) for pair in OWN), *access]


def _own(model: type[Model], lookup: str) -> Part:
    def rows(scope: Scope) -> QuerySet:
        return model._base_manager.filter(**{lookup: scope.campaign.pk})

    return Part(model, rows)


def _users(scope: Scope) -> QuerySet:
    annotators = _annotators(scope).values("user")
    members = Q(memberships__campaign=scope.campaign.pk) | Q(pk__in=annotators)
    found = get_user_model().objects.filter(members)
    return get_user_model().objects.filter(pk__in=found.values("pk"))


def _annotators(scope: Scope) -> QuerySet:
    pk = scope.campaign.pk
    in_it = Q(participations__campaign=pk) | Q(places__campaign=pk)
    in_it |= Q(user__memberships__campaign=pk, user__memberships__role="annotator")
    worked = Q(pk__in=a.Assignment.objects.filter(item__campaign=pk).values("annotator"))
    worked |= Q(pk__in=a.Rating.objects.filter(item__campaign=pk).values("annotator"))
    worked |= Q(pk__in=a.RatingEvent.objects.filter(item__campaign=pk).values("annotator"))
    found = a.Annotator.objects.filter(in_it | worked)
    return a.Annotator.objects.filter(pk__in=found.values("pk"))


def _systems(scope: Scope) -> QuerySet:
    return b.System.objects.filter(pk__in=scope.systems)


def _adapters(scope: Scope) -> QuerySet:
    return b.Adapter.objects.filter(pk__in=_systems(scope).values("adapter"))


def _checkpoints(scope: Scope) -> QuerySet:
    of_systems, of_adapters = _systems(scope).values("checkpoint"), _adapters(scope)
    wanted = Q(pk__in=of_systems) | Q(pk__in=of_adapters.values("checkpoint"))
    return b.Checkpoint.objects.filter(wanted)


def _outputs(scope: Scope) -> QuerySet:
    return b.Output.objects.filter(system__in=scope.systems, segment__dataset__in=scope.datasets)


def _runs(scope: Scope) -> QuerySet:
    of_it = b.GenerationRun.objects.filter(system__in=scope.systems, dataset__in=scope.datasets)
    return of_it.filter(state__in=FINISHED)


def _guidelines(scope: Scope) -> QuerySet:
    campaign = scope.campaign
    return a.Guideline.objects.filter(name=campaign.guideline, version=campaign.guideline_version)


SHARED: list[Part] = [
    Part(b.Checkpoint, _checkpoints, ("name",), ("architecture", "revision", "content_hash")),
    Part(b.Adapter, _adapters, ("name",), ("checkpoint_id", "revision", "content_hash")),
    Part(
        b.PromptTemplate,
        lambda s: b.PromptTemplate.objects.filter(pk__in=_systems(s).values("template")),
        ("name",),
        ("text", "registered"),
    ),
    Part(
        b.System,
        _systems,
        ("name",),
        ("kind", "backend", "checkpoint_id", "adapter_id", "template_id", "decoding"),
    ),
    Part(
        b.Dataset,
        lambda s: b.Dataset.objects.filter(pk__in=s.datasets),
        ("name",),
        ("source_lang", "target_lang"),
    ),
    Part(
        b.Segment,
        lambda s: b.Segment.objects.filter(dataset__in=s.datasets),
        ("key", "dataset_id"),
        ("position", "source", "references", "document", "domain"),
    ),
    Part(b.GenerationRun, _runs, ("queued_at", "system_id", "dataset_id"), ("state",)),
    Part(b.Output, _outputs, ("segment_id", "system_id"), ("text",)),
    Part(
        m.MetricScore,
        lambda s: m.MetricScore.objects.filter(system__in=s.systems, dataset__in=s.datasets),
        ("dataset_id", "system_id", "metric", "signature"),
        ("corpus", "segment_mean", "n"),
    ),
    Part(
        m.SegmentScore,
        lambda s: m.SegmentScore.objects.filter(output__in=_outputs(s)),
        ("output_id", "metric", "signature"),
        ("value",),
    ),
    Part(a.Guideline, _guidelines, ("name", "version", "language"), ("text",)),
    Part(a.Annotator, _annotators, ("code", "scope"), ("origin", "author_name", "consented_at")),
]

OWN: list[tuple[Any, str]] = [
    (a.Campaign, "pk"),
    (a.Campaign.systems.through, "campaign"),
    (a.Place, "campaign"),
    (a.Participation, "campaign"),
    (a.Item, "campaign"),
    (a.ItemOutput, "item__campaign"),
    (a.Assignment, "item__campaign"),
    (a.RatingEvent, "item__campaign"),
    (a.Rating, "item__campaign"),
    (a.RatingScore, "rating__item__campaign"),
    (a.ErrorSpan, "rating__item__campaign"),
    (a.Guess, "rating__item__campaign"),
    (a.SecondThought, "rating__item__campaign"),
    (a.Remark, "item__campaign"),
    (Erasure, "campaign"),
    (m.JudgeRun, "campaign"),
    (m.JudgeVerdict, "run__campaign"),
    (m.ScoringRun, "campaign"),
    (m.ReportRun, "campaign"),
    (m.GapTable, "report__campaign"),
    (m.Slice, "campaign"),
    (m.Claim, "campaign"),
]
# Links and webhooks are of one site; counts and files to take away are made again when asked for.
LEFT_OUT = {"annotation.invitation", "annotation.summary", "annotation.due"}
LEFT_OUT |= {"metrics.package", "api.webhook"}
