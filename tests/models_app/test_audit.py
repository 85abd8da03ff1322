"""The audit of a corpus: planted traces counted, and what cannot be told left undefined."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.checkpoints import register_system
from models_app.corpora.reports import start_report
from models_app.corpora.translating import start_translation
from models_app.jobs import run_inline
from models_app.models import CorpusReport
from tests.models_app.corpora import corpus, fill, sentences
from tests.models_app.test_pages import signed_in
from tests.people import ada, alice

pytestmark = pytest.mark.django_db


def audited(one):
    report = run_inline(start_report(one, "artefacts", queue=False))
    assert report.state == "done", report.error
    return report, {row["tag"]: (row["n"], row["of"]) for row in report.payload["tags"]}


def test_planted_traces_in_parallel_texts_are_counted():
    rows = [{"input": en, "output": ga} for en, ga in sentences(20)]
    for row in rows[:3]:
        row["output"] = row["input"]
    rows[4]["output"] = ""
    rows[5]["output"] = "Sea."
    rows[6]["output"] *= 4
    rows[7]["output"] = "Это совсем другое предложение на другом языке, не так ли, друзья мои?"
    report, tags = audited(fill(corpus(), rows))
    assert tags == {
        "empty": (1, 20), "untranslated": (3, 20), "other script": (1, 20), "code": (0, 20),
        "loop": (1, 20), "short": (1, 20), "long": (1, 20),
    }  # fmt: skip
    assert 0.5 < report.payload["usual_ratio"] < 1
    example = report.payload["tags"][1]["examples"][0]
    assert example["key"] == "k0" and example["text"] == example["source"]


def test_of_a_corpus_translated_here_the_sources_are_known():
    one = corpus("e", "instruction", source_lang="en", target_lang="en")
    fill(one, [{"instruction": "one two three four", "output": "noon noon"}])
    system = register_system(name="echo", backend="echo")
    job = run_inline(start_translation(one, system, name="m", target_lang="ga"))
    job.result.refresh_from_db()
    report, tags = audited(job.result)
    assert (report.payload["n_texts"], report.payload["n_with_source"]) == (2, 2)
    assert tags["untranslated"] == (0, 2)


def test_without_sources_what_needs_them_is_not_defined(capsys):
    fill(corpus("m", "instruction"), [{"instruction": "LoRA म्हणजे काय?", "output": "तंत्र"}])
    call_command("audit_corpus", "m", "--json")
    told = capsys.readouterr()
    assert "untranslated: not defined, since no source is known" in told.err
    assert "other script: 0 of 2" in told.err
    payload = json.loads(told.out)
    assert payload["usual_ratio"] is None and 0 < payload["latin_share"] < 1
    page = signed_in(alice()).get(
        reverse("models_app:corpus_report", args=[CorpusReport.objects.get().pk])
    )
    assert "not defined: no source is known" in page.text and "LoRA" not in page.text


def test_an_admin_asks_for_the_audit_on_the_page():
    one = fill(corpus(), [{"input": "a b c d", "output": "a b c d"}])
    admin = signed_in(ada())
    address = reverse("models_app:corpus_audit", args=[one.pk])
    assert address in admin.get(reverse("models_app:corpus_detail", args=[one.pk])).text
    assert "waits for a worker" in admin.post(address, follow=True).text
    report = run_inline(CorpusReport.objects.get())
    page = admin.get(reverse("models_app:corpus_report", args=[report.pk])).text
    assert "100.0" in page and "the same as the source" in page
