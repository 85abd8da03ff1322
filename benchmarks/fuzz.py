"""Give every loader mutated files: each is loaded whole or refused in a sentence, never else.

    python -m benchmarks.fuzz [--files 10000] [--loader NAME] [--seed 1] [--keep FOLDER] [--json F]

Real files of every loader are mutated by a seeded chance (bytes flipped, cut, spliced; values of
JSON, cells of tables, members of archives replaced) and given to it in an empty database in
memory. A fault is any exception but our own sentences, rows that stay after a refusal, a sentence
with hidden characters, more than 20 CPU seconds or 512 MiB for a file. Exit 1 where there was one;
--keep leaves the files behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks.recording import Record

if TYPE_CHECKING:
    from benchmarks.fuzzing.trial import Loader

EVERY = 500  # files between lines of progress


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="for all loaders together")
    parser.add_argument("--loader", action="append", help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for files that were faults")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    _set_up()
    from benchmarks.fuzzing.loaders import loaders

    found = [one for one in loaders() if not given.loader or one.name in given.loader]
    if not found:
        parser.error(f"no loader {', '.join(given.loader)}")
    each = -(-given.files // len(found))
    record = Record("Fuzzed loaders", f"python -m benchmarks.fuzz --files {given.files}")
    print(f"{'loader':<20} {'files':>7} {'loaded':>7} {'refused':>8} {'faults':>7} {'CPU ms':>7}")
    n_faults = 0
    for loader in found:
        started = time.process_time()
        n = -(-each // loader.slow)
        told, faults = fuzz(loader, n, given.seed, given.keep)
        milliseconds = (time.process_time() - started) * 1000 / n
        n_faults += told["fault"]
        counts = f"{told['loaded']:7} {told['refused']:8} {told['fault']:7}"
        print(f"{loader.name:<20} {n:7} {counts} {milliseconds:7.1f}", flush=True)
        for one in list(dict.fromkeys(faults))[:8]:
            print(one, file=sys.stderr)
        record.add(f"{loader.name}: faults in {n} files", [told["fault"]], "files")
    record.write(given.json)
    return 1 if n_faults else 0


def fuzz(
    loader: Loader, n_files: int, seed: int, keep: Path | None = None
) -> tuple[Counter[str], list[str]]:
    """How often a loader loaded, refused, did wrong; and what it did wrong.

    keep : a folder for the files of the faults
    """
    from benchmarks.fuzzing.mutations import mutated
    from benchmarks.fuzzing.trial import tried

    told: Counter[str] = Counter()
    faults: dict[str, str] = {}
    names = sorted(loader.seeds)
    with tempfile.TemporaryDirectory() as folder:
        for n in range(n_files):
            chance = Random(f"{loader.name}/{seed}/{n}")
            name = names[n % len(names)]
            other = loader.seeds[chance.choice(names)]
            data = mutated(loader.seeds[name], name, chance, other)
            path = Path(folder, name)
            path.write_bytes(data)
            kind, sentence = tried(loader, path)
            told[kind] += 1
            if kind == "fault" and sentence not in faults:
                faults[sentence] = f"--- {loader.name} {name} seed {seed} file {n}\n{sentence}"
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{loader.name}-{n}-{name}").write_bytes(data)
    return told, list(faults.values())


def _set_up() -> None:
    """An empty database in memory."""
    import django

    folder = tempfile.mkdtemp(prefix="nikash-fuzz-")
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", NIKASH_DATA_DIR=folder)
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
