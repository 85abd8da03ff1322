"""A language model as a judge: both orders, what it says, and when it may be summed up."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from common.errors import BadInput
from metrics import tasks  # noqa: F401 - makes the jobs known
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.judge import standing
from metrics.judge.asking import read_verdict, start_judging
from metrics.judge.standing import Judged, family, judged, standings
from metrics.models import JudgeRun
from models_app.jobs import run_inline
from models_app.models import Adapter, Checkpoint, System
from tests.metrics.studies import study
from tests.people import ada, alice, bob, charlie

SETTINGS = Settings(resamples=300)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A", "first"), ("B.", "second"), ("tie", "tie"), ("Verdict: B", "second"),
        ("Answer A is better", "first"), ("a", "first"), ("A better answer is B", "first"),
        ("a better answer", ""), ("Both are fine", ""), ("", ""), ("मला माहीत नाही", ""),
    ],
)  # fmt: skip
def test_it_reads_what_the_judge_wrote(text, read):
    assert read_verdict(text) == read


def judge_of(name: str = "judge", **fields) -> System:
    return System.objects.create(name=name, kind="model", backend="echo", **fields)


@pytest.fixture
def asked(db) -> JudgeRun:
    campaign = study(n_segments=8)
    run = start_judging(judge_of(), campaign, *campaign.systems.all(), queue=False)
    return run_inline(run)


def test_every_pair_is_asked_in_both_orders_and_not_twice(asked):
    assert (asked.state, asked.error) == ("done", "")
    assert asked.verdicts.count() == 16
    assert asked.verdicts.filter(swapped=True).count() == 8
    assert set(asked.verdicts.values_list("verdict", flat=True)) == {"tie"}
    systems = [asked.system_b, asked.system_a]
    assert start_judging(asked.judge, asked.campaign, *systems, queue=False) == asked


def test_verdicts_are_no_ratings(asked):
    frame = load_frame(asked.campaign)
    assert {rater.code for rater in frame.raters} == {"r1", "r2"}


def test_few_pairs_are_refused_with_the_reason(asked):
    [found] = standings([asked], SETTINGS)
    assert (found.language, found.n, found.order.estimate) == ("mr", 8, 1.0)
    assert not found.may_be_summed and found.wins == ()
    assert found.checks[0].refused == "8 pairs judged by both, of 30 needed"
    assert found.checks[1].refused == ""


def test_orders_that_disagree_are_a_tie_and_silence_is_no_verdict(asked):
    first, second, third = asked.campaign.dataset.segments.all()[:3]
    asked.verdicts.filter(segment=first).update(verdict="a")
    asked.verdicts.filter(segment=second, swapped=False).update(verdict="a")
    asked.verdicts.filter(segment=second, swapped=True).update(verdict="b")
    asked.verdicts.filter(segment=third, swapped=True).update(verdict="none")
    found = judged(asked, load_frame(asked.campaign))
    assert found.judge[:2].tolist() == [1, 0] and np.isnan(found.judge[2])
    assert found.people[0] == -1


def test_who_is_refused_as_a_judge(asked):
    campaign, a, b = asked.campaign, asked.system_a, asked.system_b
    for arguments, said in (
        ((a, campaign, a, b), "writes nothing here"),
        ((asked.judge, campaign, a, a), "two different systems"),
        ((asked.judge, campaign, a, asked.judge), "is not a system of"),
    ):
        with pytest.raises(BadInput, match=said):
            start_judging(*arguments)


@pytest.mark.django_db
def test_its_family_is_itself_then_its_checkpoint():
    base = Checkpoint.objects.create(name="c", location="x/c", architecture="causal")
    lora = Adapter.objects.create(name="l", checkpoint=base, location="x/l")
    judge = judge_of(checkpoint=base)
    tuned = judge_of("tuned", checkpoint=base, adapter=lora)
    stranger = judge_of("stranger")
    assert family(judge, tuned, stranger) == 1
    assert family(judge, tuned, judge) == -1
    assert family(judge, stranger, stranger) == 0


def pretend(run: JudgeRun, judge: np.ndarray, people: np.ndarray, own: int) -> Judged:
    return Judged(run, "mr", judge, judge, judge, people, own)


class TestCriteria:
    people = np.resize([1.0, -1.0, 0.0, -1.0], 80)

    def found(self, run: JudgeRun, judge: np.ndarray, own: int = 1) -> standing.Standing:
        return standing._standing("judge", "mr", [pretend(run, judge, self.people, own)], SETTINGS)

    def test_one_that_agrees_and_favours_nobody_is_summed_up(self, asked):
        judge = self.people.copy()
        judge[[0, 1]] = judge[[1, 0]]
        found = self.found(asked, judge)
        assert found.may_be_summed
        a, b, share, n = found.wins[0]
        assert (a, b, n) == (asked.system_a.name, asked.system_b.name, 80)
        assert share.estimate == pytest.approx((1 + self.people).mean() / 2)

    def test_one_that_favours_its_own_is_not(self, asked):
        judge = self.people.copy()
        judge[::10] = 1.0
        found = self.found(asked, judge)
        assert found.checks[0].refused == ""
        assert found.checks[1].refused == "it prefers its own family more than people do"
        assert found.wins == ()
        assert self.found(asked, judge, own=0).may_be_summed

    def test_a_coin_is_not(self, asked):
        judge = np.random.default_rng(1).permutation(self.people)
        found = self.found(asked, judge)
        assert "below 0.4" in found.checks[0].refused and not found.may_be_summed

    def test_one_who_always_says_the_same_is_not(self, asked):
        assert not self.found(asked, np.zeros(80)).may_be_summed


class TestPages:
    def client(self, person):
        client = Client()
        client.force_login(person)
        return client

    def test_the_page_refuses_to_sum_up_and_says_why(self, asked):
        reader = self.client(alice())
        page = reader.get(reverse("metrics:judge_list")).content.decode()
        assert "8 pairs judged by both, of 30 needed" in page
        assert "None is shown: no judge passes." in page
        page = reader.get(reverse("metrics:judge", args=[asked.pk])).content.decode()
        assert "a tie" in page and "Write only A, B or TIE." in page

    def test_another_researcher_finds_no_run(self, asked):
        stranger = self.client(charlie())
        assert stranger.get(reverse("metrics:judge", args=[asked.pk])).status_code == 404
        assert self.client(bob()).get(reverse("metrics:judge_list")).status_code == 403

    def test_only_an_admin_starts(self, asked):
        data = {
            "judge": asked.judge_id, "campaign": asked.campaign_id,
            "system_a": asked.system_a_id, "system_b": asked.system_a_id,
        }  # fmt: skip
        assert self.client(alice()).post(reverse("metrics:judge_start"), data).status_code == 403
        answer = self.client(ada()).post(reverse("metrics:judge_start"), data)
        assert answer.status_code == 422 and "two different systems" in answer.content.decode()
