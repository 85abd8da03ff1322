"""The prompt of the Bactrian-X adapters (Li et al., 2023)."""

from django.utils.translation import gettext_lazy as _

from models_app.prompts import PROMPTS
from models_app.prompts.base import TwoForms


@PROMPTS.register("bactrian")
class Bactrian(TwoForms):
    label = _("Bactrian-X")
    source = "Bactrian-X, templates/bactrian.json"
    with_input = "### Input:\n{instruction}\n\n{input}\n\n### Output:\n"
    without_input = "### Input:\n{instruction}\n\n### Output:\n"
