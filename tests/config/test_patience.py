"""Whoever sends too slowly is let go, and whoever sends much is given the time for it."""

import socket

import pytest

from config import gunicorn, patience
from config.patience import Patience


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_the_web_server_uses_it():
    assert gunicorn.worker_class == "config.patience.Worker"


def test_who_says_nothing_is_let_go(ends, monkeypatch):
    monkeypatch.setattr(patience, "SECONDS", 0.01)
    reader = Patience(ends[0])
    ends[1].sendall(b"GET /")
    assert reader.recv(10) == b"GET /"
    with pytest.raises(ConnectionResetError, match="too slowly"):
        reader.recv(10)
    assert ends[0].gettimeout() is None  # the answer is written without haste


def test_drops_do_not_begin_the_time_anew_and_a_stream_has_more(ends, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: clock[0])
    reader = Patience(ends[0])
    ends[1].sendall(b"x" * 20_000)
    assert len(reader.recv(20_000)) == 20_000
    clock[0] = patience.SECONDS + 9.0  # ten more seconds for 20,000 bytes
    ends[1].sendall(b"y")
    assert reader.recv(1) == b"y"
    clock[0] += 2.0
    with pytest.raises(ConnectionResetError):
        reader.recv(1)
    reader.begin()
    for sign in (b"y", b"z"):
        ends[1].sendall(sign)
        assert reader.recv(1) == sign
