"""Alpaca's prompt as LoRA trainers wrote it: with a line break after the last heading."""

from django.utils.translation import gettext_lazy as _

from models_app.prompts import PROMPTS
from models_app.prompts.alpaca import WITH_INPUT, WITHOUT_INPUT
from models_app.prompts.base import TwoForms


@PROMPTS.register("alpaca_lora")
class AlpacaLora(TwoForms):
    label = _("Alpaca, line break before the answer")
    source = "alpaca-lora, templates/alpaca.json"
    with_input = f"{WITH_INPUT}\n"
    without_input = f"{WITHOUT_INPUT}\n"
