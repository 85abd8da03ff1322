"""A line between one browser and a server, which a test can cut, join and make lossy."""

import contextlib
import socket
from threading import Thread

from benchmarks.load.ports import free_port

HERE = "127.0.0.1"


class Line:
    """Carries bytes to the server's port; its own port stays the same when it is joined again."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.port = free_port()
        self.loses_answers = False
        self._ends: list[socket.socket] = []
        self.join()

    @property
    def address(self) -> str:
        return f"http://{HERE}:{self.port}"

    def join(self) -> None:
        self.loses_answers = False
        listener = socket.create_server((HERE, self.port))
        self._ends = [listener]
        Thread(target=self._listen, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nobody answers at the port any more; what was on its way is broken off."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = []

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((HERE, self.server_port))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not (is_answer and self.loses_answers):
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
