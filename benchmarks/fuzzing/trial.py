"""One mutated file given to one loader: what may happen, and what may not."""

import resource
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from common.errors import BadInput, NikashError
from common.problems import BadTable
from common.text import unseen

MOST_SECONDS = 20.0  # of CPU, for files of a few kilobytes
MOST_MEMORY = 512 * 1024  # KiB beyond what the process took before
LONGEST_MESSAGE = 30_000
Seeds = Mapping[str, bytes]  # names of files and what is in them


@dataclass(frozen=True)
class Loader:
    """A way in: real files, and what reads one of them (a name that ends alike, and a path)."""

    name: str
    seeds: Seeds
    load: Callable[[Path], object]
    writes: bool = True  # to the database
    slow: int = 1  # so many times fewer files than the others get


def tried(loader: Loader, path: Path) -> tuple[str, str]:
    """("loaded" | "refused", sentence); ("fault", what is wrong) for anything else.

    What was loaded is forgotten again.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    with transaction.atomic():
        outcome = _outcome(loader, path)
        transaction.set_rollback(True)
    if time.process_time() - started > MOST_SECONDS:
        return "fault", f"took {time.process_time() - started:.0f} seconds"
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak > MOST_MEMORY:
        return "fault", "took more than 512 MiB"
    return outcome


def _outcome(loader: Loader, path: Path) -> tuple[str, str]:
    before = _counts() if loader.writes else {}
    try:
        loader.load(path)
    except NikashError as problem:
        after = _counts() if loader.writes else {}
        if after != before:
            changed = {name: (before[name], n) for name, n in after.items() if n != before[name]}
            return "fault", f"refused, but rows were stored: {changed}; {problem}"
        return _checked_refusal(problem)
    except Exception:  # whatever else a loader raises is what is looked for
        return "fault", traceback.format_exc(limit=-6)
    return "loaded", ""


def _checked_refusal(problem: NikashError) -> tuple[str, str]:
    sentence = str(problem)
    if not sentence.strip() or len(sentence) > LONGEST_MESSAGE:
        return "fault", f"a sentence of {len(sentence)} characters"
    if unseen(sentence):
        return "fault", f"a sentence with characters that nobody sees: {sentence[:300]!a}"
    told = problem.problems if isinstance(problem, BadTable) else [problem]
    for one in told:
        if isinstance(one, BadInput) and not one.reason.strip():
            return "fault", "a problem without a reason"
    return "refused", sentence


def _counts() -> dict[str, int]:
    """Rows of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found
