"""Which release's tables a database has: its applied migrations, and the models of that time."""

from typing import Any

from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from common.errors import BadInput

Migrations = list[tuple[str, str]]

# They come with the tables; a database that has nothing else is empty.
FURNITURE = {"contenttypes.contenttype", "auth.permission", "auth.group", "auth.group_permissions"}


def applied(alias: str) -> Migrations:
    """(app, name) of every migration that was applied and that this release knows, sorted."""
    loader = MigrationLoader(connections[alias])
    return sorted(set(loader.applied_migrations) & set(loader.graph.nodes))


def all_migrations() -> Migrations:
    """Every migration of this release, sorted."""
    return sorted(MigrationLoader(None).graph.nodes)


def check_known(migrations: Migrations) -> None:
    """Raises BadInput for migrations that are not of this release or an older one."""
    graph = MigrationLoader(None).graph
    unknown = sorted(set(migrations) - set(graph.nodes))
    if unknown:
        app, name = unknown[0]
        raise BadInput(
            f"the backup is of a newer release, which has the migration {app}.{name}; "
            "update Nikash first, then restore"
        )
    if not migrations:
        raise BadInput("it names no migration; it is no backup of Nikash")
    needed = {parent.key for key in migrations for parent in graph.node_map[key].parents}
    if lacking := sorted(needed - set(migrations)):
        app, name = lacking[0]
        raise BadInput(f"its migrations lack {app}.{name}, on which others stand")


def models_at(migrations: Migrations) -> list[type[Model]]:
    """The models that have tables after these migrations, by their labels."""
    loader = MigrationLoader(None)
    registry: Any = apps
    if set(migrations) != set(loader.graph.nodes):
        registry = loader.project_state(list(migrations)).apps
    found = registry.get_models(include_auto_created=True)
    kept = [model for model in found if model._meta.managed and not model._meta.proxy]
    return sorted(kept, key=lambda model: model._meta.label_lower)


def migrate_to(alias: str, migrations: Migrations) -> None:
    """Bring an empty database to these migrations, without rows of any kind."""
    executor = MigrationExecutor(connections[alias])
    graph = executor.loader.graph
    wanted = set(migrations)
    leaves = [node for node in migrations if not (graph.node_map[node].children & wanted)]
    executor.migrate(leaves)


def is_empty(alias: str, models: list[type[Model]]) -> bool:
    """Whether the tables hold nothing but what comes with them."""
    return not any(
        model._base_manager.using(alias).exists()
        for model in models
        if model._meta.label_lower not in FURNITURE
    )
