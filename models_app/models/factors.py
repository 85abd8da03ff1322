"""Factors of a sweep, in one order on every database."""

from typing import Any

from django.db import models


class FactorsField(models.JSONField):
    """Factor → value, in the order of `models_app.sweeps.space.in_order`.

    PostgreSQL keeps the keys of a JSON object in an order of its own; a sweep combines, samples and
    shows its factors in order, and must do the same wherever it lies.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        from models_app.sweeps.space import in_order

        found = super().from_db_value(value, expression, connection)
        return in_order(found) if isinstance(found, dict) else found

    def deconstruct(self) -> Any:
        """Migrations need not know: it is stored as any JSON."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs
