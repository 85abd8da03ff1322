"""The processes of a site: they end with it, however it ends."""

import os
import select
import signal
import subprocess
import sys

import pytest
from django.conf import settings

SITE = """
import sys
from config.processes import Processes
Processes({"child": [sys.executable, "-c", sys.argv[1]]}).run(lambda: None)
"""
CHILD = "import time; print('started', flush=True); time.sleep(300)"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such call")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_site_started_ends_with_it(number):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", SITE, CHILD],
        cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True,
    ) as site:  # fmt: skip
        assert site.stdout.readline() == "started\n"
        site.send_signal(number)
        ended, _, _ = select.select([site.stdout], [], [], 60)  # no more can come from anybody
        assert ended and site.stdout.read() == ""
