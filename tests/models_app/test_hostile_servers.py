"""A model server that lies, drips or never ends: a sentence, never a crash, never a full memory."""

import pytest

from common.errors import BadInput, NikashError
from models_app.backends import servers
from models_app.backends.base import Producer, Request
from models_app.backends.openai_answers import choice
from models_app.backends.openai_compatible import OpenAICompatible
from tests.models_app.model_server import KEY, model_server


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(servers, "FIRST_PAUSE", 0.001)
    with model_server() as running:
        monkeypatch.setenv("NIKASH_MODEL_SERVERS", f"gpu={running.url}")
        monkeypatch.setenv("NIKASH_MODEL_KEYS", f"gpu={KEY}")
        yield running


def backend(**decoding):
    return OpenAICompatible([Producer("one", decoding={"model": "base", "retries": 0, **decoding})])


class Lines:
    """A response that is read line by line."""

    def __init__(self, *lines: bytes) -> None:
        self.lines = list(lines)

    def readline(self, limit: int) -> bytes:
        return self.lines.pop(0)[:limit] if self.lines else b""


def test_half_characters_and_nul_of_a_server_are_not_kept():
    answer = {"choices": [{"text": "a\ud800b\0c\ud83d\ude00"}]}
    assert choice("gpu", answer, "message")[0] == "a\ufffdbc\U0001f600"


def test_redirects_are_refused(server):
    server.faults = [(302, {"Location": "http://169.254.169.254/"}, {})]
    with pytest.raises(NikashError, match="302"):
        backend().generate([Request(0, "a")])
    assert len(server.asked) == 1


@pytest.mark.parametrize("pause", ["\xb2", "Mon, 01 Jan 0001 00:00:00 +2359", "soon", "-1"])
def test_a_pause_that_is_no_number_is_passed_over(pause):
    assert servers._pause(pause) in (None, 0.0)


def test_json_nested_without_end_is_a_sentence():
    deep = b"[" * 200_000
    gpu = servers.Server("gpu", "http://gpu/v1", "")
    with pytest.raises(NikashError, match="not JSON"):
        servers.read_json(gpu, type("Body", (), {"read": lambda self, n: deep})())
    with pytest.raises(NikashError, match="not JSON"):
        list(servers.events(gpu, Lines(b"data: " + deep + b"\n")))
    assert servers._message(deep)


def test_a_stream_without_end_is_cut(monkeypatch):
    monkeypatch.setattr(servers, "LARGEST_ANSWER", 1000)
    gpu = servers.Server("gpu", "http://gpu/v1", "")
    with pytest.raises(NikashError, match="more than 1,000 bytes"):
        list(servers.events(gpu, Lines(b"data: " + b"x" * 2000)))
    with pytest.raises(NikashError, match="more than 1,000 bytes"):
        list(servers.events(gpu, Lines(*[b"data: {}\n"] * 200)))


def test_no_part_of_the_key_and_no_control_character_is_told():
    gpu = servers.Server("gpu", "http://gpu/v1", "sk-" + "k" * 40)
    said = gpu.says("x" * (servers.SHOWN - 20) + " " + gpu.key)
    assert "kkk" not in said
    assert gpu.says("\x1b[31mred\u202etxt") == "<U+001B>[31mred<U+202E>txt"


@pytest.mark.parametrize(
    "address",
    ["ftp://host/", "http://", "host/v1", "http://user:hidden7@host/v1", "http://[::1/v1"],
)
def test_an_address_that_is_none_is_a_sentence(monkeypatch, address):
    monkeypatch.setenv("NIKASH_MODEL_SERVERS", f"gpu={address}")
    with pytest.raises(BadInput, match="gpu") as caught:
        servers.server_called("gpu")
    assert "hidden7" not in str(caught.value)


def test_a_person_names_a_server_and_never_an_address(monkeypatch):
    monkeypatch.setenv("NIKASH_MODEL_SERVERS", "gpu=http://127.0.0.1:1/v1")
    for given in ("http://169.254.169.254/", "gpu2", "127.0.0.1"):
        with pytest.raises(BadInput):
            backend(server=given)
