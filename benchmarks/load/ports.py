"""A port for a server that is started a moment later, and again where it was after it was killed.

Systems take the ports of connections, and those for whoever asks for any, from a range of their
own (on Linux from 32768). One from there may be gone when the server starts.
"""

from __future__ import annotations

import random
import socket

HERE = "127.0.0.1"
LOWEST, HIGHEST = 20_000, 32_000


def free_port() -> int:
    """One that nobody has; RuntimeError where there is none."""
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST), 200):
        with socket.socket() as probe:
            try:
                probe.bind((HERE, port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no port of {LOWEST} to {HIGHEST} is free; end the servers that have them")
