"""A question in Marathi, as the demo's models were trained on it."""

from django.utils.translation import gettext_lazy as _

from models_app.prompts import PROMPTS
from models_app.prompts.base import TwoForms


@PROMPTS.register("marathi_question")
class MarathiQuestion(TwoForms):
    label = _("question and answer in Marathi")
    source = "Nikash, the demo's models"
    with_input = "प्रश्न: {instruction}\n{input}\nउत्तर:"
    without_input = "प्रश्न: {instruction}\nउत्तर:"
