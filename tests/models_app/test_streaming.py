"""Answers in pieces: the same as whole ones, base and adapters at once, and stopped when left."""

import pytest

from models_app.backends import loaded
from models_app.backends.base import Producer, Request
from models_app.backends.echo import Echo
from models_app.backends.huggingface import HuggingFace
from tests.models_app.small_models import QUESTIONS, causal, translator

TRIO = [causal(), causal("lora-sentences"), causal("lora-culture")]


@pytest.fixture(autouse=True)
def nothing_loaded():
    loaded._loaded.clear()


def test_a_backend_without_pieces_gives_whole_answers():
    echo = Echo([Producer("echo")])
    pieces = list(echo.stream([Request(0, "one two"), Request(0, "three")]))
    assert [tuple(piece) for piece in pieces] == [
        (0, "two one", 2, "stop"),
        (1, "three", 1, "stop"),
    ]


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
@pytest.mark.parametrize(
    "producers",
    [
        TRIO,
        [translator()],
        [translator(max_new_tokens=3)],
        [causal("lora-sentences", do_sample=True, temperature=1.2, seed=3)],
        [causal(num_beams=2)],
    ],
    ids=["mixed", "seq2seq", "cut", "drawn", "beams"],
)
def test_joined_pieces_are_what_is_generated(producers):
    pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
    backend = HuggingFace(producers)
    asked = "The river is wide." if backend.seq2seq else QUESTIONS[3]
    requests = [Request(place, asked) for place in range(len(producers))]
    pieces = list(backend.stream(requests))
    for place, whole in enumerate(backend.generate(requests)):
        mine = [piece for piece in pieces if piece.place == place]
        assert "".join(piece.text for piece in mine) == whole.text
        assert (mine[-1].n_tokens, mine[-1].finish_reason) == whole[1:]
        assert [piece.finish_reason for piece in mine[:-1]] == [""] * (len(mine) - 1)
    assert all("\ufffd" not in piece.text for piece in pieces)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_base_and_adapters_write_at_the_same_time():
    pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
    pieces = HuggingFace(TRIO).stream([Request(n, QUESTIONS[3]) for n in range(3)])
    first = [next(pieces).place for _ in range(4)]
    assert len(set(first)) > 1
    pieces.close()


def test_left_early_it_stops_writing(monkeypatch):
    pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
    long = HuggingFace([causal(max_new_tokens=200, min_new_tokens=200)])
    tokens = []
    monkeypatch.setattr(
        long.loaded,
        "generate",
        lambda *given, **more: tokens.append(
            type(long.loaded).generate(long.loaded, *given, **more)
        ),
    )
    pieces = long.stream([Request(0, QUESTIONS[0])])
    next(pieces)
    pieces.close()
    ((answer,),) = tokens
    assert answer.n_tokens < 200
