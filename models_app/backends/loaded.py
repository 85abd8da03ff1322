"""One base model in memory, with the adapters put on it so far. Only safetensors are read."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import BadInput, MissingLibrary, NikashError
from models_app.backends.base import Generation, Producer, Weights
from models_app.backends.decoding import OPTIONS
from models_app.backends.greedy import can_decode, decode
from models_app.backends.mixing import BASE
from models_app.model_files import check_adapter, read_config

ADAPTER_FILE = "adapter_model.safetensors"
MISFIT = "it does not fit this checkpoint; register it with the one it was trained on"

_loaded: dict[tuple[Any, ...], "Loaded"] = {}


def load(producer: Producer) -> "Loaded":
    """The producer's base, from this process's memory if it was the last one used."""
    base = producer.base
    if base is None:
        raise BadInput(f"the system {producer.name!r} has no checkpoint; choose one")
    key = (base, producer.architecture, producer.trust_remote_code)
    if key not in _loaded:
        _loaded.clear()  # one base at a time: memory is what runs out first
        _loaded[key] = Loaded(base, producer.architecture, producer.trust_remote_code)
    return _loaded[key]


def forget() -> None:
    """Give the memory of what is loaded back, once nobody uses it."""
    _loaded.clear()


class Loaded:
    """A base model with its tokenizer and the adapters put on it so far."""

    def __init__(self, base: Weights, architecture: str, trust_remote_code: bool) -> None:
        torch, transformers = _libraries()
        self.seq2seq = architecture == "seq2seq"
        kind = "AutoModelForSeq2SeqLM" if self.seq2seq else "AutoModelForCausalLM"
        options = where_from(base) | {"trust_remote_code": trust_remote_code}
        cuda = torch.cuda.is_available()
        try:
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(base.location, **options)
            self.model, found = getattr(transformers, kind).from_pretrained(
                base.location,
                dtype="auto" if cuda else torch.float32,
                use_safetensors=True,
                output_loading_info=True,
                **options,
            )
            check_whole(found)
        except Exception as problem:
            raise unusable("checkpoint", base, problem) from problem
        self.model.to("cuda" if cuda else "cpu").eval()
        if not self.seq2seq:
            self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._names: dict[Weights, str] = {}

    def adapter(self, weights: Weights) -> str:
        """Put the adapter on the base, once; the name under which peft knows it."""
        if weights not in self._names:
            name = f"adapter{len(self._names)}"
            try:
                self.model = put_adapter(self.model, adapter_folder(weights), name)
            except Exception as problem:
                _loaded.clear()  # this base may carry half of the adapter
                raise unusable("adapter", weights, problem) from problem
            self.model.eval()
            self._names[weights] = name
        return self._names[weights]

    def generate(
        self, prompts: list[str], adapters: list[str], decoding: Mapping[str, Any], **more: Any
    ) -> list[Generation]:
        """One answer for each prompt; `more` goes to transformers' `generate`, say a streamer."""
        import torch

        if (seed := decoding.get("seed")) is not None:
            random.seed(seed)
            torch.manual_seed(seed)
        options = {name: decoding[name] for name in OPTIONS if name in decoding} | more
        if decoding.get("src_lang"):
            self.tokenizer.src_lang = decoding["src_lang"]
        if decoding.get("tgt_lang"):
            options["forced_bos_token_id"] = self._language(decoding["tgt_lang"])
        inputs = self.tokenizer(prompts, return_tensors="pt", padding=True, truncation=True)
        inputs.pop("token_type_ids", None)
        inputs = inputs.to(self.model.device)
        with torch.inference_mode():
            tokens = self._run(inputs, adapters, options)
        if not self.seq2seq:
            tokens = tokens[:, inputs["input_ids"].shape[1] :]
        return [self.generation(row) for row in tokens.tolist()]

    def can_decode(self, adapters: list[str], decoding: Mapping[str, Any]) -> bool:
        """Whether `decode` would give what `generate` gives."""
        return not self.seq2seq and can_decode(self.model, adapters, decoding)

    def decode(self, prompts: list[str], adapters: list[str], n_new: int) -> list[Generation]:
        """The likeliest answers to any number of prompts, of n_new tokens at most."""
        import torch

        tokens = self.tokenizer(prompts, truncation=True)["input_ids"]
        with torch.inference_mode():
            rows = decode(self.model, tokens, adapters, n_new, self._ends())
        return [self.generation(row) for row in rows]

    def _run(self, inputs: Any, adapters: list[str], options: dict[str, Any]) -> Any:
        options = {"pad_token_id": self.tokenizer.pad_token_id, **options}
        if not self._names:
            return self.model.generate(**inputs, **options)
        if len(set(adapters)) > 1:
            return self.model.generate(**inputs, adapter_names=adapters, **options)
        if adapters[0] == BASE:
            with self.model.disable_adapter():
                return self.model.generate(**inputs, **options)
        self.model.set_adapter(adapters[0])
        return self.model.generate(**inputs, **options)

    def _language(self, code: str) -> int:
        token = self.tokenizer.convert_tokens_to_ids(code)
        if token is None or token == self.tokenizer.unk_token_id:
            raise BadInput(f"the tokenizer knows no language {code!r}; write a code of the model")
        return int(token)

    def _ends(self) -> set[int]:
        ends = {*_listed(self.model.generation_config.eos_token_id), self.tokenizer.eos_token_id}
        return ends - {None}

    def generation(self, tokens: list[int]) -> Generation:
        ends = self._ends()
        start = 1 if self.seq2seq else 0  # a decoder's start token comes first
        end = next((n for n, t in enumerate(tokens) if n >= start and t in ends), None)
        text = self.tokenizer.decode(tokens[:end], skip_special_tokens=True).strip()
        n_tokens = (len(tokens) if end is None else end) - start
        return Generation(text, n_tokens, "length" if end is None and n_tokens else "stop")


def check_whole(found: Mapping[str, Any]) -> None:
    """NikashError where weights are not in the files; transformers would make them up.

    found : the loading info of transformers' `from_pretrained`
    """
    if missing := sorted(found["missing_keys"]):
        raise NikashError(f"{len(missing)} of its weights are missing, {missing[0]} among them")


def put_adapter(model: Any, folder: str, name: str, *, trainable: bool = False) -> Any:
    """The model with the folder's adapter on it; NikashError where the two do not fit."""
    import peft

    check_adapter(read_config(Path(folder) / "adapter_config.json"), folder)
    config = peft.PeftConfig.from_pretrained(folder)
    config.inference_mode = not trainable
    config.base_model_name_or_path = model.name_or_path
    try:
        if not isinstance(model, peft.PeftModel):
            model = peft.get_peft_model(model, config, adapter_name=name)
        fit = model.load_adapter(folder, adapter_name=name, is_trainable=trainable)
    except (RuntimeError, ValueError) as problem:
        raise NikashError(f"{MISFIT}: {problem}") from problem
    # peft passes over weights without a layer, and leaves layers without weights idle.
    if n := len(fit.missing_keys) + len(fit.unexpected_keys):
        raise NikashError(f"{MISFIT}: {n} weights have no counterpart")
    return model


def _listed(value: Any) -> list[int]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def where_from(weights: Weights) -> dict[str, Any]:
    """How to load: a folder as it is, from the hub only at a pinned revision."""
    if Path(weights.location).is_dir():
        return {"local_files_only": True}
    if weights.location.startswith(("/", ".")):
        raise BadInput(f"there is no folder {weights.location}; correct the checkpoint's place")
    if not weights.revision:
        raise BadInput(f"{weights.location} is on the hub: pin a revision (its commit)")
    return {"revision": weights.revision}


def adapter_folder(weights: Weights) -> str:
    """The adapter on this machine; peft would read pickled weights where these are missing."""
    where = where_from(weights)
    folder = Path(weights.location)
    if not folder.is_dir():
        import huggingface_hub

        wanted = ["adapter_config.json", ADAPTER_FILE]
        folder = Path(
            huggingface_hub.snapshot_download(weights.location, allow_patterns=wanted, **where)
        )
    if not (folder / ADAPTER_FILE).is_file():
        raise NikashError(f"it has no {ADAPTER_FILE}; other weight files are not read")
    return str(folder)


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as problem:
        raise MissingLibrary(
            f"{problem.name} is not installed; install Nikash with its extra [ml]"
        ) from problem
    transformers.logging.set_verbosity_error()
    return torch, transformers


def unusable(what: str, weights: Weights, problem: Exception) -> NikashError:
    if isinstance(problem, BadInput):
        return problem
    reason = " ".join(str(problem).split())[:300] or type(problem).__name__
    return NikashError(f"the {what} {weights.location} cannot be loaded: {reason}")
