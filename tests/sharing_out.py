"""How the tests are shared out among processes.

A file's tests stay together, so that what the file sets up is set up once; the browser's tests stay
together too, for they share a site. `--dist loadgroup` would do it by marks, which pytest 9.2 no
longer hands on (pytest-xdist, issue 1386).
"""

from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/browser/"


class ByFile(LoadFileScheduling):
    """The scope of a test, by its name, is its file or the folder that stays together."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.split("::", 1)[0]
