"""Names of metrics and of the baselines that stand beside them, as tables and figures show them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import labels

BASELINES = {
    "baseline_constant": gettext_lazy("Constant"),
    "baseline_random": gettext_lazy("Random"),
    "baseline_length": gettext_lazy("Length"),
    "length_ratio": gettext_lazy("Length ratio"),
}


def names(payload: Mapping[str, Any]) -> dict[str, str]:
    """Metric or baseline to what people call it; baselines are marked."""
    marked = {name: _("%(name)s (baseline)") % {"name": label} for name, label in BASELINES.items()}
    return labels(payload) | marked
