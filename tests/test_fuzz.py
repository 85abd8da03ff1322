"""Mutated files of every loader: loaded whole or refused in a sentence, never else.

`python -m benchmarks.fuzz` gives many more; here each loader gets NIKASH_FUZZ_FILES (12) of them.
"""

import os
from random import Random

import pytest

from benchmarks.fuzz import fuzz
from benchmarks.fuzzing.mutations import mutated

N_FILES = int(os.environ.get("NIKASH_FUZZ_FILES", "12"))

pytestmark = pytest.mark.django_db


def test_every_loader_loads_a_mutated_file_whole_or_refuses_it():
    from benchmarks.fuzzing.loaders import loaders

    found = loaders()
    assert len(found) >= 20
    for loader in found:
        n = -(-N_FILES // loader.slow)
        told, faults = fuzz(loader, n, seed=1)
        assert not faults, "\n".join(faults)
        assert told.total() == n


def test_the_files_are_mutated_and_the_same_seed_makes_the_same():
    data = b'{"a": [1, 2, {"b": "c"}]}'
    made = [mutated(data, "x.json", Random(n)) for n in range(50)]
    assert made == [mutated(data, "x.json", Random(n)) for n in range(50)]
    assert sum(one != data for one in made) > 45


def test_a_loader_that_does_wrong_is_found(tmp_path):
    from benchmarks.fuzzing.trial import Loader, tried
    from common.errors import BadInput
    from models_app.models import Dataset

    def half(path):
        Dataset.objects.create(name="half", source_lang="en", target_lang="mr")
        raise BadInput("refused")

    def wordless(path):
        raise BadInput(" ", file="x.csv")

    def crash(path):
        raise KeyError("x")

    path = tmp_path / "x.csv"
    path.write_bytes(b"a")
    for wrong in (half, wordless, crash):
        assert tried(Loader("wrong", {}, wrong), path)[0] == "fault"
    assert not Dataset.objects.exists()
