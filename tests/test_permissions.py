"""Who may do what: every address, every method it takes, every kind of person.

A new address needs its line here. A line is what GET and POST answer to the PEOPLE of
tests/doors.py, in their order; where an address takes other methods too, a third entry names them,
as in {"put": changing(200)}. What the addresses speak of is made in tests/doors.py.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from tests.answers import close
from tests.doors import ADDRESSES, PEOPLE, Crowd, World, addresses, small_worlds

pytestmark = pytest.mark.django_db
Line = tuple[object, ...]


# anonymous, annotator, stranger, auditor, site auditor, researcher, campaign admin, admin.
# login: sent to the door; 403: not for this role; 404: not there for this person; 405: no such
# method here.
def everybody(code: object, *, anonymous: object = "login") -> Line:
    return (anonymous, *[code] * 7)


def admins(code: int) -> Line:
    return ("login", *[403] * 6, code)


def researchers(code: int = 200) -> Line:
    """The site's researchers."""
    return ("login", 403, code, 403, 403, code, 403, code)


def site(code: int = 200) -> Line:
    """Who reads what belongs to no campaign."""
    return ("login", 403, code, 403, code, code, 403, code)


def lists(code: int = 200) -> Line:
    """Who reads any campaign."""
    return ("login", 403, *[code] * 6)


def reading(code: int = 200) -> Line:
    """Who reads this campaign."""
    return ("login", 404, 404, *[code] * 5)


def changing(code: int = 302) -> Line:
    """Who changes this campaign."""
    return ("login", *[404] * 4, *[code] * 3)


def judging(code: int, others: int = 404) -> Line:
    """Who annotates this campaign."""
    return ("login", code, *[others] * 6)


def owners(code: int = 200) -> Line:
    """Who sees this study: its researcher, site auditors and admins."""
    return ("login", 403, 404, 403, code, code, 403, code)


def sender(code: int = 200) -> Line:
    """Who sent this file, and admins of the site."""
    return ("login", *[404] * 4, code, 404, code)


NO = everybody(405)
ALWAYS = (everybody(200, anonymous=200), everybody(405, anonymous=405))
API_NO = (401, *researchers(405)[1:])
ADMIN_FORM = (admins(200), admins(422))
ADMIN_DEED = (NO, admins(302))
SITE_PAGE = (site(), NO)
PAGE = (reading(), NO)
LIST = (lists(), NO)
DEED = (NO, changing())

EXPECTED: dict[str, tuple] = {
    "login": ((200, *[302] * 7), (200, *[302] * 7)),
    "login_code": (("login", *[302] * 7), ("login", *[302] * 7)),
    "oidc_start": (everybody(404, anonymous=404), everybody(405, anonymous=405)),
    "oidc_back": (everybody(404, anonymous=404), everybody(405, anonymous=405)),
    "logout": (NO, everybody("login")),
    "tokens:tokens": (everybody(200), everybody(422)),
    "tokens:token_revoke": (NO, everybody(404)),
    "accounts:account": (everybody(200), NO),
    "accounts:email": (NO, everybody(422)),
    "accounts:session_end": (NO, everybody(404)),
    "accounts:sessions_end": (NO, everybody(302)),
    "accounts:password": (everybody(200), everybody(422)),
    "accounts:two_factor": (everybody(200), everybody(422)),
    "accounts:two_factor_codes": (NO, everybody(302)),
    "accounts:two_factor_off": (NO, everybody(422)),
    "accounts:reset": (everybody(200, anonymous=200), everybody(422, anonymous=422)),
    "accounts:reset_sent": (everybody(200, anonymous=200), everybody(405, anonymous=405)),
    "accounts:reset_confirm": (everybody(200, anonymous=200), everybody(200, anonymous=200)),
    "accounts:reset_link": (admins(200), admins(200)),
    "live": ALWAYS,
    "ready": ALWAYS,
    "metrics": ALWAYS,  # from this machine; tests/config/test_health.py has the others
    "home": (("login", 302, *[200] * 6), NO),
    "set_language": (everybody(302, anonymous=302), everybody(302, anonymous=302)),
    "models_app:dataset_list": SITE_PAGE,
    "models_app:dataset_detail": SITE_PAGE,
    "models_app:dataset_upload": ADMIN_FORM,
    "models_app:outputs_upload": ADMIN_FORM,
    "models_app:benchmark_list": SITE_PAGE,
    "models_app:benchmark": SITE_PAGE,
    "models_app:benchmark_export": SITE_PAGE,
    "models_app:benchmark_progress": SITE_PAGE,
    "models_app:benchmark_start": (NO, admins(422)),
    "models_app:benchmark_cancel": ADMIN_DEED,
    "models_app:benchmark_resume": ADMIN_DEED,
    "models_app:corpus_list": SITE_PAGE,
    "models_app:corpus_detail": SITE_PAGE,
    "models_app:corpus_upload": ADMIN_FORM,
    "models_app:corpus_mix": ADMIN_FORM,
    "models_app:corpus_translate": ADMIN_FORM,
    "models_app:corpus_translation": SITE_PAGE,
    "models_app:corpus_translation_progress": SITE_PAGE,
    "models_app:corpus_translation_cancel": ADMIN_DEED,
    "models_app:corpus_translation_resume": ADMIN_DEED,
    "models_app:corpus_split": ADMIN_DEED,
    "models_app:corpus_draw": ADMIN_DEED,
    "models_app:corpus_check": ADMIN_DEED,
    "models_app:corpus_audit": ADMIN_DEED,
    "models_app:corpus_measure": ADMIN_DEED,
    "models_app:corpus_report": SITE_PAGE,
    "models_app:corpus_report_cancel": ADMIN_DEED,
    "models_app:corpus_report_resume": ADMIN_DEED,
    "models_app:corpus_report_progress": SITE_PAGE,
    "models_app:sweep_list": SITE_PAGE,
    "models_app:sweep_start": (NO, admins(422)),
    "models_app:sweep_detail": SITE_PAGE,
    "models_app:sweep_csv": SITE_PAGE,
    "models_app:sweep_cancel": ADMIN_DEED,
    "models_app:sweep_resume": ADMIN_DEED,
    "models_app:sweep_drop": ADMIN_DEED,
    "models_app:sweep_progress": SITE_PAGE,
    "models_app:energy_report": SITE_PAGE,
    "models_app:energy_csv": SITE_PAGE,
    "models_app:energy_record": SITE_PAGE,
    "models_app:system_list": SITE_PAGE,
    "models_app:system_detail": SITE_PAGE,
    "models_app:system_new": ADMIN_FORM,
    "models_app:checkpoint_list": SITE_PAGE,
    "models_app:checkpoint_new": ADMIN_FORM,
    "models_app:checkpoint_code": ADMIN_DEED,
    "models_app:adapter_new": ADMIN_FORM,
    "models_app:run_list": SITE_PAGE,
    "models_app:run_start": (NO, admins(422)),
    "models_app:run_detail": SITE_PAGE,
    "models_app:run_cancel": ADMIN_DEED,
    "models_app:run_resume": ADMIN_DEED,
    "models_app:run_progress": SITE_PAGE,
    "models_app:training_list": SITE_PAGE,
    "models_app:training_new": ADMIN_FORM,
    "models_app:training": SITE_PAGE,
    "models_app:training_curves": SITE_PAGE,
    "models_app:training_progress": SITE_PAGE,
    "models_app:training_cancel": ADMIN_DEED,
    "models_app:training_resume": ADMIN_DEED,
    "models_app:training_try": ADMIN_DEED,
    "models_app:training_publish": ADMIN_DEED,
    "models_app:upload": (sender(), NO),
    "models_app:upload_progress": (sender(), NO),
    "models_app:upload_confirm": (NO, sender(302)),
    "models_app:upload_cancel": (NO, sender(302)),
    "models_app:upload_resume": (NO, sender(302)),
    "models_app:playground": (researchers(), NO),
    "models_app:playground_votes": (researchers(), NO),
    "playground:ask": (API_NO, (401, *researchers(422)[1:])),
    "playground:detail": ((401, *researchers(404)[1:]), API_NO),  # they have asked nothing
    "playground:vote": (API_NO, (401, *researchers(404)[1:])),
    "playground:cancel": (API_NO, (401, *researchers(404)[1:])),
    "annotation:audit": LIST,
    "annotation:audit_csv": LIST,
    "annotation:campaign_list": LIST,
    "annotation:campaign_new": (researchers(), researchers(422)),
    "annotation:campaign_detail": PAGE,
    "annotation:campaign_export": PAGE,
    "annotation:campaign_open": DEED,
    "annotation:leaks": PAGE,
    "annotation:quality_upload": (changing(302), changing(302)),  # it is open already
    "annotation:quality_clear": DEED,
    "annotation:feedback": (judging(404), NO),
    "annotation:qualification": (judging(404), NO),
    "annotation:campaign_close": DEED,
    "annotation:member_add": (NO, changing(422)),
    "annotation:member_remove": DEED,
    "annotation:invitations": (reading(), changing(422)),
    "annotation:invitation_revoke": DEED,
    "annotation:join": (
        (200, 302, *[200] * 6),
        (422, *[302] * 7),
    ),
    "annotation:standing": (changing(200), changing(422)),
    "annotation:guideline_list": SITE_PAGE,
    "annotation:guideline_new": (researchers(), researchers(422)),
    "annotation:guideline_detail": (("login", 404, *[200] * 6), NO),
    "annotation:ratings_upload": ADMIN_FORM,
    "webhooks:list": (
        ("login", 403, 200, 403, 403, 200, 200, 200),  # the stranger runs another campaign
        ("login", 403, 422, 403, 403, 422, 422, 422),
    ),
    "webhooks:try": DEED,
    "webhooks:delete": DEED,
    "annotation:my_data": (everybody(200), everybody(422)),
    "annotation:my_data_file": (everybody(200), NO),
    "annotation:person_erase": (admins(200), admins(422)),
    "annotation:people": ADMIN_FORM,
    "annotation:my_work": (everybody(200), NO),
    "annotation:profile": (everybody(200), everybody(422)),
    "annotation:annotate_next": (judging(302), NO),
    "annotation:batch": (judging(200), NO),
    "annotation:service_worker": (everybody(200), NO),
    "annotation:done": (judging(200), NO),
    "annotation:guideline": (judging(200), NO),
    "annotation:annotate": (judging(200), judging(422)),
    "annotation:norming": (reading(), NO),
    "annotation:norming_item": (reading(404), NO),  # nobody has judged it yet
    "annotation:norming_again": (reading(404), reading(404)),
    "annotation:norming_remark": (NO, reading(404)),
    "studies:list": SITE_PAGE,
    "studies:new": ADMIN_FORM,
    "studies:detail": (owners(), NO),
    "studies:progress": (owners(), NO),
    "studies:cancel": ADMIN_DEED,
    "studies:again": ADMIN_DEED,
    "studies:configuration": (owners(), NO),
    "studies:tables": (owners(), NO),
    "studies:markdown": (owners(), NO),
    "metrics:live": PAGE,
    "metrics:campaign_planner": PAGE,
    "metrics:planner": LIST,
    "metrics:benchmarks": SITE_PAGE,
    "metrics:benchmarks_json": SITE_PAGE,
    "metrics:judge_list": LIST,
    "metrics:judge_start": (NO, admins(422)),
    "metrics:judge": PAGE,
    "metrics:judge_progress": PAGE,
    "metrics:judge_cancel": ADMIN_DEED,
    "metrics:judge_resume": ADMIN_DEED,
    "metrics:across": LIST,
    "metrics:across_csv": LIST,
    "metrics:report_list": LIST,
    "metrics:report": PAGE,
    "metrics:report_start": DEED,
    "metrics:report_progress": PAGE,
    "metrics:report_download": PAGE,
    "metrics:capsule": (reading(302), NO),  # its report is to be made first
    "metrics:archive": (reading(302), NO),
    "metrics:tables": (reading(302), NO),
    "metrics:package": (reading(302), NO),
    "metrics:package_start": DEED,
    "metrics:package_download": (reading(404), NO),  # it is not made yet
    "metrics:package_progress": PAGE,
    "metrics:package_cancel": DEED,
    "metrics:package_resume": DEED,
    "metrics:datasheet": (reading(302), NO),
    "metrics:datasheet_download": (reading(302), NO),
    "metrics:claims": (reading(302), NO),
    "metrics:claim_pin": DEED,
    "metrics:claim_again": DEED,
    "metrics:claim_delete": DEED,
    "metrics:segment": PAGE,
    "metrics:outputs": PAGE,
    "metrics:slice_export": PAGE,
    "metrics:slice_save": DEED,
    "metrics:slice_rerate": DEED,
    "metrics:slice_delete": DEED,
    "metrics:scoring_list": LIST,
    "metrics:scoring_start": (
        ("login", 403, 200, 403, 403, 200, 200, 200),
        ("login", 403, 422, 403, 403, 422, 422, 422),
    ),
    "metrics:scoring_detail": PAGE,
    "metrics:scoring_progress": PAGE,
    "metrics:scoring_cancel": DEED,
    "metrics:scoring_resume": DEED,
}
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[tuple[World, World, Crowd]]:
    """Made once for all tests of this file, in a transaction that is given up at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield (*small_worlds(), Crowd())
        transaction.set_rollback(True)


@pytest.fixture
def doors(made: tuple[World, World, Crowd]) -> tuple[World, World, Crowd]:
    return made


def answer(client: Client, method: str, address: str) -> object:
    """Nothing of what the request does stays."""
    with transaction.atomic():
        response = getattr(client, method)(address)
        close(response)
        transaction.set_rollback(True)
    if response.status_code == 302 and "/login/" in response.headers["Location"]:
        return "login"
    return response.status_code


def line_of(name: str) -> dict[str, Line]:
    get, post, *others = EXPECTED[name]
    return {"get": get, "post": post, **(others[0] if others else {})}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_everybody_gets_what_is_theirs(name, doors):
    own, _other, crowd = doors
    address = own.address(name)
    got = {
        method: tuple(answer(client, method, address) for client in crowd.clients())
        for method in line_of(name)
    }
    for method, line in line_of(name).items():
        assert (method, got[method]) == (method, line)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_no_other_method_is_taken(name, doors):
    own, _other, crowd = doors
    others = [method for method in METHODS if method not in line_of(name)]
    got = [answer(crowd.client("admin"), method, own.address(name)) for method in others]
    assert got == [405] * len(others)


def of_a_campaign() -> list[str]:
    """Addresses with ids that are not there for a researcher of another campaign."""
    stranger = list(PEOPLE).index("stranger")
    return sorted(
        name
        for name in EXPECTED
        if ADDRESSES.get(name) and any(line[stranger] == 404 for line in line_of(name).values())
    )


@pytest.mark.parametrize("name", of_a_campaign())
def test_ids_of_another_campaign_are_not_found(name, doors):
    _own, other, crowd = doors
    for method, line in line_of(name).items():
        for person, expected in zip(PEOPLE, line, strict=True):
            if person in {"annotator", "auditor", "researcher", "campaign admin"}:
                wanted = expected if expected in (403, 405) else 404
                got = answer(crowd.client(person), method, other.address(name))
                assert (person, method, got) == (person, method, wanted)


@pytest.mark.parametrize(
    "name", sorted(name for name in EXPECTED if len(ADDRESSES.get(name, ())) > 1)
)
def test_a_child_of_another_campaign_is_not_found_under_ones_own(name, doors):
    own, other, crowd = doors
    mixed = World.mixed(own, other, name)
    if mixed is None:  # what follows the campaign is a word, not an id
        return
    for method, line in line_of(name).items():
        for person in ("researcher", "campaign admin", "admin"):
            expected = line[list(PEOPLE).index(person)]
            wanted = expected if expected in (403, 405) else 404
            got = answer(crowd.client(person), method, mixed)
            assert (person, method, got) == (person, method, wanted)


def test_nothing_is_changed_from_a_page_of_another_site(doors):
    own, _other, crowd = doors
    got = {}
    for name in EXPECTED:
        client = crowd.client("admin")
        client.handler.enforce_csrf_checks = True
        got[name] = answer(client, "post", own.address(name))
    assert {name: code for name, code in got.items() if code not in (401, 403, 405)} == {}


def test_no_address_is_forgotten():
    assert set(addresses(get_resolver().url_patterns)) == set(EXPECTED)
