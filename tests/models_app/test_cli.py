"""What every command does with a database or words it cannot use."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_database_without_tables_is_a_sentence(tmp_path: Path):
    environment = os.environ | {
        "NIKASH_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
    }
    command = [sys.executable, "manage.py", "score", "--dataset", "any", "--metrics", "bleu"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "CommandError: the database is new or out of date; run manage.py migrate first"
    ]
