"""Registering on the pages: what is stored, and the sentence for what is not."""

import pytest
from django.conf import settings
from django.urls import reverse

from models_app.models import Adapter, Checkpoint, PromptTemplate, System
from tests.people import ada

pytestmark = pytest.mark.django_db
MODELS = settings.FIXTURES / "models"


@pytest.fixture
def admin(client):
    client.force_login(ada())
    return client


@pytest.fixture
def base():
    return Checkpoint.objects.create(name="base", location="x/base", architecture="causal")


def post(client, page="system_new", **fields):
    return client.post(reverse(f"models_app:{page}"), fields)


def refused(response, sentence):
    assert response.status_code == 422
    errors = " ".join(text for texts in response.context["form"].errors.values() for text in texts)
    assert sentence in errors
    assert 'role="alert"' in response.text or 'class="error"' in response.text
    assert not System.objects.exists() and not PromptTemplate.objects.exists()


def test_a_system_is_stored_as_it_was_written(admin, base):
    decoding = '{"max_new_tokens": 12, "seed": 3}'
    prompt = "प्रश्न: {source}\r\nउत्तर:"
    response = post(
        admin, name="mine/first", backend="huggingface", checkpoint=base.pk,
        prompt=prompt, decoding=decoding,
    )  # fmt: skip
    assert response.status_code == 302
    system = System.objects.get()
    assert (system.name, system.kind, system.backend) == ("mine/first", "model", "huggingface")
    assert (system.checkpoint, system.adapter) == (base, None)
    assert system.decoding == {"max_new_tokens": 12, "seed": 3}
    assert system.template.text == "प्रश्न: {source}\nउत्तर:"


def test_systems_with_the_same_prompt_share_a_template(admin):
    for name, prompt in [("a", "say {source}"), ("b", "say {source}"), ("c", "")]:
        post(admin, name=name, backend="echo", prompt=prompt)
    assert PromptTemplate.objects.count() == 1
    assert [system.template_id is None for system in System.objects.all()] == [False, False, True]


def test_a_prompt_mended_after_a_refusal_is_the_one_stored(admin, base):
    PromptTemplate.objects.create(name="prompt of s", text="another")
    refused_first = post(admin, name="s", backend="huggingface", prompt="frist {source}")
    assert refused_first.status_code == 422
    post(admin, name="s", backend="huggingface", checkpoint=base.pk, prompt="first {source}")
    assert System.objects.get().template.text == "first {source}"
    assert set(PromptTemplate.objects.values_list("text", flat=True)) == {
        "another", "first {source}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("decoding", "sentence"),
    [
        ("{", "Not JSON ("),
        ("max_new_tokens=4", "Not JSON ("),
        ('{"seed": 1, }', 'write {} or settings such as {"seed": 1}.'),
        ("[1]", "Write a JSON object, with braces."),
        ('"greedy"', "Write a JSON object, with braces."),
        ("[" * 100_000, "Not JSON ("),
        ('{"temperature": NaN}', "Not JSON ("),
        ('{"temperature": 1e999}', "Not JSON ("),
        ('{"colour": 1}', "no decoding setting colour; known: max_new_tokens"),
        ('{"max_new_tokens": "many"}', "max_new_tokens is 'many'; write a whole number from 1"),
        ('{"max_new_tokens": 0}', "max_new_tokens is 0; write a whole number from 1"),
        ('{"temperature": -1}', "temperature is -1; write a number above 0"),
        ('{"do_sample": 1}', "do_sample is 1; write true or false"),
    ],
)
def test_bad_decoding_settings_are_refused_with_a_sentence(decoding, sentence, admin, base):
    response = post(
        admin, name="s", backend="huggingface", checkpoint=base.pk, prompt="x", decoding=decoding
    )
    refused(response, sentence)


@pytest.mark.parametrize("decoding", ['{"seconds_per_text": NaN}', '{"seconds_per_text": -1e999}'])
def test_no_backend_is_given_what_no_database_holds(decoding, admin):
    refused(post(admin, name="s", backend="echo", decoding=decoding), "Not JSON (")


def test_a_system_needs_what_its_backend_needs(admin, base):
    refused(post(admin, name="s", backend="huggingface", prompt="x"), "needs a checkpoint")
    refused(post(admin, name="s", backend="gone", prompt="x"), "Select a valid choice")
    refused(post(admin, name="../s", backend="echo", prompt="x"), "such as owner/name")
    judge = Checkpoint.objects.create(name="nli", location="x/nli", architecture="classifier")
    response = post(admin, name="s", backend="huggingface", checkpoint=judge.pk)
    refused(response, "Select a valid choice")


def test_an_adapter_of_another_checkpoint_is_refused(admin, base):
    other = Checkpoint.objects.create(name="other", location="x/o", architecture="causal")
    lora = Adapter.objects.create(name="lora", checkpoint=other, location="x/lora")
    response = post(
        admin, name="s", backend="huggingface", checkpoint=base.pk, adapter=lora.pk, prompt="x"
    )
    refused(response, "the adapter lora belongs to other, not to base")


def test_the_same_name_with_other_settings_is_refused(admin):
    for _ in range(2):
        assert post(admin, name="s", backend="echo", decoding='{"seed": 1}').status_code == 302
    response = post(admin, name="s", backend="echo", decoding='{"seed": 2}')
    assert response.status_code == 422
    assert "exists with another decoding; outputs depend on it" in response.text


def test_a_checkpoint_and_its_adapter_are_registered_with_hash_and_card(admin):
    place = str(MODELS / "base")
    made = post(admin, "checkpoint_new", name="b", location=place, architecture="causal")
    assert made.status_code == 302
    base = Checkpoint.objects.get()
    place = str(MODELS / "lora-culture")
    made = post(admin, "adapter_new", name="l", location=place, checkpoint=base.pk)
    assert made.status_code == 302
    adapter = Adapter.objects.get()
    assert len(base.content_hash) == len(adapter.content_hash) == 64
    assert base.card.startswith("# base") and adapter.card.startswith("# lora-culture")
    assert adapter.config["peft_type"] == "LORA"


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("/nowhere/at/all", "there is no folder /nowhere/at/all; write a folder or a hub id"),
        ("~nobody-here/model", "there is no folder ~nobody-here/model"),
        ("x" * 400, "write a folder or a hub id owner/name"),
        ("fixtures/models/none", "there is no folder fixtures/models/none"),
        ("owner/name", "owner/name is a hub id: pin its revision, a commit of 40 characters"),
        ("fixtures/models", "has no config.json; is it the right folder?"),
    ],
)
def test_a_place_without_a_model_is_refused(location, sentence, admin):
    response = post(admin, "checkpoint_new", name="b", location=location, architecture="causal")
    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].non_field_errors())
    assert not Checkpoint.objects.exists()


def test_a_card_in_another_encoding_is_kept_as_far_as_it_can_be_read(admin, tmp_path, settings):
    settings.MODEL_FOLDERS = [str(tmp_path)]
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "README.md").write_bytes(b"caf\xe9 model")
    post(admin, "checkpoint_new", name="b", location=str(tmp_path), architecture="causal")
    assert Checkpoint.objects.get().card == "caf\ufffd model"
