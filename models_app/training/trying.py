"""A system with what a run made: asked as it was trained, decoded greedily."""

from typing import Any

from common.errors import BadInput
from models_app.checkpoints import register_system
from models_app.models import System, TrainingRun
from models_app.prompting import registered_template


def system_to_try(run: TrainingRun) -> System:
    """The system called as the run, registered when first asked for. Raises BadInput."""
    if run.adapter is None and run.tuned is None:
        raise BadInput(f"{run.name} has made nothing yet; wait until it is done")
    return register_system(
        name=run.name,
        backend="huggingface",
        checkpoint=run.tuned or run.checkpoint,
        adapter=run.adapter,
        template=registered_template(run.prompt),
        decoding=_decoding(run),
    )


def _decoding(run: TrainingRun) -> dict[str, Any]:
    longest = int(run.settings["max_answer_tokens"])
    found: dict[str, Any] = {"max_new_tokens": min(longest, 256)}
    if run.prompt == "nllb":
        found |= {"src_lang": run.corpus.source_lang, "tgt_lang": run.corpus.target_lang}
    return found
