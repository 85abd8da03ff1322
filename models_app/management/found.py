"""Rows that commands are told by name, or a sentence with the names there are."""

from common.errors import BadInput
from common.problems import shown
from models_app.models import Adapter, Checkpoint, System


def checkpoint_named(name: str) -> Checkpoint:
    if found := Checkpoint.objects.filter(name=name).first():
        return found
    known = ", ".join(Checkpoint.objects.values_list("name", flat=True)[:20]) or "none yet"
    raise BadInput(f"there is no checkpoint called {shown(name)}; known: {known}")


def adapter_named(name: str) -> Adapter:
    if found := Adapter.objects.filter(name=name).first():
        return found
    known = ", ".join(Adapter.objects.values_list("name", flat=True)[:20]) or "none yet"
    raise BadInput(f"there is no adapter called {shown(name)}; known: {known}")


def system_named(name: str) -> System:
    if found := System.objects.filter(name=name).first():
        return found
    known = ", ".join(System.objects.filter(kind="model").values_list("name", flat=True)[:20])
    raise BadInput(f"there is no system called {shown(name)}; models here: {known or 'none yet'}")
