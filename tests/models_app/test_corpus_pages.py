"""Corpora on their pages: the card, what was found, and who may do what."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from models_app.corpora.mixing import mix_corpora
from models_app.corpora.reports import start_report
from models_app.jobs import run_inline
from models_app.models import Corpus, CorpusReport, Subset
from tests.models_app.corpora import corpus, fill, leaking_corpus, small_corpus
from tests.models_app.small_models import registered
from tests.models_app.test_pages import signed_in
from tests.people import ada, alice, small_dataset

pytestmark = pytest.mark.django_db


def url(name, *arguments):
    return reverse(f"models_app:{name}", args=arguments)


@pytest.fixture
def admin():
    return signed_in(ada())


@pytest.fixture
def reader():
    return signed_in(alice())


def asked(client, address):
    """The page, and how often it asked for rows of the models room."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    return response, sum('"models_app_' in query["sql"] for query in queries)


def test_the_list_asks_as_often_for_many_as_for_one(reader):
    small_corpus("first")
    assert asked(reader, url("corpus_list"))[1] == 2
    for n in range(8):
        small_corpus(f"more {n}", 5)
    response, n_queries = asked(reader, url("corpus_list"))
    assert n_queries == 2
    page = response.text
    assert "more 7" in page and "CC-BY-4.0" in page and "en → ga" in page


def test_the_page_shows_the_card_and_asks_the_same_for_many_examples(reader):
    one = small_corpus(n=3, text_origin="machine", produced_by="NLLB-200")
    run_inline(start_report(one, "leakage", queue=False))
    response, n_queries = asked(reader, url("corpus_detail", one.pk))
    assert n_queries == 8
    page = response.text
    for part in (
        "CC-BY-4.0",
        "made up for a test",
        "machine-translated: NLLB-200",
        one.content_hash,
    ):
        assert part in page
    many = leaking_corpus()
    for _ in range(3):
        run_inline(start_report(many, "leakage", queue=False))
    response, n_queries = asked(reader, url("corpus_detail", many.pk) + "?split=test")
    assert n_queries == 8
    page = response.text
    assert "test-0" in page and "train-0" not in page
    assert "<form method" not in page.split("<main")[1]


def test_a_mix_shows_its_parents_and_they_show_it(reader):
    one, other = small_corpus("one"), small_corpus("other", licence="CC0-1.0")
    mixed = mix_corpora("both", {one: 1, other: 3}, budget=40, unit="examples", seed=1)
    page = reader.get(url("corpus_detail", mixed.pk)).text
    assert "CC-BY-4.0 AND CC0-1.0" in page and "0.750" in page and ">30<" in page
    assert url("corpus_detail", mixed.pk) in reader.get(url("corpus_detail", one.pk)).text


def test_an_admin_splits_draws_and_asks_for_reports(admin):
    one = small_corpus(n=40)
    shares = {"seed": 1, "train": 80, "valid": 10, "test": 10}
    page = admin.post(url("corpus_split", one.pk), shares, follow=True).text
    assert "Split: 32 train, 4 valid, 4 test." in page
    page = admin.post(url("corpus_split", one.pk), {**shares, "seed": 2}, follow=True).text
    assert "is split already (seed 1)" in page
    page = admin.post(
        url("corpus_draw", one.pk), {"sizes": "4, 16 32", "seed": 5}, follow=True
    ).text
    assert "3 subsets are there." in page
    assert [s.size for s in Subset.objects.all()] == [4, 16, 32]
    page = admin.post(url("corpus_draw", one.pk), {"sizes": "many", "seed": 5}, follow=True).text
    assert "Sizes: Write numbers, say 16, 64, 256." in page
    page = admin.post(url("corpus_draw", one.pk), {"sizes": "99", "seed": 5}, follow=True).text
    assert "write a size from 1 to 32, not 99" in page
    assert "waits for a worker" in admin.post(url("corpus_check", one.pk), follow=True).text
    fields = {"checkpoint": registered().pk}
    admin.post(url("corpus_measure", one.pk), fields)
    assert set(CorpusReport.objects.values_list("kind", flat=True)) == {"leakage", "fertility"}
    assert "Tokeniser of: " in admin.post(url("corpus_measure", one.pk), follow=True).text


def test_a_check_shows_what_was_found_and_where(reader):
    one = leaking_corpus()
    dataset = small_dataset("judged", 2)
    dataset.segments.filter(key="s1").update(source=one.examples.first().input)
    report = run_inline(start_report(one, "leakage", queue=False))
    response, n_queries = asked(reader, url("corpus_report", report.pk))
    assert n_queries == 1
    rows = {row["where"]: row for row in response.context["findings"]}
    assert next(iter(rows)) == "judged, source, in asked (1 train)"
    assert (rows["valid in train: asked"]["exact"], rows["valid in train: asked"]["n"]) == (46, 50)
    assert rows["repeated in train: asked"]["exact"] == 18
    for part in ("valid in train: asked", ">92.0<", "judged", "train-60"):
        assert part in response.text
    assert "other texts or splits" not in response.text
    fill(one, [{"output": "new"}])
    assert "other texts or splits" in reader.get(url("corpus_report", report.pk)).text


def test_tokens_are_a_figure_with_its_table(reader):
    rows = [{"instruction": "भारताची राजधानी कोणती?", "output": "!"}]
    one = fill(corpus("m", "instruction"), rows)
    report = run_inline(start_report(one, "fertility", checkpoint=registered(), queue=False))
    response = reader.get(url("corpus_report", report.pk))
    assert 'data-plotly="fertility"' in response.text and "not defined" in response.text
    figure = response.context["figure"]
    json.dumps(figure["spec"], allow_nan=False)
    assert {len(row) for row in figure["table"]["rows"]} == {len(figure["table"]["columns"])}


def test_a_report_is_cancelled_resumed_and_followed(admin, reader):
    report = start_report(small_corpus(), "leakage", queue=False)
    assert reader.get(url("corpus_report_progress", report.pk)).json()["state"] == "queued"
    assert url("corpus_report_cancel", report.pk) in admin.get(url("corpus_report", report.pk)).text
    admin.post(url("corpus_report_cancel", report.pk))
    page = admin.get(url("corpus_report", report.pk)).text
    assert url("corpus_report_resume", report.pk) in page
    admin.post(url("corpus_report_resume", report.pk))
    assert CorpusReport.objects.get().state == "queued"
    page = admin.post(url("corpus_report_resume", report.pk), follow=True).text
    assert "Only a failed or cancelled report can be resumed." in page


CARD = {
    "name": "c", "kind": "parallel", "source_lang": "en", "target_lang": "ga", "licence": "CC0-1.0",
    "origin": "here", "text_origin": "native", "split": "train",
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.csv", "source,target\na,b\n"),
        ("a.json", '[{"translation": {"en": "a", "ga": "b"}}]'),
        ("a.json", '{"translation": {"en": "a", "ga": "b"}}\n'),
    ],
)
def test_a_corpus_is_previewed_and_stored(admin, file, data):
    sent = {**CARD, "file": SimpleUploadedFile(file, data.encode())}
    page = admin.post(url("corpus_upload"), sent)
    assert page.status_code == 200 and not Corpus.objects.exists()
    page = admin.post(
        url("corpus_upload"), {"token": page.context["preview"]["token"]}, follow=True
    )
    assert page.redirect_chain == [(url("corpus_detail", Corpus.objects.get().pk), 302)]
    example = Corpus.objects.get().examples.get()
    assert (example.split, example.input, example.output) == ("train", "a", "b")


def test_a_card_without_a_licence_or_an_engine_is_refused(admin):
    def send(**fields):
        file = SimpleUploadedFile("a.csv", b"source,target\na,b\n")
        return admin.post(url("corpus_upload"), {**CARD, **fields, "file": file})

    assert "licence" in send(licence="").context["form"].errors
    response = send(text_origin="machine")
    assert response.status_code == 422 and "say by what" in response.text


def test_texts_are_shown_not_run(reader):
    one = fill(corpus(), [{"input": "<script>alert(1)</script>", "output": "<b>x"}] * 1)
    page = reader.get(url("corpus_detail", one.pk)).text
    assert "<script>alert" not in page and "<b>x" not in page


def test_an_empty_house_says_what_belongs_there(admin, reader):
    assert "No corpus yet" in admin.get(url("corpus_list")).text
    assert url("corpus_list") in reader.get(url("dataset_list")).text
    page = admin.get(url("corpus_detail", corpus().pk)).text
    assert "Not checked for duplicates and leaks yet." in page
