"""Model servers over HTTP: what is asked, several at once, again when busy, and plain sentences."""

import threading
import time
from email.utils import formatdate

import pytest

from common.errors import BadInput, NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.backends import servers
from models_app.backends.base import Producer, Request, Turn
from models_app.backends.openai_compatible import OpenAICompatible
from models_app.checkpoints import register_system
from models_app.generation import start_generation
from models_app.jobs import resume, run_inline
from models_app.models import Output
from tests.models_app.model_server import KEY, model_server, written
from tests.people import small_dataset

PROMPT = "कुत्रा जोरात धावला"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(servers, "FIRST_PAUSE", 0.001)
    with model_server() as running:
        monkeypatch.setenv("NIKASH_MODEL_SERVERS", f"gpu={running.url}")
        monkeypatch.setenv("NIKASH_MODEL_KEYS", f"gpu={KEY}")
        yield running


def producer(model="base", **decoding):
    return Producer(model, decoding={"model": model, **decoding})


def backend(*producers):
    return OpenAICompatible(producers or [producer()])


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_answers_come_in_order_from_each_module(server, api):
    found = backend(producer(api=api), producer("lora-a", api=api))
    requests = [Request(n % 2, f"{PROMPT} {n}") for n in range(30)]
    answers = found.generate(requests)
    models = ("base", "lora-a")
    assert [a.text for a in answers] == [written(models[r.producer], r.prompt) for r in requests]
    assert {a.finish_reason for a in answers} == {"stop"}
    assert {a.n_tokens for a in answers} == {5}
    assert set(server.keys) == {f"Bearer {KEY}"}


def test_what_is_asked_is_greedy_and_bare_unless_told_otherwise(server):
    backend().generate([Request(0, PROMPT)])
    (body,) = server.asked
    assert body == {
        "model": "base",
        "max_tokens": 128,
        "temperature": 0.0,
        "messages": [{"role": "user", "content": PROMPT}],
    }


def test_settings_have_the_names_of_the_protocol(server):
    drawn = {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "seed": 3, "stop": ["\n"]}
    found = backend(producer(**drawn, max_new_tokens=2, system="Be brief.", top_k=5))
    turns = (Turn("one", "two"),)
    (answer,) = found.generate([Request(0, "three", turns)])
    (body,) = server.asked
    expected = {"temperature": 0.7, "top_p": 0.9, "seed": 3, "stop": ["\n"], "top_k": 5}
    assert {name: body[name] for name in expected} == expected
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "user"]
    assert [m["content"] for m in body["messages"]] == ["Be brief.", "one", "two", "three"]
    assert "do_sample" not in body and "logprobs" not in body
    assert (answer.finish_reason, answer.n_tokens) == ("stop", 2)


def test_as_many_go_out_at_once_as_allowed(server):
    server.together = threading.Barrier(5)
    backend(producer(concurrency=5)).generate([Request(0, str(n)) for n in range(15)])
    assert server.most_at_once == 5


def test_a_chunk_keeps_all_of_them_busy(server):
    assert backend(producer(concurrency=32)).chunk >= 4 * 32


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server, status):
    server.faults = [(status, {}, {"error": {"message": "busy"}})] * 2
    (answer,) = backend().generate([Request(0, PROMPT)])
    assert answer.text == written("base", PROMPT)
    assert len(server.asked) == 3


def test_retry_after_is_kept_to(server, monkeypatch):
    slept = []
    monkeypatch.setattr(servers, "sleep", slept.append)
    server.faults = [
        (429, {"Retry-After": "7"}, "busy"),
        (503, {"Retry-After": formatdate(time.time() + 30, usegmt=True)}, "busy"),
        (503, {"Retry-After": "3600"}, "busy"),
    ]
    backend().generate([Request(0, PROMPT)])
    assert slept[0] == 7
    assert 0 < slept[1] <= 30
    assert slept[2] == servers.LONGEST_PAUSE


def test_it_gives_up_in_a_sentence(server):
    server.faults = [(503, {}, {"error": {"message": f"overloaded, key {KEY}"}})] * 9
    with pytest.raises(NikashError, match=r"gpu refuses the request \(503\): overloaded") as found:
        backend(producer(retries=2)).generate([Request(0, PROMPT)])
    assert len(server.asked) == 3
    assert KEY not in str(found.value)


WRONG = [
    ((401, {}, {"error": {"message": "no"}}), r"refuses the key \(401\).*NIKASH_MODEL_KEYS"),
    (
        (400, {}, {"error": {"message": "This model's maximum context length is 8 tokens"}}),
        "too long for the model .*lower max_new_tokens or shorten the text",
    ),
    ((400, {}, {"message": "top_k is bad"}), r"refuses the request \(400\): top_k is bad"),
    ((302, {"Location": "http://127.0.0.1:1/"}, ""), r"refuses the request \(302\)"),
    ("not json", "something that is not JSON: '<html>busy</html>'"),
    ("no text", "answers without a text"),
    ("hang up", r"gpu does not answer \(.*\); is it running\?"),
]


@pytest.mark.parametrize(("fault", "sentence"), WRONG, ids=[str(fault)[:14] for fault, _ in WRONG])
def test_what_goes_wrong_is_a_sentence(server, fault, sentence):
    server.faults = [fault]
    with pytest.raises(NikashError, match=sentence):
        backend(producer(retries=0)).generate([Request(0, PROMPT)])


def test_an_unknown_model_names_the_known_ones(server):
    with pytest.raises(BadInput, match="gpu has no model 'lora-z'; it has: base, lora-a"):
        backend(producer("lora-z")).generate([Request(0, PROMPT)])


def test_a_slow_server_is_given_up(server):
    server.seconds = 5.0
    with pytest.raises(NikashError, match=r"took longer than 0\.05 seconds; raise timeout"):
        backend(producer(timeout=0.05, retries=0)).generate([Request(0, PROMPT)])


def test_a_server_that_is_down_is_a_sentence(monkeypatch):
    monkeypatch.setenv("NIKASH_MODEL_SERVERS", "gpu=http://127.0.0.1:1/v1")
    with pytest.raises(NikashError, match=r"gpu does not answer .*; is it running"):
        backend(producer(retries=0)).generate([Request(0, PROMPT)])


def test_only_named_servers_are_asked(server, monkeypatch):
    with pytest.raises(BadInput, match=r"no model server 'http://10.0.0.1/v1'; .*one of gpu"):
        backend(producer(server="http://10.0.0.1/v1"))
    monkeypatch.setenv("NIKASH_MODEL_SERVERS", "a=http://x/v1 b=file:///etc/passwd")
    with pytest.raises(BadInput, match="write server: one of a, b"):
        backend()
    with pytest.raises(BadInput, match="must begin with http:// or https://"):
        backend(producer(server="b"))
    monkeypatch.delenv("NIKASH_MODEL_SERVERS")
    with pytest.raises(BadInput, match="let an admin set NIKASH_MODEL_SERVERS"):
        backend()


@pytest.mark.parametrize(
    ("decoding", "sentence"),
    [
        ({}, '"model": "my-lora"'),
        ({"model": "a", "num_beams": 2}, "no decoding setting num_beams"),
        ({"model": "a", "api": "grpc"}, "api is 'grpc'; write chat or completions"),
        ({"model": "a", "concurrency": 0}, "write a whole number from 1 to 256"),
        ({"model": "a", "stop": []}, "write a text or a list of up to 4"),
    ],
)
def test_settings_are_checked(server, decoding, sentence):
    with pytest.raises(BadInput, match=sentence):
        OpenAICompatible.check(decoding)


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_streamed_pieces_make_the_same_answers(server, api):
    found = backend(producer(api=api), producer("lora-a", api=api, max_new_tokens=3))
    requests = [Request(0, PROMPT), Request(1, PROMPT)]
    pieces = list(found.stream(requests))
    for place, whole in enumerate(found.generate(requests)):
        mine = [piece for piece in pieces if piece.place == place]
        assert len(mine) > 2
        assert "".join(piece.text for piece in mine) == whole.text
        assert (mine[-1].n_tokens, mine[-1].finish_reason) == whole[1:]


def test_a_stream_is_asked_for_again_only_before_it_begins(server):
    server.faults = [(503, {}, "busy")]
    assert "".join(p.text for p in backend().stream([Request(0, PROMPT)])).startswith("base:")
    server.faults = ["break off"]
    with pytest.raises(NikashError, match="broke off in the middle of an answer"):
        list(backend().stream([Request(0, PROMPT)]))
    assert len(server.asked) == 3


def test_a_stream_can_be_left(server):
    stream = backend().stream([Request(0, PROMPT)])
    assert next(stream).text == "base:"
    stream.close()


@pytest.mark.django_db
def test_a_run_goes_on_after_a_failure_and_records_the_server(server):
    dataset = small_dataset(n_segments=40)
    decoding = {"model": "lora-a", "concurrency": 1, "retries": 0}
    system = register_system(name="served", backend="openai_compatible", decoding=decoding)
    (run,) = start_generation([system], dataset, queue=False)
    server.faults = [None] * 20 + [(500, {}, "out of memory")]
    run = run_inline(run)
    assert (run.state, run.n_done) == ("failed", 16)
    assert "out of memory" in run.error
    assert resume(run)
    run = run_inline(run)
    assert (run.state, run.n_done) == ("done", 40)
    assert Output.objects.filter(system=system).count() == 40
    told = run.environment
    assert (told["server"], told["model"], told["versions"]) == (
        "gpu",
        "lora-a",
        {"server": "0.99"},
    )
    assert [model["id"] for model in told["models"]] == ["base", "lora-a"]
    assert KEY not in str(told) and server.url not in str(told)
