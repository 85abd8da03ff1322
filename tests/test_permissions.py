"""Who may open what: every address for every kind of person."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from annotation.invitations import make_invitation
from annotation.models import Assignment, Guideline
from annotation.services import next_assignment, open_campaign
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
)
from studies.models import Study
from tests import people
from tests.models_app.benchmarks import finished
from tests.models_app.corpora import small_corpus

# What anonymous, annotator, stranger (another researcher), owner and admin get on GET.
# login: sent to the door; 403: not for this role; 404: not there for this person.
EVERYBODY = (200, 302, 302, 302, 302)
RESEARCH = ("login", 403, 200, 200, 200)
ADMIN = ("login", 403, 403, 403, 200)
ADMIN_POST = ("login", 405, 405, 405, 405)
CAMPAIGN = ("login", 403, 404, 200, 200)
REPORT = ("login", 404, 404, 200, 200)
API_POST = (401, 403, 405, 405, 405)
OWN_POST = ("login", 405, 405, 405, 405)

EXPECTED = {
    "login": EVERYBODY,
    "login_code": ("login", 302, 302, 302, 302),
    "oidc_start": (404, 404, 404, 404, 404),
    "oidc_back": (404, 404, 404, 404, 404),
    "logout": ("login", 405, 405, 405, 405),
    "accounts:account": ("login", 200, 200, 200, 200),
    "accounts:email": OWN_POST,
    "accounts:session_end": OWN_POST,
    "accounts:sessions_end": OWN_POST,
    "accounts:password": ("login", 200, 200, 200, 200),
    "accounts:two_factor": ("login", 200, 200, 200, 200),
    "accounts:two_factor_codes": OWN_POST,
    "accounts:two_factor_off": OWN_POST,
    "accounts:reset": (200, 200, 200, 200, 200),
    "accounts:reset_sent": (200, 200, 200, 200, 200),
    "accounts:reset_confirm": (200, 200, 200, 200, 200),
    "accounts:reset_link": ADMIN,
    "home": ("login", 302, 200, 200, 200),
    "set_language": (302, 302, 302, 302, 302),
    "models_app:dataset_list": RESEARCH,
    "models_app:dataset_detail": RESEARCH,
    "models_app:dataset_upload": ADMIN,
    "models_app:outputs_upload": ADMIN,
    "models_app:benchmark_list": RESEARCH,
    "models_app:benchmark": RESEARCH,
    "models_app:benchmark_export": RESEARCH,
    "models_app:benchmark_progress": RESEARCH,
    "models_app:benchmark_start": ADMIN_POST,
    "models_app:benchmark_cancel": ADMIN_POST,
    "models_app:benchmark_resume": ADMIN_POST,
    "models_app:corpus_list": RESEARCH,
    "models_app:corpus_detail": RESEARCH,
    "models_app:corpus_upload": ADMIN,
    "models_app:corpus_mix": ADMIN,
    "models_app:corpus_translate": ADMIN,
    "models_app:corpus_translation": RESEARCH,
    "models_app:corpus_translation_progress": RESEARCH,
    "models_app:corpus_translation_cancel": ADMIN_POST,
    "models_app:corpus_translation_resume": ADMIN_POST,
    "models_app:corpus_split": ADMIN_POST,
    "models_app:corpus_draw": ADMIN_POST,
    "models_app:corpus_check": ADMIN_POST,
    "models_app:corpus_audit": ADMIN_POST,
    "models_app:corpus_measure": ADMIN_POST,
    "models_app:corpus_report": RESEARCH,
    "models_app:corpus_report_cancel": ADMIN_POST,
    "models_app:corpus_report_resume": ADMIN_POST,
    "models_app:corpus_report_progress": RESEARCH,
    "models_app:sweep_list": RESEARCH,
    "models_app:sweep_start": ADMIN_POST,
    "models_app:sweep_detail": RESEARCH,
    "models_app:sweep_csv": RESEARCH,
    "models_app:sweep_cancel": ADMIN_POST,
    "models_app:sweep_resume": ADMIN_POST,
    "models_app:sweep_drop": ADMIN_POST,
    "models_app:sweep_progress": RESEARCH,
    "models_app:energy_report": RESEARCH,
    "models_app:energy_csv": RESEARCH,
    "models_app:energy_record": RESEARCH,
    "models_app:system_list": RESEARCH,
    "models_app:system_detail": RESEARCH,
    "models_app:system_new": ADMIN,
    "models_app:checkpoint_list": RESEARCH,
    "models_app:checkpoint_new": ADMIN,
    "models_app:adapter_new": ADMIN,
    "models_app:run_list": RESEARCH,
    "models_app:run_start": ADMIN_POST,
    "models_app:run_detail": RESEARCH,
    "models_app:run_cancel": ADMIN_POST,
    "models_app:run_resume": ADMIN_POST,
    "models_app:run_progress": RESEARCH,
    "models_app:training_list": RESEARCH,
    "models_app:training_new": ADMIN,
    "models_app:training": RESEARCH,
    "models_app:training_curves": RESEARCH,
    "models_app:training_progress": RESEARCH,
    "models_app:training_cancel": ADMIN_POST,
    "models_app:training_resume": ADMIN_POST,
    "models_app:training_try": ADMIN_POST,
    "models_app:training_publish": ADMIN_POST,
    "models_app:playground": RESEARCH,
    "models_app:playground_votes": RESEARCH,
    "playground:ask": API_POST,
    "playground:detail": (401, 403, 404, 404, 404),  # they have asked nothing
    "playground:vote": API_POST,
    "playground:cancel": API_POST,
    "annotation:campaign_list": RESEARCH,
    "annotation:campaign_new": RESEARCH,
    "annotation:campaign_detail": CAMPAIGN,
    "annotation:campaign_export": CAMPAIGN,
    "annotation:campaign_open": OWN_POST,
    "annotation:leaks": CAMPAIGN,
    "annotation:quality_upload": ("login", 403, 404, 302, 302),
    "annotation:quality_clear": OWN_POST,
    "annotation:feedback": ("login", 404, 404, 404, 404),
    "annotation:qualification": ("login", 404, 404, 404, 404),
    "annotation:campaign_close": OWN_POST,
    "annotation:member_add": OWN_POST,
    "annotation:member_remove": OWN_POST,
    "annotation:invitations": CAMPAIGN,
    "annotation:invitation_revoke": OWN_POST,
    "annotation:join": (200, 302, 200, 200, 200),
    "annotation:standing": CAMPAIGN,
    "annotation:guideline_list": RESEARCH,
    "annotation:guideline_new": RESEARCH,
    "annotation:guideline_detail": RESEARCH,
    "annotation:ratings_upload": ADMIN,
    "annotation:people": ADMIN,
    "annotation:my_work": ("login", 200, 200, 200, 200),
    "annotation:profile": ("login", 200, 200, 200, 200),
    "annotation:annotate_next": ("login", 302, 404, 404, 404),
    "annotation:batch": ("login", 200, 404, 404, 404),
    "annotation:service_worker": ("login", 200, 200, 200, 200),
    "annotation:done": ("login", 200, 404, 404, 404),
    "annotation:guideline": ("login", 200, 404, 404, 404),
    "annotation:annotate": ("login", 200, 404, 404, 404),
    "annotation:norming": ("login", 404, 404, 200, 200),
    "annotation:norming_item": ("login", 404, 404, 404, 404),  # nobody has judged it yet
    "annotation:norming_again": ("login", 404, 404, 404, 404),
    "annotation:norming_remark": OWN_POST,
    "studies:list": RESEARCH,
    "studies:new": ADMIN,
    "studies:detail": ("login", 403, 404, 200, 200),
    "studies:progress": ("login", 403, 404, 200, 200),
    "studies:cancel": ADMIN_POST,
    "studies:again": ADMIN_POST,
    "studies:configuration": ("login", 403, 404, 200, 200),
    "studies:tables": ("login", 403, 404, 200, 200),
    "studies:markdown": ("login", 403, 404, 200, 200),
    "metrics:live": CAMPAIGN,
    "metrics:campaign_planner": CAMPAIGN,
    "metrics:planner": RESEARCH,
    "metrics:benchmarks": RESEARCH,
    "metrics:benchmarks_json": RESEARCH,
    "metrics:judge_list": RESEARCH,
    "metrics:judge_start": ADMIN_POST,
    "metrics:judge": ("login", 403, 404, 200, 200),
    "metrics:judge_progress": ("login", 403, 404, 200, 200),
    "metrics:judge_cancel": ADMIN_POST,
    "metrics:judge_resume": ADMIN_POST,
    "metrics:across": RESEARCH,
    "metrics:across_csv": RESEARCH,
    "metrics:report_list": RESEARCH,
    "metrics:report": REPORT,
    "metrics:report_start": OWN_POST,
    "metrics:report_progress": REPORT,
    "metrics:report_download": REPORT,
    "metrics:capsule": ("login", 404, 404, 302, 302),  # its report is to be made first
    "metrics:archive": ("login", 404, 404, 302, 302),
    "metrics:tables": ("login", 404, 404, 302, 302),
    "metrics:package": ("login", 404, 404, 302, 302),
    "metrics:package_start": OWN_POST,
    "metrics:package_download": ("login", 404, 404, 404, 404),  # it is not made yet
    "metrics:package_progress": REPORT,
    "metrics:package_cancel": OWN_POST,
    "metrics:package_resume": OWN_POST,
    "metrics:datasheet": ("login", 404, 404, 302, 302),
    "metrics:datasheet_download": ("login", 404, 404, 302, 302),
    "metrics:claims": ("login", 404, 404, 302, 302),
    "metrics:claim_pin": OWN_POST,
    "metrics:claim_again": OWN_POST,
    "metrics:claim_delete": OWN_POST,
    "metrics:segment": REPORT,
    "metrics:outputs": REPORT,
    "metrics:slice_export": REPORT,
    "metrics:slice_save": OWN_POST,
    "metrics:slice_rerate": OWN_POST,
    "metrics:slice_delete": OWN_POST,
    "metrics:scoring_list": RESEARCH,
    "metrics:scoring_start": RESEARCH,
    "metrics:scoring_detail": CAMPAIGN,
    "metrics:scoring_progress": CAMPAIGN,
    "metrics:scoring_cancel": OWN_POST,
    "metrics:scoring_resume": OWN_POST,
}
# On POST, for the addresses that only take one.
POSTED = {
    **{
        f"models_app:corpus_{name}": ("login", 403, 403, 403, 302)
        for name in (
            "split",
            "draw",
            "check",
            "audit",
            "measure",
            "report_cancel",
            "report_resume",
            "translation_cancel",
            "translation_resume",
        )
    },
    "models_app:corpus_mix": ("login", 403, 403, 403, 422),
    "models_app:corpus_translate": ("login", 403, 403, 403, 422),
    **{
        f"models_app:sweep_{name}": ("login", 403, 403, 403, 302)
        for name in ("cancel", "resume", "drop")
    },
    "models_app:sweep_start": ("login", 403, 403, 403, 422),
    **{
        f"models_app:training_{name}": ("login", 403, 403, 403, 302)
        for name in ("cancel", "resume", "try", "publish")
    },
    "models_app:training_new": ("login", 403, 403, 403, 422),
    "models_app:run_start": ("login", 403, 403, 403, 422),
    "models_app:run_cancel": ("login", 403, 403, 403, 302),
    "models_app:run_resume": ("login", 403, 403, 403, 302),
    "annotation:campaign_open": ("login", 403, 404, 302, 302),
    "annotation:campaign_close": ("login", 403, 404, 302, 302),
    "annotation:member_add": ("login", 403, 404, 422, 422),
    "annotation:quality_clear": ("login", 403, 404, 302, 302),
    "annotation:member_remove": ("login", 403, 404, 302, 404),
    "annotation:invitations": ("login", 403, 404, 422, 422),
    "annotation:invitation_revoke": ("login", 403, 404, 302, 302),
    "annotation:join": (422, 302, 302, 302, 302),
    "annotation:standing": ("login", 403, 404, 422, 422),
    "annotation:annotate": ("login", 422, 404, 404, 404),
    "annotation:people": ("login", 403, 403, 403, 422),
    "annotation:guideline_new": ("login", 403, 422, 422, 422),
    "annotation:profile": ("login", 422, 422, 422, 422),
    **{
        f"metrics:package_{name}": ("login", 404, 404, 302, 302)
        for name in ("start", "cancel", "resume")
    },
    "metrics:claim_pin": ("login", 404, 404, 302, 302),
    "metrics:claim_again": ("login", 404, 404, 302, 302),
    "metrics:claim_delete": ("login", 404, 404, 302, 404),
    "metrics:slice_save": ("login", 404, 404, 302, 302),
    "metrics:slice_rerate": ("login", 404, 404, 302, 302),
    "metrics:slice_delete": ("login", 404, 404, 302, 404),
}


def addresses(patterns: list, prefix: str = "") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found |= addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found[prefix + pattern.name] = list(pattern.pattern.converters)
    return found


ADDRESSES = addresses(get_resolver().url_patterns)


def answer(client: Client, method: str, address: str) -> object:
    response = getattr(client, method)(address)
    if response.status_code == 302 and "/login/" in response.headers["Location"]:
        return "login"
    return response.status_code


@pytest.fixture
def doors(db):
    campaign = people.small_campaign("study", "sqm")
    people.charlie(), people.ada()
    open_campaign(campaign)
    campaign.refresh_from_db()
    assignment = next_assignment(people.bob().annotator, campaign)
    system = campaign.systems.first()
    run = GenerationRun.objects.create(system=system, dataset=campaign.dataset)
    corpus = small_corpus(n=4)
    about_corpus = CorpusReport.objects.create(corpus=corpus, kind="leakage")
    member = campaign.memberships.get(role="annotator")
    invitation, token = make_invitation(
        campaign=campaign, note="", most_uses=5, days=1, user=people.alice()
    )
    compared = ("norming_item", "norming_again", "norming_remark")
    rows = {
        **{f"annotation:{name}": [campaign.pk, assignment.item_id] for name in compared},
        "models_app:dataset_detail": [campaign.dataset_id],
        "models_app:system_detail": [system.pk],
        "annotation:annotate": [assignment.pk],
        "annotation:feedback": [assignment.pk],
        "annotation:quality_clear": [campaign.pk, "training"],
        "annotation:campaign_export": [campaign.pk, "nikash"],
        "annotation:guideline_detail": ["rules", 1],
        "annotation:member_remove": [campaign.pk, member.pk],
        "annotation:invitation_revoke": [campaign.pk, invitation.pk],
        "annotation:join": [token],
        "annotation:standing": [campaign.pk, assignment.annotator_id],
    }
    asked = finished(system, "arc_mr", "AB", "AA")
    for name in ("", "_export", "_progress", "_cancel", "_resume"):
        rows[f"models_app:benchmark{name}"] = [asked.pk]
    both = sorted(campaign.systems.all(), key=lambda one: one.name)
    verdicts = JudgeRun.objects.create(
        judge=system, campaign=campaign, system_a=both[0], system_b=both[1]
    )
    for name in ("", "_progress", "_cancel", "_resume"):
        rows[f"metrics:judge{name}"] = [verdicts.pk]
    for name in ("detail", "split", "draw", "check", "audit", "measure", "translate"):
        rows[f"models_app:corpus_{name}"] = [corpus.pk]
    for name in ("report", "report_cancel", "report_resume", "report_progress"):
        rows[f"models_app:corpus_{name}"] = [about_corpus.pk]
    translated = CorpusTranslation.objects.create(
        source=corpus, system=system, result=small_corpus("other", n=2)
    )
    for name in ("", "_cancel", "_resume", "_progress"):
        rows[f"models_app:corpus_translation{name}"] = [translated.pk]
    base = Checkpoint.objects.create(name="base", location="x", architecture="causal")
    tuning = TrainingRun.objects.create(name="tuned", checkpoint=base, corpus=corpus)
    for name in ("", "_curves", "_progress", "_cancel", "_resume", "_try", "_publish"):
        rows[f"models_app:training{name}"] = [tuning.pk]
    sweep = Sweep.objects.create(name="sweep", kind="grid", space={"rank": [4, 8]})
    for name in ("detail", "csv", "cancel", "resume", "drop", "progress"):
        rows[f"models_app:sweep_{name}"] = [sweep.pk]
    energy = EnergyRecord.objects.create(kind="evaluation", subject="scores", host="here")
    rows["models_app:energy_record"] = [energy.pk]
    Guideline.objects.create(name="rules", language="en", text="Judge the text.")
    scoring = ScoringRun.objects.create(dataset=campaign.dataset, campaign=campaign)
    ReportRun.objects.create(campaign=campaign, state="done", payload=build_payload(campaign))
    segment = campaign.dataset.segments.first()
    rows["accounts:session_end"] = [10**9]
    rows["accounts:reset_confirm"] = ["MQ", "set-password"]
    rows["accounts:reset_link"] = [people.bob().pk]
    rows["metrics:report_download"] = [campaign.pk, "json"]
    rows["metrics:datasheet_download"] = [campaign.pk, "md"]
    claim = Claim.objects.create(campaign=campaign, sentence="It holds.", path="counts.raters")
    rows["metrics:claim_again"] = rows["metrics:claim_delete"] = [campaign.pk, claim.pk]
    package = Package.objects.create(campaign=campaign, kind="archive", language="en")
    rows |= {
        f"metrics:package_{name}": [campaign.pk, package.pk]
        for name in ("download", "progress", "cancel", "resume")
    }
    rows["metrics:tables"] = rows["metrics:package_start"] = [campaign.pk, "csv"]
    rows["metrics:package"] = [campaign.pk, "csv"]
    rows["metrics:segment"] = [campaign.pk, segment.pk]
    kept = Slice.objects.create(campaign=campaign, name="kept")
    rows["metrics:slice_delete"] = [campaign.pk, kept.pk]
    rows |= {
        name: [scoring.pk]
        for name in ADDRESSES
        if name.startswith("metrics:scoring_") and ADDRESSES[name]
    }
    study = Study.objects.create(
        name="mine",
        configuration={"title": "A", "question": "B?"},
        folder="",
        created_by=people.alice(),
    )
    rows |= {name: [study.pk] for name in ADDRESSES if name.startswith("studies:")}
    assert Assignment.objects.exists()

    def address(name: str) -> str:
        default = [run.pk] if name.startswith("models_app:run_") else [campaign.pk]
        arguments = rows.get(name, default) if ADDRESSES[name] else []
        return reverse(name, args=arguments)

    return address


def clients() -> list[Client]:
    found = [Client()]
    for person in (people.bob(), people.charlie(), people.alice(), people.ada()):
        client = Client()
        client.force_login(person)
        found.append(client)
    return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_everybody_gets_what_is_theirs(name, doors):
    got = tuple(answer(client, "get", doors(name)) for client in clients())
    assert got == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(POSTED))
def test_posting_is_for_those_who_may(name, doors):
    got = tuple(answer(client, "post", doors(name)) for client in clients())
    assert got == POSTED[name]


def test_no_address_is_forgotten():
    assert set(ADDRESSES) == set(EXPECTED)
