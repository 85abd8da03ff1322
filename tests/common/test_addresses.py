"""No address that a person writes leads this machine to a server it should not call."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from common import addresses
from common.addresses import Unreachable, call, checked_address, is_public
from common.errors import BadInput

PUBLIC = "93.184.216.34"


def to(*ips: str):
    return lambda host, port: list(ips)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "192.0.2.1", "198.18.0.1", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:c0a8:101::", "2001:db8::1", "64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "3fff::1",
        "192.0.0.8", "192.88.99.1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_networks_are_not_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(ip):
    assert is_public(ip)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks", "//example.org/", "file:///etc/passwd", "ftp://example.org/",
        "gopher://example.org/", "http://", "http:///path", "http://user@example.org/",
        "http://user:word@example.org/", "http://example.org@127.0.0.1/",
        "http://127.0.0.1\\@example.org/", "http://example.org:99999/", "http://example.org:x/",
        "http://[::1/", "http://exa mple.org/", "http://example.org/\r\nHost: other",
        "http://example.org/\x00", "http://еxample.org/", "http://example.org:22/",
        "http://example.org:25/", "http://example.org/" + "a" * 3000, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(BadInput):
        checked_address(url, resolve=to(PUBLIC))


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]",
     "[::ffff:127.0.0.1]", "0", "[::]"],
)  # fmt: skip
def test_every_way_to_write_this_machine_is_refused(host):
    with pytest.raises(BadInput):
        checked_address(f"http://{host}:8000/")


def test_one_private_answer_among_public_ones_is_enough_to_refuse():
    with pytest.raises(BadInput, match="open internet"):
        checked_address("http://example.org/", resolve=to(PUBLIC, "10.0.0.1"))


def test_what_is_allowed_by_name_may_be_private_and_nothing_else():
    found = checked_address(
        "http://Hooks.internal:8080/a?b=1", allowed=["hooks.internal:8080"], resolve=to("10.0.0.1")
    )
    assert found == ("http", "hooks.internal", 8080, "10.0.0.1", "/a?b=1")
    assert found.netloc == "hooks.internal:8080"
    with pytest.raises(BadInput):
        checked_address(
            "http://hooks.internal:8081/", allowed=["hooks.internal:8080"], resolve=to("10.0.0.1")
        )


class Other(http.server.BaseHTTPRequestHandler):
    seen: list[tuple[str, str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))  # unread, it resets the line
        self.seen.append((self.path, self.headers["Host"]))
        if self.path == "/slow":
            for _ in range(100):
                try:
                    self.wfile.write(b"H")
                except OSError:
                    return
                time.sleep(0.05)
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/followed")
        self.end_headers()
        if self.path == "/large":
            self.wfile.write(b"x" * (addresses.LARGEST_ANSWER + 100))

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[int]:
    Other.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def here(path: str, port: int) -> addresses.Address:
    """A name that nobody resolves any more: the connection must go to the address kept."""
    return checked_address(
        f"http://rebinding.invalid:{port}{path}",
        allowed=["rebinding.invalid"],
        resolve=to("127.0.0.1"),
    )


def test_a_call_goes_to_the_address_that_was_checked_and_names_the_host(other):
    assert call(here("/", other), b"{}", {}).status == 200
    assert Other.seen == [("/", f"rebinding.invalid:{other}")]


def test_redirects_are_not_followed(other):
    assert call(here("/redirect", other), b"{}", {}).status == 302
    assert [path for path, _host in Other.seen] == ["/redirect"]


def test_an_answer_is_read_up_to_its_limit(other):
    assert len(call(here("/large", other), b"{}", {}).body) == addresses.LARGEST_ANSWER


def test_an_answer_that_drips_is_cut_off(other):
    with pytest.raises(Unreachable):
        call(here("/slow", other), b"{}", {}, timeout=0.3)


def test_nobody_there_is_told_in_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
        with pytest.raises(Unreachable, match="does not answer"):
            call(here("/", free.getsockname()[1]), b"{}", {})


def test_proxies_of_the_environment_are_not_asked(other, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert call(here("/", other), b"{}", {}).status == 200
