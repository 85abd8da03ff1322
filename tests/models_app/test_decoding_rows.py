"""Rows that come and go while a batch is written: each has the tokens it would have alone."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
transformers = pytest.importorskip("transformers", reason="it comes with the extra [ml]")
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

from models_app.backends import greedy, loaded  # noqa: E402
from models_app.backends.base import Request  # noqa: E402
from models_app.backends.huggingface import HuggingFace  # noqa: E402
from models_app.backends.mixing import BASE  # noqa: E402
from tests.models_app.small_models import QUESTIONS, causal  # noqa: E402

PLAIN = {"max_new_tokens": 12}
ENDS = list(range(10))
SMALL = {
    "vocab_size": 60, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
    "max_position_embeddings": 128, "initializer_range": 0.3, "tie_word_embeddings": False,
}  # fmt: skip
KINDS = {
    "llama": ("LlamaConfig", {}),
    "windows of seven tokens": ("MistralConfig", {"sliding_window": 7}),
    "some layers with windows": (
        "Gemma3TextConfig",
        {
            "sliding_window": 5,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
    "positions that are learnt": ("GPT2Config", {}),
    "experts": ("MixtralConfig", {"num_local_experts": 4, "sliding_window": None}),
}


def drawn(kind: str):
    name, more = KINDS[kind]
    torch.manual_seed(3)
    config = getattr(transformers, name)(**SMALL | more | {"pad_token_id": 0, "bos_token_id": 1})
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    model.generation_config.eos_token_id = ENDS
    return model


def prompts() -> list[list[int]]:
    generator = torch.Generator().manual_seed(5)
    lengths = [3, 17, 1, 9, 9, 30, 2, 12, 5, 22, 4, 1, 8]
    return [torch.randint(10, 60, (n,), generator=generator).tolist() for n in lengths]


def alone(model, prompt: list[int]) -> list[int]:
    given = torch.tensor([prompt])
    mask = torch.ones_like(given)
    found = model.generate(input_ids=given, attention_mask=mask, do_sample=False, **PLAIN)
    return found[0, len(prompt) :].tolist()


@pytest.mark.parametrize("n_rows", [1, 4, 50])
@pytest.mark.parametrize("kind", KINDS)
def test_each_row_is_written_as_it_is_alone(kind, n_rows, monkeypatch):
    monkeypatch.setattr(greedy, "MOST_ROWS", n_rows)
    model = drawn(kind)
    given = prompts()
    adapters = [BASE] * len(given)
    assert greedy.can_decode(model, adapters, PLAIN)
    with torch.inference_mode():
        found = greedy.decode(model, given, adapters, 12, set(ENDS))
        assert found == [alone(model, prompt) for prompt in given]
    assert len({len(answer) for answer in found}) > 2


@pytest.mark.parametrize("name", ["Mamba", "Phi3", "Bloom"])
def test_unusual_models_are_left_to_transformers(name):
    config = getattr(transformers, f"{name}Config")(**SMALL, pad_token_id=0, bos_token_id=1)
    model = transformers.AutoModelForCausalLM.from_config(config)
    assert not greedy.can_decode(model, [BASE], PLAIN)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_base_and_adapters_write_what_plain_generate_writes_of_one_prompt(dtype, monkeypatch):
    monkeypatch.setattr(greedy, "MOST_ROWS", 7)
    loaded._loaded.clear()
    trio = HuggingFace([causal(), causal("lora-sentences"), causal("lora-culture")])
    for name, weight in trio.loaded.model.named_parameters():
        if "lora" not in name:  # peft keeps adapters in float32
            weight.data = weight.data.to(getattr(torch, dtype))
    requests = [Request(n, question) for question in QUESTIONS[:60:4] for n in range(3)]
    given = [request.prompt for request in requests]
    adapters = [trio.adapters[request.producer] for request in requests]
    assert trio.loaded.can_decode(adapters, PLAIN)
    found = trio.loaded.decode(given, adapters, 12)
    alone = [
        trio.loaded.generate([prompt], [adapter], PLAIN)[0]
        for prompt, adapter in zip(given, adapters, strict=True)
    ]
    loaded._loaded.clear()
    assert found == alone


def test_no_prompts_have_no_answers():
    assert greedy.decode(drawn("llama"), [], [], 12, set(ENDS)) == []


def test_an_empty_prompt_stops_nobody():
    model = drawn("llama")
    with torch.inference_mode():
        nothing, something = greedy.decode(model, [[], [11, 12]], [BASE] * 2, 12, set(ENDS))
        assert something == alone(model, [11, 12])
    assert nothing
