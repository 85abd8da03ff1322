"""Every planted leak is found and counted, and nothing else."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from common.errors import BadInput
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.leakage import find_leaks
from models_app.corpora.reports import is_out_of_date, start_report
from models_app.corpora.splitting import split_corpus
from models_app.jobs import request_cancel, run_inline
from models_app.models import CorpusReport, Dataset, Segment
from tests.models_app import corpora
from tests.models_app.corpora import corpus, fill, leaking_corpus, small_corpus

pytestmark = pytest.mark.django_db


def row(rows, **wanted):
    (found,) = [r for r in rows if wanted.items() <= r.items()]
    return found


def counts(found):
    return found["n"], found["exact"], found["near"]


def test_planted_leaks_between_splits_are_counted():
    found = find_leaks(leaking_corpus(), threshold=0.7)
    across = found["across"]
    valid = row(across, side="asked", split="valid", seen_in="train")
    assert counts(valid) == (corpora.N_VALID, corpora.VALID_IN_TRAIN, 0)
    assert valid["share"] == corpora.VALID_IN_TRAIN / corpora.N_VALID
    test = row(across, side="asked", split="test", seen_in="train")
    assert counts(test) == (corpora.N_TEST, corpora.TEST_IN_TRAIN, corpora.NEAR_IN_TEST)
    assert counts(row(across, side="output", split="valid", seen_in="train"))[1:] == (0, 0)
    assert counts(row(across, side="asked", split="test", seen_in="valid"))[1:] == (0, 0)


def test_repeats_within_a_split_are_counted_on_the_side_that_has_them():
    within = find_leaks(leaking_corpus())["within"]
    train = row(within, side="asked", split="train")
    assert train["n"] == corpora.N_TRAIN and train["exact"] == corpora.TRAIN_REPEATS
    assert row(within, side="output", split="train")["exact"] == 0
    assert row(within, side="both", split="train")["exact"] == 0
    assert row(within, side="both", split="train")["near"] is None


def test_an_example_says_which_texts_and_how_alike():
    test = row(
        find_leaks(leaking_corpus(), threshold=0.7)["across"],
        side="asked", split="test", seen_in="train",
    )  # fmt: skip
    first, last = test["examples"][0], test["examples"][-1]
    assert (first["key"], first["other_key"], first["similarity"]) == ("test-0", "train-60", 1.0)
    assert "–" in first["text"] and "," in first["other"]
    assert "beside" in last["text"] and 0.7 <= last["similarity"] < 1


def test_a_dataset_that_stands_in_the_corpus_is_found_whichever_way_round():
    one = small_corpus(n=40)
    first, second, third = one.examples.all()[:3]
    dataset = Dataset.objects.create(name="judged", source_lang="ga", target_lang="en")
    Dataset.objects.create(name="other", source_lang="en", target_lang="ga")
    texts = [(first.input.lower(), []), ("new", [second.output, "new"]), (third.output, ["x"])]
    Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"s{n}", position=n, source=source, references=references)
        for n, (source, references) in enumerate(texts)
    )
    found = find_leaks(one)
    rows = found["evaluation"]
    assert counts(row(rows, field="source", side="asked")) == (3, 1, 0)
    assert counts(row(rows, field="reference", side="output")) == (3, 1, 0)
    reverse = row(rows, field="source", side="output")
    assert (reverse["exact"], reverse["examples"][0]["key"]) == (1, "s2")
    assert reverse["examples"][0]["other_key"] == third.key
    assert len(rows) == 3
    assert [(d["name"], d["n"]) for d in found["datasets"]] == [("judged", 3), ("other", 0)]


def test_a_dataset_that_is_the_corpus_own_test_split_is_told_from_one_in_train(capsys):
    one = leaking_corpus()
    dataset = Dataset.objects.create(name="own", source_lang="en", target_lang="ga")
    parts = [one.examples.get(key=key) for key in ("test-49", "test-48", "test-0")]
    Segment.objects.bulk_create(
        Segment(dataset=dataset, key=e.key, position=n, source=e.input) for n, e in enumerate(parts)
    )
    (found,) = find_leaks(one)["evaluation"]
    assert found["by_split"] == {"test": 2, "train": 1}
    call_command("check_corpus", "leaking")
    assert "own, source: 3 of 3 stand in asked (2 test, 1 train)" in capsys.readouterr().err


def test_short_texts_that_are_the_same_are_told_apart():
    rows = [{"instruction": f"प्रश्न {n} काय आहे ते सांगा", "output": "होय"} for n in range(4)]
    within = find_leaks(fill(corpus(kind="instruction"), rows))["within"]
    answers = row(within, side="output", split="")
    assert (answers["exact"], answers["short"]) == (3, 3)
    assert row(within, side="asked", split="")["exact"] == 0


def test_clean_data_is_clean():
    found = find_leaks(small_corpus(n=200), threshold=0.9)
    assert all(not r["exact"] and not r["near"] for r in found["within"])
    assert found["across"] == found["evaluation"] == []


def test_a_report_is_a_job_that_knows_which_corpus_it_read():
    one = leaking_corpus()
    report = start_report(one, "leakage", queue=False)
    assert start_report(one, "leakage", queue=False) == report
    report = run_inline(report)
    assert (report.state, report.error, report.message) == ("done", "", "")
    assert not is_out_of_date(report)
    assert json.loads(json.dumps(report.payload)) == report.payload
    again = run_inline(start_report(one, "leakage", queue=False))
    assert again.pk != report.pk and again.payload == report.payload


def test_a_report_on_other_texts_or_splits_is_out_of_date():
    one = small_corpus()
    report = run_inline(start_report(one, "leakage", queue=False))
    split_corpus(one, seed=1, percent={"train": 90, "valid": 5, "test": 5})
    assert is_out_of_date(CorpusReport.objects.get())
    report = run_inline(start_report(one, "leakage", queue=False))
    assert not is_out_of_date(CorpusReport.objects.get(pk=report.pk))
    fill(one, [{"output": "new"}])
    assert is_out_of_date(CorpusReport.objects.get(pk=report.pk))


def test_a_report_that_is_cancelled_stops():
    report = start_report(leaking_corpus(), "leakage", queue=False)
    request_cancel(report)
    assert run_inline(report).state == "cancelled"
    assert CorpusReport.objects.get().payload == {}


def test_what_cannot_be_checked_is_refused():
    with pytest.raises(BadInput, match="has no examples; load some first"):
        start_report(corpus(), "leakage")
    with pytest.raises(BadInput, match=r"write one from 0\.5 to 1"):
        start_report(small_corpus("b"), "leakage", threshold=0.1)
    with pytest.raises(BadInput, match="of which checkpoint"):
        start_report(small_corpus("c"), "fertility")


def test_the_command_tells_what_it_found(capsys):
    leaking_corpus()
    call_command("check_corpus", "leaking", "--near=0.7", "--json")
    told = capsys.readouterr()
    assert "valid, asked: 46 of 50 stand in train" in told.err
    assert "test, asked: 3 of 50 and 4 nearly stand in train" in told.err
    assert "train, asked: 18 of 200" in told.err
    assert "Datasets looked at: none." in told.err
    assert json.loads(told.out)["n_examples"] == 300
    small_corpus("clean")
    call_command("check_corpus", "clean", "--near=0.95")
    assert "Nothing stands twice." in capsys.readouterr().err
    with pytest.raises(CommandError, match="no corpus called 'nope'; known: clean, leaking"):
        call_command("check_corpus", "nope")
