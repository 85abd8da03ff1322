"""Texts translated back: sacreBLEU's own chrF, once for each text, resumable, or not defined."""

import json
from statistics import fmean

import pytest
import sacrebleu
from django.core.management import call_command
from django.urls import reverse

from common.errors import BadInput
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.corpora.reports import start_report
from models_app.corpora.translating import start_translation
from models_app.jobs import resume, run_inline
from models_app.models import CorpusReport
from tests.models_app.corpora import corpus, fill, small_corpus
from tests.models_app.test_pages import signed_in
from tests.people import ada, small_dataset, small_system

pytestmark = pytest.mark.django_db


def echo(name="echo", **options):
    return register_system(name=name, backend="echo", **options)


def start(one, back, **options):
    return start_report(one, "artefacts", back=back, queue=False, **options)


def test_what_comes_back_is_scored_against_the_source_by_sacrebleu():
    one = small_corpus(n=30)
    report = run_inline(start(one, echo(), sample=0))
    assert (report.state, report.error, report.n_done, report.n_total) == ("done", "", 30, 30)
    trip = report.payload["round_trip"]
    assert (trip["system"], trip["n"], trip["of"], trip["reason"]) == ("echo", 30, 30, None)
    sources, backs = {}, {}
    for example in one.examples.all():
        sources[example.key] = example.input
        backs[example.key] = " ".join(reversed(example.output.split()))
    for row in trip["rows"]:
        key = row["key"]
        assert row["chrf"] == sacrebleu.sentence_chrf(backs[key], [sources[key]]).score
    assert trip["mean"] == pytest.approx(fmean(row["chrf"] for row in trip["rows"]))
    whole = sacrebleu.corpus_chrf(list(backs.values()), [list(sources.values())]).score
    assert trip["corpus"] == pytest.approx(whole)
    assert trip["examples"][0]["chrf"] == min(row["chrf"] for row in trip["rows"])


def test_a_text_that_returns_whole_has_all_points():
    one = corpus("e", "instruction", source_lang="en", target_lang="en")
    fill(one, [{"instruction": "the small dog ran", "output": "it ran home at once"}])
    job = run_inline(start_translation(one, echo(), name="m", target_lang="mr"))
    job.result.refresh_from_db()
    trip = run_inline(start(job.result, echo("again"))).payload["round_trip"]
    assert {row["field"] for row in trip["rows"]} == {"instruction", "output"}
    assert trip["mean"] == trip["corpus"] == 100


def test_a_sample_is_drawn_by_its_seed():
    one, back = small_corpus(n=40), echo()
    trips = [
        run_inline(start(one, back, sample=8, seed=seed)).payload["round_trip"]
        for seed in (1, 1, 2)
    ]
    assert trips[0] == trips[1] and trips[0]["rows"] != trips[2]["rows"]
    assert (trips[0]["n"], trips[0]["of"]) == (8, 40)


def test_what_came_back_before_a_failure_is_not_asked_again(monkeypatch):
    asked, whole = [], Echo.generate

    def breaks(self, requests):
        asked.append(len(requests))
        if len(asked) == 2:
            raise BadInput("the disk is full; make room")
        return whole(self, requests)

    monkeypatch.setattr(Echo, "generate", breaks)
    report = run_inline(start(small_corpus(n=40), echo(), sample=0))
    assert (report.state, report.error, report.payload) == (
        "failed", "the disk is full; make room", {}
    )  # fmt: skip
    resume(report)
    report = run_inline(CorpusReport.objects.get())
    assert report.state == "done" and sum(asked[2:]) == 24
    assert len(report.payload["round_trip"]["rows"]) == 40


def test_without_a_source_it_is_not_defined(capsys):
    fill(corpus("m", "instruction"), [{"instruction": "LoRA म्हणजे काय?", "output": "तंत्र"}])
    echo()
    call_command("audit_corpus", "m", "--back=echo", "--json")
    told = capsys.readouterr()
    assert "round trip: not defined, since no text's source is known" in told.err
    assert json.loads(told.out)["round_trip"]["mean"] is None


def test_the_command_and_the_page_tell_the_round_trip(capsys):
    one = small_corpus(n=20)
    back = echo()
    call_command("audit_corpus", "small", "--back=echo", "--sample=5")
    assert "of 5 of 20 texts" in capsys.readouterr().err
    admin = signed_in(ada())
    address = reverse("models_app:corpus_audit", args=[one.pk])
    fields = {"back": back.pk, "sample": 4, "seed": 3}
    assert "waits for a worker" in admin.post(address, fields, follow=True).text
    report = run_inline(CorpusReport.objects.order_by("pk").last())
    assert report.settings == {"back": "echo", "sample": 4, "seed": 3}
    page = admin.get(reverse("models_app:corpus_report", args=[report.pk])).text
    assert "4 of 20 texts were translated back by echo" in page
    page = admin.post(address, {"back": 99, "sample": 4, "seed": 3}, follow=True).text
    assert "Translate back with: " in page


def test_a_system_that_cannot_translate_back_is_refused():
    one = small_corpus(n=3)
    with pytest.raises(BadInput, match="does not generate here"):
        start(one, small_system("people", small_dataset()))
    with pytest.raises(BadInput, match="translates into mr, not back into en"):
        start(one, echo("to mr", decoding={"tgt_lang": "mar_Deva"}))
