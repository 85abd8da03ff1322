"""What every test shares: a data folder of its own, plain static files, quick passwords.

pytest-django reads Django's settings before this file is; the environment set here is for the
processes that tests start, and the settings of this process are set to the same.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as examples

from common import bell
from config import environment
from tests import servers

# The same examples each time, however busy the machine is; others: --hypothesis-profile=default
examples.register_profile(
    "same", derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
examples.load_profile("same")

_data = tempfile.TemporaryDirectory(prefix="nikash-tests-", ignore_cleanup_errors=True)
os.environ["NIKASH_DATA_DIR"] = _data.name
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

os.environ["NIKASH_ENERGY"] = "0"
if servers.ON_REDIS:
    os.environ["CELERY_BROKER_URL"] = servers.own_broker()

settings.ENERGY = False
settings.DATA_DIR = environment.data_dir(settings.BASE_DIR)
settings.MEDIA_ROOT = settings.DATA_DIR / "uploads"
settings.STATIC_ROOT = settings.DATA_DIR / "static"
Path(settings.STATIC_ROOT).mkdir()
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker(
    settings.DATA_DIR
)
settings.CACHES = {"default": environment.cache(settings.DATA_DIR)}  # before anybody asks for it
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(optionalhook=True)  # there is no such hook where one process runs the tests
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.sharing_out import ByFile

    return ByFile(config, log)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Keys come again with every test; what the one before kept, or missed, is not this one's."""
    cache.clear()
    bell._away_since = None


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its language switched on; the next test begins in English."""
    translation.deactivate()
    yield
    translation.deactivate()
