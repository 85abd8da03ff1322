"""What is wrong with the machine and not with the request: no database, no space, too busy."""

import errno
import logging
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.utils import Error as AnyDatabaseError
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)

FULL_ERRNO = (errno.ENOSPC, errno.EDQUOT)
FULL_WORDS = ("database or disk is full", "No space left on device", "could not extend file")
BUSY_WORDS = ("locked", "too many clients", "remaining connection slots")
BUSY_STATES = ("53300", "40001", "40P01", "55P03")
# PostgreSQL's classes of errors: a connection, out of something, an operator's act, the system.
READ_ONLY_ERRNO = (errno.EROFS, errno.EIO)
READ_ONLY_WORDS = ("readonly database", "read-only transaction")
AWAY_CLASSES = ("08", "53", "57", "58")
AWAY_WORDS = ("connection", "unable to open database", "disk I/O error", "closed", "timeout")


class Outage(NamedTuple):
    """An HTTP status, a word for programs, a sentence, and after how many seconds to try again."""

    status: int
    code: str
    message: str
    seconds: int


def outage_in(problem: BaseException | None) -> Outage | None:
    """The outage that an error tells of; None for an error of another kind."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno in FULL_ERRNO:
            return _full()
        if isinstance(problem, OSError) and _is_read_only(problem):
            return _read_only()
        if isinstance(problem, AnyDatabaseError) and (found := _of_database(problem)):
            return found
        problem = problem.__cause__
    return None


def _is_read_only(problem: OSError) -> bool:
    """A disk that takes nothing more, or a file in the data folder that is somebody else's."""
    if problem.errno in READ_ONLY_ERRNO:
        return True
    name = problem.filename
    is_ours = isinstance(name, str) and Path(name).is_relative_to(settings.DATA_DIR)
    return isinstance(problem, PermissionError) and is_ours


def _of_database(problem: AnyDatabaseError) -> Outage | None:
    said = str(problem)
    state = str(getattr(problem.__cause__, "sqlstate", None) or "")
    if state == "53100" or any(words in said for words in FULL_WORDS):
        return _full()
    if any(words in said for words in READ_ONLY_WORDS):
        return _read_only()
    if not isinstance(problem, OperationalError | InterfaceError):
        return None
    if state in BUSY_STATES or any(words in said for words in BUSY_WORDS):
        return Outage(503, "busy", _("The database is busy; send the request again."), 2)
    if state.startswith(AWAY_CLASSES) or (not state and any(words in said for words in AWAY_WORDS)):
        return Outage(
            503,
            "not_ready",
            _("The database does not answer just now. Nothing of this was stored; try again soon."),
            5,
        )
    return None


def _full() -> Outage:
    return Outage(
        507,
        "disk_full",
        _(
            "The site's disk is full. Nothing of this was stored; tell the person who runs "
            "the site, and try again later."
        ),
        30,
    )


def _read_only() -> Outage:
    """A disk that broke, or a database that stands by for another one."""
    return Outage(
        503,
        "read_only",
        _(
            "The site can be read but not written to just now. Nothing of this was stored; tell "
            "the person who runs the site, and try again later."
        ),
        30,
    )
