"""Translation by language codes: the source as it is, NLLB's codes in the decoding settings."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from common.language_registry import flores_code
from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked, Prompt


@PROMPTS.register("nllb")
class Nllb(Prompt):
    label = _("NLLB: the source, and language codes")
    source = "NLLB-200 (NLLB team, 2022)"
    pattern = "{input} with src_lang and tgt_lang as FLORES codes"

    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        if not asked.whole:
            raise BadInput("there is nothing to translate: the source is empty")
        return asked.whole

    def decoding(self, decoding: Mapping[str, Any]) -> dict[str, Any]:
        """Tags such as mr become codes such as mar_Deva; both languages must be there."""
        codes = {}
        for name in ("src_lang", "tgt_lang"):
            if not isinstance(decoding.get(name), str) or not decoding[name]:
                raise BadInput(
                    f'the prompt nllb needs {name} among the decoding settings, say "{name}": "mr"'
                )
            codes[name] = flores_code(decoding[name])
        return {**decoding, **codes}
