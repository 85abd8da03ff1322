"""Two campaigns with one of everything in each, and the addresses of all of it."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from annotation.accounts import add_member
from annotation.invitations import make_invitation
from annotation.models import Campaign, Guideline
from annotation.services import next_assignment, open_campaign
from api.models import Webhook
from metrics.models import Claim, JudgeRun, Package, ReportRun, ScoringRun, Slice
from metrics.reports.payload import build_payload
from models_app.models import (
    Checkpoint,
    CorpusReport,
    CorpusTranslation,
    EnergyRecord,
    GenerationRun,
    Sweep,
    TrainingRun,
    Upload,
)
from studies.models import Study
from tests import people
from tests.models_app.benchmarks import finished
from tests.models_app.corpora import small_corpus

# In the order of the answers in the tables.
PEOPLE = {
    "anonymous": None,
    "annotator": people.bob,
    "stranger": people.charlie,  # a researcher of the site, of another campaign
    "auditor": people.eve,
    "site auditor": people.frank,
    "researcher": people.alice,
    "campaign admin": people.gita,
    "admin": people.ada,
}


def addresses(patterns: list[Any], prefix: str = "") -> dict[str, list[str]]:
    """The name of every address, with the names of its arguments."""
    found: dict[str, list[str]] = {}
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "api":  # its own matrix: tests/api/test_permissions.py
                continue
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found |= addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found[prefix + pattern.name] = list(pattern.pattern.converters)
    return found


ADDRESSES = addresses(get_resolver().url_patterns)


class World:
    """One campaign with one of everything; `arguments` of each address that speaks of it."""

    def __init__(self, name: str, *, researcher: Any, annotator: Any, others: dict[str, Any]):
        campaign = people.small_campaign(name, "sqm", guideline="rules")
        campaign.memberships.all().delete()
        add_member(campaign=campaign, user=researcher, role="researcher")
        self.member = add_member(campaign=campaign, user=annotator, role="annotator")
        for role, user in others.items():
            add_member(campaign=campaign, user=user, role=role)
        open_campaign(campaign)
        campaign.refresh_from_db()
        self.campaign, self.researcher = campaign, researcher
        self.assignment = next_assignment(annotator.annotator, campaign)
        self.default = [campaign.pk]
        self.arguments: dict[str, list[Any]] = {}
        rooms = (self._annotation, self._models, self._uploads, self._corpora, self._training)
        for add in (*rooms, self._metrics):
            add()
        study = Study.objects.create(
            name=f"study of {name}",
            configuration={"title": "A", "question": "B?"},
            folder="",
            created_by=researcher,
        )
        self._put("studies:", ADDRESSES, [study.pk])
        nobodys = ("cancel", "detail", "vote")
        self._put("playground:", nobodys, [10**9])
        self._put("tokens:", ("token_revoke",), [10**9])
        self.arguments["accounts:session_end"] = [10**9]
        self.arguments["accounts:reset_link"] = [people.bob().pk]
        self.arguments["accounts:reset_confirm"] = ["MQ", "set-password"]

    def address(self, name: str) -> str:
        return reverse(name, args=self.arguments_of(name))

    def arguments_of(self, name: str) -> list[Any]:
        if not ADDRESSES[name]:
            return []
        if name not in self.arguments:
            assert name.startswith(("annotation:", "metrics:")), f"{name} asks for no campaign"
        return self.arguments.get(name, self.default)

    @staticmethod
    def mixed(one: "World", other: "World", name: str) -> str | None:
        """The first's campaign with the other's child; None where they are called the same."""
        first, *rest = one.arguments_of(name)
        _, *others = other.arguments_of(name)
        return None if rest == others else reverse(name, args=[first, *others])

    def _put(self, prefix: str, names: Any, arguments: list[Any]) -> None:
        """The arguments of every address called `prefix` and one of the names."""
        for name in names:
            whole = name if name.startswith(prefix) else prefix + name
            if whole in ADDRESSES and whole.startswith(prefix):
                self.arguments[whole] = arguments

    def _annotation(self) -> None:
        pk, item = self.campaign.pk, self.assignment.item_id
        invitation, token = make_invitation(
            campaign=self.campaign, note="", most_uses=5, days=1, user=self.researcher
        )
        Guideline.objects.get_or_create(name="rules", language="en", text="Judge the text.")
        hook = Webhook.objects.create(campaign=self.campaign, url="https://example.org/", salt="s")
        compared = ("norming_item", "norming_again", "norming_remark")
        self._put("annotation:", compared, [pk, item])
        self.arguments |= {
            "annotation:annotate": [self.assignment.pk],
            "annotation:feedback": [self.assignment.pk],
            "annotation:quality_clear": [pk, "training"],
            "annotation:campaign_export": [pk, "nikash"],
            "annotation:guideline_detail": ["rules", 1],
            "annotation:member_remove": [pk, self.member.pk],
            "annotation:invitation_revoke": [pk, invitation.pk],
            "annotation:join": [token],
            "annotation:person_erase": [people.bob().pk],
            "webhooks:try": [hook.pk],
            "webhooks:delete": [hook.pk],
            "annotation:standing": [pk, self.assignment.annotator_id],
        }

    def _models(self) -> None:
        self.system = self.campaign.systems.first()
        run = GenerationRun.objects.create(system=self.system, dataset=self.campaign.dataset)
        self._put("models_app:run_", [n for n in ADDRESSES if ":run_" in n], [run.pk])
        self.arguments["models_app:dataset_detail"] = [self.campaign.dataset_id]
        self.arguments["models_app:system_detail"] = [self.system.pk]
        asked = finished(self.system, "arc_mr", "AB", "AA")
        parts = ("", "_export", "_progress", "_cancel", "_resume")
        self._put("models_app:benchmark", parts, [asked.pk])
        energy = EnergyRecord.objects.create(kind="evaluation", subject="scores", host="here")
        self.arguments["models_app:energy_record"] = [energy.pk]

    def _uploads(self) -> None:
        """A file that the researcher sent for this campaign."""
        self.upload = Upload.objects.create(
            kind="quality",
            file="gone.csv",
            shown_as="known.csv",
            options={"campaign": self.campaign.pk, "purpose": "known", "replace": False},
            created_by=self.researcher,
        )
        parts = ("", "_confirm", "_cancel", "_resume", "_progress")
        self._put("models_app:upload", parts, [self.upload.pk])

    def _corpora(self) -> None:
        name = self.campaign.name
        self.corpus = small_corpus(f"corpus-of-{name}", n=4)
        deeds = ("detail", "split", "draw", "check", "audit", "measure", "translate")
        self._put("models_app:corpus_", deeds, [self.corpus.pk])
        about = CorpusReport.objects.create(corpus=self.corpus, kind="leakage")
        parts = ("", "_cancel", "_resume", "_progress")
        self._put("models_app:corpus_report", parts, [about.pk])
        translated = CorpusTranslation.objects.create(
            source=self.corpus, system=self.system, result=small_corpus(f"other-of-{name}", n=2)
        )
        self._put("models_app:corpus_translation", parts, [translated.pk])

    def _training(self) -> None:
        name = self.campaign.name
        base = Checkpoint.objects.create(name=f"base-{name}", location="x", architecture="causal")
        self.arguments["models_app:checkpoint_code"] = [base.pk]
        tuning = TrainingRun.objects.create(
            name=f"tuned-{name}", checkpoint=base, corpus=self.corpus
        )
        parts = ("", "_curves", "_progress", "_cancel", "_resume", "_try", "_publish")
        self._put("models_app:training", parts, [tuning.pk])
        sweep = Sweep.objects.create(name=f"sweep-{name}", kind="grid", space={"rank": [4, 8]})
        deeds = ("detail", "csv", "cancel", "resume", "drop", "progress")
        self._put("models_app:sweep_", deeds, [sweep.pk])

    def _metrics(self) -> None:
        campaign, pk = self.campaign, self.campaign.pk
        one, two = sorted(campaign.systems.all(), key=lambda system: system.name)
        verdicts = JudgeRun.objects.create(
            judge=self.system, campaign=campaign, system_a=one, system_b=two
        )
        parts = ("", "_progress", "_cancel", "_resume")
        self._put("metrics:judge", parts, [verdicts.pk])
        scoring = ScoringRun.objects.create(dataset=campaign.dataset, campaign=campaign)
        self._put("metrics:scoring", ("_detail", *parts[1:]), [scoring.pk])
        ReportRun.objects.create(campaign=campaign, state="done", payload=build_payload(campaign))
        claim = Claim.objects.create(campaign=campaign, sentence="Yes.", path="counts.raters")
        self._put("metrics:claim_", ("again", "delete"), [pk, claim.pk])
        package = Package.objects.create(campaign=campaign, kind="archive", language="en")
        self._put(
            "metrics:package_", ("download", *(part[1:] for part in parts[1:])), [pk, package.pk]
        )
        self._put("metrics:", ("tables", "package", "package_start"), [pk, "csv"])
        self.arguments |= {
            "metrics:report_download": [pk, "json"],
            "metrics:datasheet_download": [pk, "md"],
            "metrics:segment": [pk, campaign.dataset.segments.first().pk],
            "metrics:slice_delete": [pk, Slice.objects.create(campaign=campaign, name="kept").pk],
        }


def small_worlds() -> tuple[World, World]:
    """The people's own campaign, and one in which only the stranger has a role."""
    roles = {"auditor": people.eve(), "admin": people.gita()}
    own = World("study", researcher=people.alice(), annotator=people.bob(), others=roles)
    dora = people.person("dora", "annotator")
    other = World("elsewhere", researcher=people.charlie(), annotator=dora, others={})
    for made in PEOPLE.values():
        if made:
            made()
    assert Campaign.objects.count() == 2
    return own, other


class Crowd:
    """A client for each of the people; every call gives fresh ones, signed in as they were."""

    def __init__(self) -> None:
        self.cookies = {}
        for name, person in PEOPLE.items():
            client = Client()
            if person:
                client.force_login(person())
            self.cookies[name] = client.cookies.output(header="", sep=";")

    def client(self, name: str) -> Client:
        client = Client()
        client.cookies = SimpleCookie(self.cookies[name])
        return client

    def clients(self) -> Iterator[Client]:
        return (self.client(name) for name in PEOPLE)
