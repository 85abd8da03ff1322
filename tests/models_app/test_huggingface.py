"""Local models: adapters in mixed batches, order of the answers, and what a run records."""

import pytest

from common.errors import NikashError
from models_app.backends import loaded
from models_app.backends.base import Request
from models_app.backends.huggingface import HuggingFace
from models_app.checkpoints import register_adapter, register_system
from models_app.demo.data import PROMPT, translations
from models_app.generation import start_generation
from models_app.jobs import run_inline
from models_app.models import PromptTemplate
from tests.models_app.small_models import (
    MODELS,
    QUESTIONS,
    answers,
    causal,
    registered,
    translator,
)
from tests.people import small_dataset

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
# peft's use of a name that transformers is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")


@pytest.fixture(autouse=True)
def nothing_loaded():
    loaded._loaded.clear()


TRIO = [causal(), causal("lora-sentences"), causal("lora-culture")]


@pytest.mark.parametrize("way", [{}, {"num_beams": 3}], ids=["greedy", "beams"])
def test_a_mixed_batch_gives_what_each_gives_alone(way, monkeypatch):
    monkeypatch.setattr("models_app.backends.huggingface.SMALL_BATCH", 32)
    trio = [causal(name, **way) for name in (None, "lora-sentences", "lora-culture")]
    prompts = QUESTIONS[:12]
    mixed = HuggingFace(trio).generate([Request(n, p) for p in prompts for n in range(3)])
    together = [mixed[place::3] for place in range(3)]
    for producer, got in zip(trio, together, strict=True):
        loaded._loaded.clear()
        assert answers(producer, prompts) == got
    assert len({tuple(answer.text for answer in got) for got in together}) == 3


def test_one_by_one_is_no_different_from_padded():
    together = answers(TRIO[1], QUESTIONS[:8])
    assert [answers(TRIO[1], [question])[0] for question in QUESTIONS[:8]] == together


def test_the_base_is_loaded_once_for_all(monkeypatch):
    import transformers

    places = []
    load = transformers.AutoModelForCausalLM.from_pretrained

    def count(place: str, **options: object) -> object:
        places.append(place)
        return load(place, **options)

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", count)
    first = HuggingFace(TRIO)
    second = HuggingFace([TRIO[2]])
    assert first.loaded is second.loaded
    assert places == [str(MODELS / "base")]


def test_an_adapter_leaves_the_bare_base_as_it_was():
    before = answers(TRIO[0], QUESTIONS[:6])
    assert answers(TRIO[1], QUESTIONS[:6]) != before
    assert answers(TRIO[0], QUESTIONS[:6]) == before


@pytest.mark.parametrize("producer", [causal(), translator()], ids=["causal", "seq2seq"])
def test_answers_come_in_the_order_of_the_prompts(producer):
    prompts = (
        QUESTIONS if producer.architecture == "causal" else [en for en, _ in translations()[1]]
    )
    prompts = sorted(prompts, key=len, reverse=True)[:40:2]
    prompts = [*prompts[::2], *prompts[1::2]]
    assert prompts != sorted(prompts, key=len)
    got = answers(producer, prompts)
    assert got[::-1] == answers(producer, prompts[::-1])
    assert got[3:5] == answers(producer, prompts[3:5])
    assert len({answer.text for answer in got}) > len(got) / 2


def test_the_translator_translates_what_it_learnt():
    pairs = translations()[0][:20]
    got = answers(translator(), [english for english, _ in pairs])
    right = sum(answer.text == marathi for answer, (_, marathi) in zip(got, pairs, strict=True))
    assert right >= 10
    assert {answer.finish_reason for answer in got} == {"stop"}


def test_an_answer_cut_short_says_so():
    (whole,) = answers(translator(), ["The doctor examined the patient."])
    (cut,) = answers(translator(max_new_tokens=3), ["The doctor examined the patient."])
    assert (cut.n_tokens, cut.finish_reason) == (3, "length")
    assert whole.text.startswith(cut.text) and whole.n_tokens > 3


def test_a_seed_repeats_what_was_drawn():
    drawn = {"do_sample": True, "temperature": 1.5}
    first = answers(translator(**drawn, seed=7), ["The river is wide."] * 8)
    assert answers(translator(**drawn, seed=7), ["The river is wide."] * 8) == first
    assert answers(translator(**drawn, seed=8), ["The river is wide."] * 8) != first


def test_draws_do_not_depend_on_who_shares_the_batch():
    drawn = {"do_sample": True, "temperature": 1.5, "seed": 7}
    pair = [causal(**drawn), causal("lora-sentences", **drawn)]
    mixed = HuggingFace(pair).generate([Request(n, p) for p in QUESTIONS[:5] for n in range(2)])
    assert mixed[::2] == answers(pair[0], QUESTIONS[:5])
    assert mixed[1::2] == answers(pair[1], QUESTIONS[:5])


def test_a_language_the_tokenizer_does_not_know_is_refused():
    with pytest.raises(NikashError, match="the tokenizer knows no language 'xyz_Latn'"):
        answers(translator(tgt_lang="xyz_Latn"), ["The river is wide."])


def test_systems_on_different_bases_do_not_generate_together():
    with pytest.raises(NikashError, match="must share their base checkpoint"):
        HuggingFace([causal(), translator()])


@pytest.mark.django_db
def test_a_run_records_what_made_its_texts():
    base = registered()
    adapter = register_adapter(
        name="sentences", checkpoint=base, location=str(MODELS / "lora-sentences")
    )
    template = PromptTemplate.objects.create(name="question", text=PROMPT)
    system = register_system(
        name="base + sentences", backend="huggingface", checkpoint=base, adapter=adapter,
        template=template, decoding={"max_new_tokens": 5, "do_sample": True, "seed": 11},
    )  # fmt: skip
    (run,) = start_generation([system], small_dataset(n_segments=2), queue=False)
    run = run_inline(run)
    assert (run.state, run.error) == ("done", "")
    found = run.environment
    assert found["checkpoint"]["sha256"] == base.content_hash != ""
    assert found["adapter"]["sha256"] == adapter.content_hash != ""
    assert found["decoding"] == {
        "max_new_tokens": 5, "do_sample": True, "num_beams": 1, "seed": 11,
    }  # fmt: skip
    assert found["versions"].keys() >= {"torch", "transformers", "peft", "tokenizers"}
    assert found["template"] == "question" and len(found["template_sha256"]) == 64
    assert found["backend"] == "huggingface" and found["device"] and found["dtype"]
