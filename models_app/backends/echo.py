"""The backend without a model: gives the prompt's words back in reverse. For tests and trials."""

import time
from collections.abc import Sequence

from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Generation, Request


@BACKENDS.register("echo")
class Echo(Backend):
    """Decoding option `seconds_per_text` makes it slow."""

    label = "Echo (no model)"
    needs_checkpoint = False

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Generation:
        time.sleep(float(self.producers[request.producer].decoding.get("seconds_per_text", 0)))
        words = request.prompt.split()
        return Generation(" ".join(reversed(words)), len(words), "stop")
