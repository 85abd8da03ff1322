"""Corpora translated and mixed on their pages."""

import pytest
from django.urls import reverse

from models_app import forms_making
from models_app.checkpoints import register_system
from models_app.jobs import run_inline
from models_app.models import Corpus, CorpusTranslation
from tests.models_app.corpora import corpus, fill, small_corpus
from tests.models_app.small_models import registered
from tests.models_app.test_pages import signed_in
from tests.people import ada, alice

pytestmark = pytest.mark.django_db


def url(name, *arguments):
    return reverse(f"models_app:{name}", args=arguments)


@pytest.fixture
def admin():
    return signed_in(ada())


def asked(n=8):
    one = corpus("asked", "instruction", source_lang="en", target_lang="en")
    return fill(one, [{"instruction": f"name {k} twice", "output": f"is {k}"} for k in range(n)])


def test_a_corpus_is_translated_on_its_page(admin):
    one = asked()
    system = register_system(name="echo", backend="echo")
    page = admin.get(url("corpus_detail", one.pk)).text
    assert url("corpus_translate", one.pk) in page
    fields = {"system": system.pk, "target_lang": "mr", "name": "marathi"}
    page = admin.post(url("corpus_translate", one.pk), fields, follow=True)
    job = CorpusTranslation.objects.get()
    assert page.redirect_chain[0][0] == url("corpus_translation", job.pk)
    assert url("corpus_translation_cancel", job.pk) in page.text
    admin.post(url("corpus_translation_cancel", job.pk))
    page = admin.get(url("corpus_translation", job.pk)).text
    assert url("corpus_translation_resume", job.pk) in page and "Examples so far" in page
    admin.post(url("corpus_translation_resume", job.pk))
    job = run_inline(CorpusTranslation.objects.get())
    assert job.state == "done"
    reader = signed_in(alice())
    page = reader.get(url("corpus_translation", job.pk)).text
    assert "twice 0 name" in page and "name 0 twice" in page
    assert "<form method" not in page.split("<main")[1]
    page = reader.get(url("corpus_detail", job.result_id)).text
    assert "Translated from" in page and url("corpus_translation", job.pk) in page
    assert reader.get(url("corpus_translation_progress", job.pk)).json()["n_done"] == 8
    page = admin.post(url("corpus_translation_resume", job.pk), follow=True).text
    assert "Only a failed or cancelled translation can be resumed." in page
    assert "marathi" in admin.get(url("corpus_translate", one.pk)).text


def test_what_cannot_be_translated_is_said_in_the_form(admin):
    one = small_corpus(n=3)
    system = register_system(name="echo", backend="echo")
    fields = {"system": system.pk, "target_lang": "mr", "name": "m"}
    page = admin.post(url("corpus_translate", one.pk), fields)
    assert page.status_code == 422 and "is not of one language" in page.text
    assert url("corpus_translate", one.pk) not in admin.get(url("corpus_detail", one.pk)).text


MIX = {"unit": "examples", "budget": 40, "seed": 1, "weight_1": 1, "weight_2": 3}


def test_corpora_are_mixed_on_a_page_with_the_share_of_english_shown(admin):
    one, other = small_corpus("one"), small_corpus("other", licence="CC0-1.0")
    english = small_corpus("english", source_lang="ga", target_lang="en")
    fields = MIX | {
        "name": "both", "corpus_1": one.pk, "corpus_2": other.pk, "english": english.pk,
        "english_percent": 20,
    }  # fmt: skip
    page = admin.post(url("corpus_mix"), fields | {"plan": 1})
    assert page.status_code == 200 and not Corpus.objects.filter(name="both").exists()
    assert "English has 20.0% of what is taken." in page.text and ">24<" in page.text
    page = admin.post(url("corpus_mix"), fields, follow=True).text
    mixed = Corpus.objects.get(name="both")
    assert mixed.n_examples == 40
    assert mixed.examples.filter(key__startswith="english/").count() == 8
    for part in ("(English)", "0.200", "Budget: 40 examples; seed 1.", "CC-BY-4.0 AND CC0-1.0"):
        assert part in page


def test_a_mix_in_tokens_is_counted_by_a_tokeniser(admin):
    fields = MIX | {
        "name": "t", "unit": "tokens", "budget": 900, "corpus_1": small_corpus("one").pk,
        "checkpoint": registered().pk,
    }  # fmt: skip
    page = admin.post(url("corpus_mix"), fields, follow=True)
    assert page.status_code == 200
    recipe = Corpus.objects.get(name="t").recipe
    assert 800 < recipe["parts"][0]["n_units"] <= 900
    assert recipe["checkpoint"] in page.text


def test_a_mix_that_cannot_be_is_said_in_the_form(admin, monkeypatch):
    one = small_corpus("one", 10)
    fields = MIX | {"name": "m", "corpus_1": one.pk}
    page = admin.post(url("corpus_mix"), fields)
    assert page.status_code == 422 and "lower its weight, or the budget to 10" in page.text
    page = admin.post(url("corpus_mix"), fields | {"corpus_2": one.pk})
    assert page.status_code == 422 and "Name each corpus once." in page.text
    monkeypatch.setattr(forms_making, "MOST_READ", 5)
    page = admin.post(url("corpus_mix"), fields)
    assert page.status_code == 422 and "use mix_corpora" in page.text
    assert Corpus.objects.count() == 1
