"""A bare question and answer, for base models that follow no instructions."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked, Prompt


class Question(Prompt):
    """The two words before question and answer; the answer follows after a space."""

    source = "Nikash"
    question: str
    answered: str

    def __init_subclass__(cls) -> None:
        cls.pattern = f"{cls.question} {{instruction}}\n{cls.answered}"

    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        if not asked.whole:
            raise BadInput("there is nothing to ask: instruction and input are empty")
        return f"{self.question} {asked.whole}\n{self.answered}"

    def answer(self, asked: Asked, output: str, tokenizer: Any = None) -> str:
        return f" {output}"


@PROMPTS.register("question_mr")
class QuestionMarathi(Question):
    label = _("Question and answer, in Devanagari")
    question, answered = "प्रश्न:", "उत्तर:"


@PROMPTS.register("question_en")
class QuestionEnglish(Question):
    label = _("Question and answer, in English")
    question, answered = "Question:", "Answer:"


@PROMPTS.register("question_ga")
class QuestionIrish(Question):
    label = _("Question and answer, in Irish")
    question, answered = "Ceist:", "Freagra:"


@PROMPTS.register("summary")
class Summary(Question):
    label = _("Text and summary, marked by signs alone")
    question, answered = "###", "TL;DR:"
