"""Merge an adapter into its base: a checkpoint of its own, which needs no peft."""

import json
from pathlib import Path

from common.errors import BadInput
from models_app.checkpoints import register_checkpoint
from models_app.corpora.mixing import combined_licence
from models_app.models import Adapter, Checkpoint
from models_app.training.made import make
from models_app.training.weights import load_base, put_on, tokenizer_for

MERGED_BITS = (16, 32)


def merge_adapter(adapter: Adapter, *, name: str, bits: int = 32) -> Checkpoint:
    """A new checkpoint with the adapter's weights added to those of its base.

    bits : in which the base is loaded and the result stored. An adapter trained on a quantised
        base is merged into the base as published, too: adding to 4 bits would round it away.

    The same again gives back the same. Raises BadInput, and NikashError for damaged weights.
    """
    if bits not in MERGED_BITS:
        raise BadInput(f"an adapter is merged in 16 or 32 bits, not in {bits}")
    base = adapter.checkpoint
    taken = Adapter.objects.filter(name=name).exists()
    if taken:
        raise BadInput(f"there is an adapter called {name!r}; give the checkpoint another name")

    def write(folder: Path) -> None:
        merged = put_on(load_base(base, bits), adapter).merge_and_unload(safe_merge=True)
        merged.save_pretrained(folder)
        tokenizer_for(base).save_pretrained(folder)

    recipe = {
        "how": "merge",
        "adapter": adapter.name,
        "sha256": adapter.content_hash,
        "base": base.name,
        "bits": bits,
    }
    folder = make(name, recipe, write, [adapter], base)
    return register_checkpoint(
        name=name,
        location=str(folder),
        architecture=base.architecture,
        licence=combined_licence([row.licence for row in (base, adapter) if row.licence]),
    )


def config_for(base: Checkpoint, folder: Path) -> None:
    """Name the base in an adapter's configuration by where others find it."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": base.location, "revision": base.revision or None}
    path.write_text(json.dumps(config, indent=1, sort_keys=True), encoding="utf-8")
