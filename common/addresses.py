"""Addresses that people write and this machine calls: checked, resolved once, called there.

A name is resolved one time and the connection goes to the address that was checked, so that a
name whose answer changes in between (DNS rebinding) leads nowhere else. Redirects are answers
like any other: they are never followed. Proxies named in the environment are not used.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from common.errors import BadInput, NikashError
from common.problems import shown

PORTS = {"http": 80, "https": 443}
LARGEST_ANSWER = 1024**2  # bytes
LONGEST_ADDRESS = 2000  # characters
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Of no server: for examples, for protocols alone, for a way to IPv6 that was given up.
_NOBODYS = [ipaddress.ip_network(one) for one in ("3fff::/20", "192.0.0.0/24", "192.88.99.0/24")]

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]


class Unreachable(NikashError):
    """The other side does not answer, or not in time."""


class Address(NamedTuple):
    """An address that was checked: `host` is what was written, `ip` is where it is called."""

    scheme: str
    host: str
    port: int
    ip: str
    target: str  # path and query

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class Answer(NamedTuple):
    status: int
    body: bytes  # LARGEST_ANSWER at most


def is_public(ip: str) -> bool:
    """Whether an IP address belongs to the open internet, whatever it is wrapped in."""
    found = _unwrapped(ipaddress.ip_address(ip.split("%", 1)[0]))
    return (
        found.is_global
        and not found.is_multicast
        and not found.is_reserved
        and not found.is_unspecified
        and not getattr(found, "is_site_local", False)
        and not any(found in network for network in _NOBODYS)
    )


def checked_address(
    url: str,
    *,
    schemes: Collection[str] = ("http", "https"),
    allowed: Collection[str] = (),
    resolve: Resolve | None = None,
) -> Address:
    """The address to call for a URL that a person wrote. Raises BadInput saying what to write.

    allowed : `host` or `host:port` of servers that may be called though they are not public
    resolve : (host, port) to IP addresses; every one of them must be public
    """
    parts, port = _split(url, schemes)
    host = (parts.hostname or "").lower()
    is_allowed = bool({host, f"{host}:{port}"} & {one.lower() for one in allowed})
    if not is_allowed and port < 1024 and port not in PORTS.values():
        raise BadInput(f"{shown(url)} names port {port}; write 80, 443, or one from 1024")
    found = (resolve or _resolved)(host, port)
    if not found:
        raise BadInput(f"there is no server {shown(host)}; correct the address")
    if not is_allowed and not all(map(is_public, found)):
        raise BadInput(
            f"{shown(host)} is not on the open internet; write a public address, "
            "or let an admin allow this server"
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port, found[0], target)


def call(
    address: Address,
    data: bytes | None,
    headers: Mapping[str, str],
    *,
    timeout: float = 10.0,
    method: str = "POST",
) -> Answer:
    """One request to the address that was checked; what it answers, redirects included.

    timeout : seconds for the whole exchange, however slowly the bytes come

    Raises Unreachable.
    """
    connection = _connection(address, timeout)
    try:
        with cut_off_after(connection, timeout):
            connection.request(method, address.target, data, {**headers, "Host": address.netloc})
            response = connection.getresponse()
            return Answer(response.status, response.read(LARGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or type(problem).__name__
        raise Unreachable(f"{address.host} does not answer ({reason})") from problem
    finally:
        connection.close()


@contextlib.contextmanager
def cut_off_after(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """End what the block asks of the connection after so many seconds; reading then fails.

    A socket's own timeout begins anew with every byte, so that a slow answer would never end.
    """

    def cut() -> None:
        if (sock := connection.sock) is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _split(url: str, schemes: Collection[str]) -> tuple[SplitResult, int]:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    if len(url) > LONGEST_ADDRESS:
        raise BadInput(f"the address has more than {LONGEST_ADDRESS} characters")
    if not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise BadInput(f"{shown(url)} has characters that no address has; write plain ASCII")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as problem:
        raise BadInput(f"{shown(url)} is no address ({problem})") from problem
    if parts.scheme not in schemes or parts.scheme not in PORTS or not parts.hostname:
        raise BadInput(f"{shown(url)} is no address; it must begin with {wanted} and a server")
    if "@" in parts.netloc:
        raise BadInput(f"the address of {parts.hostname} holds a name or password; leave it out")
    return parts, port


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _unwrapped(ip: IP) -> IP:
    """The IPv4 address that an IPv6 one stands for, where it stands for one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _connection(address: Address, timeout: float) -> http.client.HTTPConnection:
    kind: Any = _PinnedTLS if address.scheme == "https" else _Pinned
    found: http.client.HTTPConnection = kind(address.host, address.port, timeout=timeout)
    found.ip = address.ip  # type: ignore[attr-defined]
    return found


class _Pinned(http.client.HTTPConnection):
    ip = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.ip, self.port), self.timeout)


class _PinnedTLS(_Pinned):
    """The certificate must be that of the host which was written, not of the IP address."""

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
