"""Models that cannot be used: each a sentence, and nothing pickled is ever read."""

import json
import shutil
from pathlib import Path

import pytest

from common.errors import BadInput, NikashError
from models_app.backends.base import Producer
from models_app.backends.huggingface import HuggingFace
from models_app.checkpoints import register_adapter, register_system
from models_app.generation import start_generation
from models_app.jobs import run_inline
from models_app.model_files import check_adapter
from tests.models_app.small_models import (
    MODELS,
    QUESTIONS,
    answers,
    causal,
    copy,
    registered,
    weights,
)
from tests.people import small_dataset

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    # peft's use of a name that transformers is about to drop.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]


def test_an_adapter_of_another_checkpoint_is_refused_before_it_is_loaded():
    base, other = registered(), registered("en-mr")
    adapter = register_adapter(name="lora", checkpoint=base, location=str(MODELS / "lora-culture"))
    with pytest.raises(BadInput, match="the adapter lora belongs to base, not to en-mr"):
        register_system(name="s", backend="huggingface", checkpoint=other, adapter=adapter)


def other_adapter(folder: Path, change: str) -> Path:
    """lora-sentences as if trained on a base with other names, sizes or more layers."""
    from safetensors.torch import load_file, save_file

    path = copy("lora-sentences", folder)
    tensors = load_file(path / "adapter_model.safetensors")
    if change == "wider":
        tensors = {name: tensor.repeat(2, 2) for name, tensor in tensors.items()}
    elif change == "deeper":
        deeper = {name.replace("layers.0", "layers.9"): t for name, t in tensors.items()}
        tensors |= {name: tensor.clone() for name, tensor in deeper.items()}
    elif change == "shallower":
        tensors = {name: t for name, t in tensors.items() if "layers.3" not in name}
    else:
        config = json.loads((path / "adapter_config.json").read_text())
        config["target_modules"] = ["c_attn"]
        (path / "adapter_config.json").write_text(json.dumps(config))
    save_file(tensors, path / "adapter_model.safetensors", {"format": "pt"})
    return path


@pytest.mark.parametrize("change", ["wider", "deeper", "shallower", "other names"])
def test_an_adapter_that_does_not_fit_is_refused_and_leaves_no_trace(change, tmp_path):
    before = answers(causal("lora-sentences"), QUESTIONS[:6])
    with pytest.raises(NikashError, match=r"lora-sentences cannot be loaded: it does not fit"):
        HuggingFace([causal(other_adapter(tmp_path, change))])
    assert answers(causal("lora-sentences"), QUESTIONS[:6]) == before


def test_an_adapter_of_the_base_is_refused_on_the_translator():
    producer = Producer("s", weights("en-mr"), "seq2seq", adapter=weights("lora-sentences"))
    with pytest.raises(NikashError, match="it does not fit this checkpoint; register it with"):
        HuggingFace([producer])


def corrupt(case: str) -> bytes:
    """A file of weights whose header is not one, or names no weights."""
    place = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    headers = {
        "beyond the file": b"{}",
        "negative": {"a": {**place, "data_offsets": [-16, 0]}},
        "overlapping": {"a": place, "b": {**place, "data_offsets": [8, 24]}},
        "not UTF-8": b'{"\xff": 1}',
        "no weights": {},
    }
    header = headers[case]
    written = header if isinstance(header, bytes) else json.dumps(header).encode()
    length = 2**40 if case == "beyond the file" else len(written)
    return length.to_bytes(8, "little") + written + bytes(0 if case == "no weights" else 24)


@pytest.mark.parametrize(
    "case", ["beyond the file", "negative", "overlapping", "not UTF-8", "no weights"]
)
def test_corrupt_weights_are_refused_with_a_sentence(case, tmp_path):
    place = copy("base", tmp_path)
    (place / "model.safetensors").write_bytes(corrupt(case))
    with pytest.raises(NikashError, match=r"base cannot be loaded: .*(header|weights are missing)"):
        HuggingFace([Producer("b", weights(place))])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("peft_type", "XLORA", "'XLORA' adapter; only LoRA is served"),
        ("megatron_config", {"a": 1}, "megatron_config is not served"),
        ("layer_replication", [[0, 9999]], "layer_replication is not served"),
        ("r", 10**6, "1000000 is no rank"),
        ("rank_pattern", {"q_proj": 10**6}, "1000000 is no rank"),
        ("target_modules", "(.+)+x", "picks no modules quickly"),
        ("target_modules", [3], "picks no modules quickly"),
    ],
)
def test_an_adapter_that_asks_for_more_than_lora_is_refused(name, value, sentence, tmp_path):
    place = copy("lora-culture", tmp_path)
    config = json.loads((place / "adapter_config.json").read_text())
    (place / "adapter_config.json").write_text(json.dumps(config | {name: value}))
    with pytest.raises(BadInput, match=sentence):
        register_adapter(name="lora", checkpoint=registered(), location=str(place))
    with pytest.raises(NikashError, match=sentence):
        HuggingFace([causal(place)])


def test_patterns_of_modules_as_tools_write_them_are_taken():
    """As those of Unsloth, which names parts of towers, then layers."""
    parts = "(?:self_attn|mlp)", "(?:q_proj|k_proj|v_proj)"
    pattern = r"(?:.*?(?:language|text).*?%s.*?%s.*?)|(?:\bmodel\.layers\.[\d]{1,}\.%s\.%s)" % (
        parts * 2
    )
    check_adapter({"peft_type": "LORA", "r": 8, "target_modules": pattern}, "the folder")
    with pytest.raises(BadInput, match="picks no modules quickly"):
        check_adapter({"target_modules": ".*" * 6}, "the folder")


def pickled(name: str, folder: Path) -> Path:
    """The model with its weights as a pickle, as older ones are published."""
    import torch
    from safetensors.torch import load_file

    path = copy(name, folder)
    stem = "adapter_model" if name.startswith("lora") else "model"
    torch.save(load_file(path / f"{stem}.safetensors"), path / f"{stem}.bin")
    if stem == "model":
        (path / "model.bin").rename(path / "pytorch_model.bin")
    (path / f"{stem}.safetensors").unlink()
    return path


def test_pickled_weights_are_not_registered(tmp_path):
    sentence = "has no .safetensors; other weight files are not loaded"
    pickled("base", tmp_path)
    with pytest.raises(BadInput, match=sentence):
        registered("base", tmp_path)
    place = str(pickled("lora-culture", tmp_path))
    with pytest.raises(BadInput, match=sentence):
        register_adapter(name="lora", checkpoint=registered(), location=place)


def test_pickled_weights_are_not_loaded_even_beside_other_safetensors(tmp_path):
    for name in ("base", "lora-culture"):
        (pickled(name, tmp_path) / "other.safetensors").write_bytes(b"")
    with pytest.raises(
        NikashError, match=r"base cannot be loaded: .*no file named model.safetensors"
    ):
        HuggingFace([Producer("b", weights(tmp_path / "base"))])
    with pytest.raises(NikashError, match=r"has no adapter_model\.safetensors; other weight files"):
        HuggingFace([causal(tmp_path / "lora-culture")])


def test_a_folder_that_is_missing_or_is_no_model_is_a_sentence(tmp_path):
    with pytest.raises(
        BadInput, match=r"there is no folder .*/nowhere; write a folder or a hub id"
    ):
        registered("nowhere", tmp_path)
    (copy("base", tmp_path) / "config.json").unlink()
    with pytest.raises(BadInput, match=r"base has no config\.json; is it the right folder\?"):
        registered("base", tmp_path)
    with pytest.raises(BadInput, match=r"has no adapter_config\.json; is it the right folder\?"):
        register_adapter(name="lora", checkpoint=registered(), location=str(MODELS / "base"))


def test_a_folder_that_has_gone_since_fails_the_run_with_a_sentence(tmp_path):
    place = copy("base", tmp_path)
    system = register_system(
        name="gone", backend="huggingface", checkpoint=registered("base", tmp_path)
    )
    (run,) = start_generation([system], small_dataset(n_segments=2), queue=False)
    shutil.rmtree(place)
    run = run_inline(run)
    assert run.state == "failed"
    assert run.error == f"there is no folder {place}; correct the checkpoint's place"
