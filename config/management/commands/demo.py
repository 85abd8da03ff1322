"""manage.py demo [--port 8000]: load the demo, start the site, print the logins."""

from django.core.management import call_command

from config.demo import logins
from config.management.commands.serve import Command as Serve


class Command(Serve):
    help = "Load the demo, start the site and a worker, and print the three logins."

    def prepare(self) -> None:
        super().prepare()
        call_command("load_demo")

    def greeting(self, address: str) -> str:
        lines = [f"  {role:<11} {name:<11} {password}" for role, name, password in logins()]
        return "\n".join(
            [
                "",
                f"Nikash is at {address}",
                "",
                "  role        user name   password",
                *lines,
                "",
                "Ctrl-C stops everything.",
            ]
        )
