"""manage.py serve [--port 8000]: the site and a worker, until Ctrl-C."""

import sys
from typing import Any

from django.core.management import call_command

from config.management.checked import check_start
from config.processes import (
    HOST,
    Processes,
    check_port,
    jobs_worker,
    playground_worker,
    wait_until_up,
    web,
)
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Start the web server and a worker on this machine."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default=HOST, help="127.0.0.1 unless told otherwise")

    def prepare(self) -> None:
        """What must be there before the site starts."""
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)

    def greeting(self, address: str) -> str:
        return f"Nikash is at {address} (Ctrl-C stops it)."

    def handle(self, *args: Any, **options: Any) -> None:
        port, host = options["port"], options["host"]
        check_port(port, host)
        check_start(self)
        self.prepare()
        processes = Processes(
            {
                "web server": web(port, host),
                "worker": jobs_worker(),
                "playground's worker": playground_worker(),
            }
        )

        def ready() -> None:
            wait_until_up(port, host)
            self.say(self.greeting(f"http://{host}:{port}/"))

        sys.exit(processes.run(ready))
