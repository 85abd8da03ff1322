"""Energy and CO2 of the machine's work."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from api.asking import Choice
from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject
from models_app.models import EnergyRecord

routes = Routes("Training and benchmarks")


class EnergySerializer(serializers.ModelSerializer):
    devices = AnyObject(help_text="Of each device: how, by what, kWh, mean watts.")
    grid = AnyObject(help_text="Country, grams of CO2 a kWh, source.", allow_null=True)

    class Meta:
        model = EnergyRecord
        fields = (
            "id", "kind", "training_run", "generation_run", "subject", "host", "started_at",
            "seconds", "kwh", "pue", "library", "is_complete", "devices", "grid",
        )  # fmt: skip


@routes.get("energy-records/", Who.SITE_READER, gives=EnergySerializer, pages=True, parameters=(
    Choice("kind", "Only of this kind of work.", "kind", tuple(EnergyRecord.Kind.values)),
))  # fmt: skip
def list_energy(request: Request) -> Any:
    """Energy and CO2 of the machine's work."""
    return EnergyRecord.objects.defer("trace")
