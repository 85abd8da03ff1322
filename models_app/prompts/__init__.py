"""How an example becomes a prompt and its answer: one file for each way."""

from common.registry import Registry
from models_app.prompts.base import Prompt

PROMPTS: Registry[Prompt] = Registry("prompt", __name__)
