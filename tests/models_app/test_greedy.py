"""Our own greedy loop and mixing: the same tokens as transformers and peft, or not used at all."""

import pytest

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

from models_app.backends import greedy, loaded  # noqa: E402
from models_app.backends.base import Request  # noqa: E402
from models_app.backends.huggingface import HuggingFace  # noqa: E402
from tests.models_app.small_models import QUESTIONS, causal  # noqa: E402

TRIO = [causal(), causal("lora-sentences"), causal("lora-culture")]
PLAIN = {"max_new_tokens": 40, "do_sample": False, "num_beams": 1}


@pytest.fixture
def trio():
    loaded._loaded.clear()
    return HuggingFace(TRIO)


def test_the_same_answers_as_by_transformers_and_peft(trio, monkeypatch):
    requests = [Request(n, question) for question in QUESTIONS[:15] for n in range(3)]
    assert greedy.can_decode(trio.loaded.model, trio.adapters, PLAIN)
    ours = trio.generate(requests)
    monkeypatch.setattr(loaded, "can_decode", lambda *_: False)
    assert trio.generate(requests) == ours
    assert len({answer.n_tokens for answer in ours}) > 3


def test_the_layers_are_as_before_afterwards(trio):
    trio.generate([Request(n, QUESTIONS[0]) for n in range(3)])
    assert not any("forward" in vars(layer) for layer in trio.loaded.model.modules())


@pytest.mark.parametrize(
    "more", [{"do_sample": True}, {"num_beams": 2}, {"repetition_penalty": 1.1}], ids=str
)
def test_anything_else_is_left_to_transformers(trio, more):
    assert not greedy.can_decode(trio.loaded.model, trio.adapters, PLAIN | more)


def test_odd_adapters_are_left_to_peft(trio):
    layer = next(m for m in trio.loaded.model.modules() if hasattr(m, "lora_bias") and m.lora_A)
    layer.lora_bias[trio.adapters[1]] = True
    assert not greedy.can_decode(trio.loaded.model, trio.adapters, PLAIN)
    loaded._loaded.clear()
