"""A web worker that does not wait for ever: each thread serves one request at a time.

Behind a proxy requests arrive whole. Without one, a telephone that lost its network in the middle
of a request would hold a thread until the end of time, and eight of them the site.
"""

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SECONDS = 30.0  # for a request to come in, and
SLOWEST = 2000  # bytes a second, for those that are longer


class Patience:
    """A socket that is read for a while; after it, it is as if the other side had gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.begin()

    def begin(self) -> None:
        """A new request: its time begins."""
        self._began, self._n_bytes = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """Of a request's first bytes gunicorn knows that they are there."""
        if not self._n_bytes or self._sock.gettimeout() is not None:
            found = self._sock.recv(size)
            self._n_bytes += len(found)
            return found
        until = self._began + SECONDS + self._n_bytes / SLOWEST
        self._sock.settimeout(max(0.001, until - time.monotonic()))
        try:
            found = self._sock.recv(size)
        except TimeoutError as problem:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from problem
        finally:
            self._sock.settimeout(None)
        self._n_bytes += len(found)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Worker(ThreadWorker):
    def handle(self, conn: Any) -> Any:
        if conn.parser is None:
            conn.init = _watched(conn)
        else:
            conn.parser.unreader.sock.begin()
        return super().handle(conn)


def _watched(conn: Any) -> Any:
    """The connection's own beginning, after which its requests are read with patience."""
    begin = type(conn).init

    def init() -> None:
        begin(conn)
        reader = conn.parser.unreader
        if not isinstance(reader.sock, Patience):
            reader.sock = Patience(reader.sock)

    return init
