"""manage.py worker [--queues training,scoring]: a worker for some queues, until it is stopped."""

import os
import sys
from typing import Any

from django.conf import settings

from common.errors import BadInput
from config import queues
from config.management.checked import check_start
from config.processes import worker
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Start a worker for some of the queues, or for all."

    def add_arguments(self, parser: Any) -> None:
        known = ",".join(queues.ALL)
        parser.add_argument("--queues", default=known, help=f"of {known}; all of them unless told")
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at once; 1")
        parser.add_argument("--name", default="", help="of this worker; its queues unless told")
        parser.add_argument("--beat", action="store_true", help="ring for the housekeeping, too")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [name for name in options["queues"].replace(",", " ").split() if name]
        if unknown := [name for name in chosen if name not in queues.ALL]:
            known = ", ".join(queues.ALL)
            raise BadInput(f"there is no queue {', '.join(unknown)}; known: {known}")
        if not chosen or options["concurrency"] < 1:
            raise BadInput("name one queue at least, and a concurrency from 1")
        check_start(self)
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.chdir(settings.BASE_DIR)
        command = worker(
            chosen,
            beat=options["beat"],
            concurrency=options["concurrency"],
            name=options["name"] or "-".join(chosen),
        )
        sys.stdout.flush()
        os.execv(command[0], command)
