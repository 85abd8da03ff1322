"""Rows that commands are told by name, or a sentence with the names there are."""

from common.errors import BadInput
from common.problems import shown
from models_app.models import Checkpoint


def checkpoint_named(name: str) -> Checkpoint:
    if found := Checkpoint.objects.filter(name=name).first():
        return found
    known = ", ".join(Checkpoint.objects.values_list("name", flat=True)[:20]) or "none yet"
    raise BadInput(f"there is no checkpoint called {shown(name)}; known: {known}")
