"""Prompts: byte by byte what their sources write, and in training the same as in generation."""

import pytest
from django.conf import settings

from common.errors import BadInput
from models_app.checkpoints import register_system
from models_app.corpora.tokens import load_tokenizer
from models_app.forms import SystemForm
from models_app.generation import prompt_for, start_generation
from models_app.jobs import run_inline
from models_app.models import Example, PromptTemplate, System
from models_app.prompting import prompt_and_answer, prompt_called, registered_template
from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked
from models_app.prompts.question import Question
from tests.models_app.small_models import registered
from tests.people import small_dataset

# Gemma's chat template, as far as a user's and a model's turn need it.
GEMMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
BOTH, ALONE = Asked("नाव सांगा.", "{input} राहुल"), Asked("नाव सांगा.")


class Tokenizer:
    """As much of a tokeniser as a chat template asks for."""

    bos_token = "<bos>"

    def __init__(self, template):
        self.chat_template = template

    def apply_chat_template(self, messages, *, tokenize, add_generation_prompt):
        from transformers.utils.chat_template_utils import render_jinja_template

        texts, _ = render_jinja_template(
            [messages],
            chat_template=self.chat_template,
            add_generation_prompt=add_generation_prompt,
            bos_token=self.bos_token,
        )
        return texts[0]


def write(name, asked, tokenizer=None):
    return prompt_called(name).render(asked, tokenizer)


def test_alpaca_with_and_without_input():
    assert write("alpaca", BOTH) == (
        "Below is an instruction that describes a task, paired with an input that provides further "
        "context. Write a response that appropriately completes the request.\n\n### Instruction:\n"
        "नाव सांगा.\n\n### Input:\n{input} राहुल\n\n### Response:"
    )
    assert write("alpaca", ALONE) == (
        "Below is an instruction that describes a task. Write a response that appropriately "
        "completes the request.\n\n### Instruction:\nनाव सांगा.\n\n### Response:"
    )
    for asked in (BOTH, ALONE):
        assert write("alpaca_lora", asked) == write("alpaca", asked) + "\n"


def test_bactrian_with_and_without_input():
    assert write("bactrian", BOTH) == "### Input:\nनाव सांगा.\n\n{input} राहुल\n\n### Output:\n"
    assert write("bactrian", ALONE) == "### Input:\nनाव सांगा.\n\n### Output:\n"


def test_an_input_alone_stands_where_the_instruction_does():
    for name in ("alpaca", "bactrian"):
        assert write(name, Asked("", "दस्तऐवज")) == write(name, Asked("दस्तऐवज", ""))


@pytest.mark.parametrize("asked", [BOTH, ALONE])
def test_gemma_is_what_gemmas_own_template_writes(asked):
    tokenizer = Tokenizer(GEMMA_TEMPLATE)
    assert write("gemma", asked) == write("chat", asked, tokenizer)
    assert not write("chat", asked, tokenizer).startswith("<bos>")
    answers = [prompt_called(n).answer(asked, " राहुल ", tokenizer) for n in ("gemma", "chat")]
    assert answers == ["राहुल<end_of_turn>\n"] * 2


def test_a_tokeniser_without_a_usable_chat_template_is_a_sentence():
    for tokenizer in (None, Tokenizer(None), Tokenizer("")):
        with pytest.raises(BadInput, match="has no chat template; use another prompt"):
            write("chat", ALONE, tokenizer)
    with pytest.raises(BadInput, match="chat template cannot be used"):
        write("chat", ALONE, Tokenizer("{{ raise_exception('no user') }}"))
    hidden = Tokenizer("{% if add_generation_prompt %}?{% else %}!{% endif %}")
    with pytest.raises(BadInput, match="otherwise than an answered one"):
        prompt_called("chat").answer(ALONE, "x", hidden)


def test_nllb_takes_tags_or_codes_and_needs_both():
    prompt = prompt_called("nllb")
    assert prompt.render(Asked("", "It is cold.")) == "It is cold."
    wanted = {"src_lang": "eng_Latn", "tgt_lang": "mar_Deva", "num_beams": 4}
    assert prompt.decoding({"src_lang": "en", "tgt_lang": "mr-IN", "num_beams": 4}) == wanted
    assert prompt.decoding(wanted) == wanted
    with pytest.raises(BadInput, match="needs tgt_lang among the decoding settings"):
        prompt.decoding({"src_lang": "en"})
    with pytest.raises(BadInput, match="'tlh' is not in the registry"):
        prompt.decoding({"src_lang": "en", "tgt_lang": "tlh"})


@pytest.mark.parametrize("name", PROMPTS.names())
def test_every_prompt_says_what_it_is_and_is_explained_to_admins(name):
    prompt = prompt_called(name)
    assert prompt.label and prompt.pattern and prompt.source
    assert f"`{name}`" in (settings.BASE_DIR / "docs/admin.md").read_text(encoding="utf-8")
    tokenizer = Tokenizer(GEMMA_TEMPLATE) if prompt.needs_tokenizer else None
    text = prompt.render(BOTH, tokenizer)
    assert "नाव सांगा." in text and "{input} राहुल" in text
    before = " " if isinstance(prompt, Question) else ""
    assert prompt.answer(BOTH, "राहुल", tokenizer).startswith(f"{before}राहुल")
    if not tokenizer and name != "gemma":
        with pytest.raises(BadInput, match="there is nothing to"):
            prompt.render(Asked())


def test_an_unknown_prompt_names_the_known_ones():
    with pytest.raises(BadInput, match="no prompt called 'vicuna'; known: alpaca, alpaca_lora"):
        registered_template("vicuna")


@pytest.mark.django_db
def test_a_system_asks_as_it_was_trained():
    dataset = small_dataset(questions=True)
    dataset.segments.filter(key="s1").update(context="संदर्भ")
    row = registered_template("alpaca")
    assert registered_template("alpaca") == row and row.text == prompt_called("alpaca").pattern
    system = register_system(name="a", backend="echo", template=row)
    for segment in dataset.segments.all():
        example = Example(instruction=segment.source, input=segment.context, output="उत्तर")
        asked, answer = prompt_and_answer(prompt_called("alpaca"), example)
        assert prompt_for(system, segment) == asked and answer == "उत्तर"
    (run,) = start_generation([system], dataset, queue=False)
    run = run_inline(run)
    assert run.state == "done" and run.environment["template"] == row.name


@pytest.mark.django_db
def test_a_changed_pattern_gets_a_row_of_its_own(monkeypatch):
    old = registered_template("bactrian")
    monkeypatch.setattr(PROMPTS.get("bactrian"), "pattern", "changed")
    new = registered_template("bactrian")
    assert (new.name, new.text) == ("bactrian (registered) 2", "changed") and new != old


@pytest.mark.django_db
def test_a_translator_is_registered_with_tags_and_kept_with_codes():
    checkpoint = registered("en-mr")
    options = {"backend": "huggingface", "checkpoint": checkpoint}
    system = register_system(
        name="nllb", template=registered_template("nllb"),
        decoding={"src_lang": "en", "tgt_lang": "mr", "max_new_tokens": 8}, **options,
    )  # fmt: skip
    assert system.decoding["src_lang"] == "eng_Latn" and system.decoding["tgt_lang"] == "mar_Deva"
    with pytest.raises(BadInput, match="needs src_lang"):
        register_system(name="b", template=registered_template("nllb"), **options)
    with pytest.raises(BadInput, match="no chat template"):
        register_system(name="c", template=registered_template("chat"), **options)
    with pytest.raises(BadInput, match="the prompt chat needs a checkpoint"):
        register_system(name="d", backend="echo", template=registered_template("chat"))


@pytest.mark.django_db
def test_the_form_takes_a_registered_prompt_or_a_written_one():
    fields = {"name": "s", "backend": "echo", "decoding": "{}", "prompt_format": "gemma"}
    form = SystemForm(fields)
    assert form.is_valid() and form.template().registered == "gemma"
    assert "prompt" in SystemForm({**fields, "prompt": "Say {source}"}).errors
    form = SystemForm({**fields, "prompt_format": "", "prompt": form.template().text})
    assert form.is_valid() and form.template().registered == ""
    assert not SystemForm({**fields, "prompt_format": "vicuna"}).is_valid()
    assert PromptTemplate.objects.count() == 2 and not System.objects.exists()


@pytest.mark.django_db
def test_the_demo_models_tokeniser_loads_without_its_weights():
    tokenizer = load_tokenizer(registered())
    assert len(tokenizer("भारत", add_special_tokens=False)["input_ids"]) >= 1
