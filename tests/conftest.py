"""What every test shares: a data folder of its own, made before Django's settings are read."""

import os
import tempfile

_data = tempfile.TemporaryDirectory(prefix="nikash-tests-", ignore_cleanup_errors=True)
os.environ["NIKASH_DATA_DIR"] = _data.name
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
