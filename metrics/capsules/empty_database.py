"""An empty database in memory in place of the usual one: what is stored there is untouched."""

import contextlib
from collections.abc import Iterator

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend

ENGINE = "django.db.backends.sqlite3"


@contextlib.contextmanager
def empty_database() -> Iterator[None]:
    """Within, in this thread, every query goes to new, empty tables; afterwards they are gone."""
    usual = connections[DEFAULT_DB_ALIAS]
    settings = usual.settings_dict | {"ENGINE": ENGINE, "NAME": ":memory:", "OPTIONS": {}}
    stand_in = load_backend(ENGINE).DatabaseWrapper(settings, alias=DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = stand_in
    try:
        with stand_in.schema_editor() as editor:
            for model in apps.get_models():
                editor.create_model(model)
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual
        ContentType.objects.clear_cache()
        stand_in.close()
