"""Alpaca's prompt, with and without input (Taori et al., 2023)."""

from django.utils.translation import gettext_lazy as _

from models_app.prompts import PROMPTS
from models_app.prompts.base import TwoForms

WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:"
)
WITHOUT_INPUT = (
    "Below is an instruction that describes a task. Write a response that appropriately completes "
    "the request.\n\n### Instruction:\n{instruction}\n\n### Response:"
)


@PROMPTS.register("alpaca")
class Alpaca(TwoForms):
    label = _("Alpaca")
    source = "Stanford Alpaca, train.py"
    with_input = WITH_INPUT
    without_input = WITHOUT_INPUT
