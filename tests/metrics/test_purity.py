import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_statistics_load_neither_django_nor_pandas_nor_statsmodels():
    code = (
        "import sys, metrics.statistics; "
        "print(*{name.split('.')[0] for name in sys.modules} & "
        "{'django', 'pandas', 'statsmodels', 'sklearn', 'krippendorff', 'torch'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_every_public_name_is_documented():
    import metrics.statistics

    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    missing = [name for name in metrics.statistics.__all__ if f"`{name}`" not in text]
    assert missing == []
