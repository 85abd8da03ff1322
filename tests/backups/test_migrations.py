"""Migrations are complete, forward from every state, and let the release before them go on."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations import operations as op
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

from config.backups import state
from config.backups.databases import opened, scratch
from config.backups.restoring import restore
from config.backups.writing import write_backup

OURS = {"accounts", "api", "models_app", "annotation", "metrics", "studies"}
# The last ones of 0.1.0, the first release; later migrations keep to docs/backup.md.
FIRST_RELEASE = {
    ("accounts", "0002_sign_in"),
    ("annotation", "0010_hand_out"),
    ("api", "0002_webhooks"),
    ("metrics", "0006_longer_slices"),
    ("models_app", "0009_energy"),
    ("studies", "0001_study"),
}
LARGE = {"rating", "ratingevent", "ratingscore", "errorspan", "assignment", "item", "itemoutput"}
LARGE |= {"output", "segment", "segmentscore", "example", "benchmarkitem"}
BREAKING = (op.DeleteModel, op.RenameModel, op.RemoveField, op.RenameField, op.AlterModelTable)


def since_first_release() -> list:
    graph = MigrationLoader(None).graph
    known = {node for last in FIRST_RELEASE for node in graph.forwards_plan(last)}
    return [
        node for key, node in sorted(graph.nodes.items()) if key[0] in OURS and key not in known
    ]


def unsafe(operation: Operation) -> str:
    """Why the release before could not go on with it; empty where it can."""
    if isinstance(operation, BREAKING):
        return f"{operation.describe()}: leave that to a later release"
    if isinstance(operation, op.AddField):
        field = operation.field
        filled = field.null or field.many_to_many or field.db_default is not NOT_PROVIDED
        return "" if filled else f"{operation.describe()}: give it null or a db_default"
    if type(operation) is op.AddIndex and operation.model_name in LARGE:
        return f"{operation.describe()}: make it with AddIndexConcurrently"
    return ""


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_release_before_goes_on():
    later = since_first_release()
    found = [f"{one}: {text}" for one in later for step in one.operations if (text := unsafe(step))]
    assert found == []


def test_the_rules_see_what_would_break():
    from django.db import models

    wanted = models.CharField(max_length=5)
    assert unsafe(op.RemoveField("rating", "note"))
    assert unsafe(op.AddField("rating", "colour", wanted))
    assert unsafe(op.AddIndex("rating", models.Index(fields=["note"], name="rating_note")))
    filled = models.CharField(max_length=5, db_default="")
    assert not unsafe(op.AddField("rating", "colour", filled))
    assert not unsafe(op.AddField("rating", "colour", models.IntegerField(null=True)))


def first_state() -> state.Migrations:
    """The tables of 0001, and all that those stand on."""
    graph = MigrationLoader(None).graph
    return sorted(graph.forwards_plan(("annotation", "0001_initial")))


def fill(alias: str) -> None:
    models = {model._meta.label_lower: model for model in state.models_at(first_state())}
    user = models["auth.user"].objects.using(alias).create(username="bob", password="x")
    dataset = (
        models["models_app.dataset"]
        .objects.using(alias)
        .create(name="old", source_lang="en", target_lang="mr")
    )
    campaign = (
        models["annotation.campaign"]
        .objects.using(alias)
        .create(name="old", dataset=dataset, protocol="sqm")
    )
    models["annotation.annotator"].objects.using(alias).create(user=user, code="A-OLD")
    models["annotation.membership"].objects.using(alias).create(
        user=user, campaign=campaign, role="annotator"
    )


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_the_first_tables_is_restored_into_todays(empty_url, tmp_path):
    out = tmp_path / "old.tar"
    with scratch() as old:
        state.migrate_to(old, first_state())
        fill(old)
        made = write_backup(out, alias=old)
        assert made.migrations == first_state()
    with opened(empty_url) as new:
        said: list[str] = []
        restore(out, alias=new, say=said.append)
        assert count(new, "annotation_membership") == 1
        assert said[0].startswith("The backup is of an older release")
        assert state.applied(new) == state.all_migrations()


def count(alias: str, table: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connections[alias].ops.quote_name(table)}")
        return int(cursor.fetchone()[0])


def test_migrations_lie_where_they_are_looked_for():
    found = {path.parent.parent.name for path in Path(settings.BASE_DIR).glob("*/migrations/0*.py")}
    assert found == OURS
