"""The embedded broker on a full disk and after a kill: whole messages or none."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from config import celery, embedded  # noqa: F401 - the first says which transport is meant


@pytest.fixture
def channel(tmp_path: Path) -> Any:
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_messages_go_out_as_they_came_in(channel, tmp_path):
    channel._put("one", {"n": 1})
    channel._put("two", {"n": 2})
    assert isinstance(channel, embedded.Channel)
    assert channel._get("two") == {"n": 2}
    with pytest.raises(Empty):
        channel._get("two")
    assert channel._get("one") == {"n": 1}
    assert list(tmp_path.glob("*.*")) == []


def test_half_a_message_is_dropped_and_the_next_one_taken(channel, tmp_path, caplog):
    (tmp_path / "0_a.one.msg").write_bytes(b"")
    (tmp_path / "0_b.one.msg").write_bytes(b'{"body": "W1')
    channel._put("one", {"n": 1})
    assert channel._get("one") == {"n": 1}
    assert caplog.text.count("cut short") == 2


def test_no_space_leaves_nothing_and_says_so(channel, tmp_path, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    channel._queue_bind("exchange", "key", "", "one")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ChannelError, match="No space left"):
        channel._put("one", {"n": 1})
    with pytest.raises(ChannelError, match="No space left"):
        channel._queue_bind("exchange", "key", "", "two")
    assert list(tmp_path.glob("*.msg*")) == []
    assert [row[2] for row in channel.get_table("exchange")] == ["one"]


def test_a_table_cut_short_is_written_anew(channel, tmp_path):
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "exchange.exchange").write_text("[[")
    assert channel.get_table("exchange") == []
    channel._queue_bind("exchange", "key", "", "one")
    assert [row[2] for row in channel.get_table("exchange")] == ["one"]
