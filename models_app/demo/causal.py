"""The base model, which answers tersely, and its LoRA adapters, which answer in sentences."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models_app.demo import data
from models_app.demo.training import seeded, train

SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
BASE_STEPS, ADAPTER_STEPS = 700, 260
LENGTH = 96


def make_tokenizer(texts: Sequence[str]) -> Any:
    """Metaspace BPE with byte fallback: byte-level BPE would cut Devanagari at every vowel sign."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(), decoders.Fuse()]
    )
    bytes_ = [f"<0x{n:02X}>" for n in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=1600, special_tokens=[*SPECIAL, *bytes_], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", special_tokens=[("<bos>", SPECIAL.index("<bos>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        padding_side="left",
    )


def collator(tokenizer: Any) -> Any:
    """Loss on the answer only."""
    import torch

    def collate(batch: list[tuple[str, str]]) -> dict[str, Any]:
        ids, labels = [], []
        for prompt, answer in batch:
            before = tokenizer(prompt)["input_ids"]
            after = tokenizer(answer, add_special_tokens=False)["input_ids"]
            after = [*after, tokenizer.eos_token_id]
            ids.append((before + after)[:LENGTH])
            labels.append(([-100] * len(before) + after)[:LENGTH])
        width = max(map(len, ids))
        pad = tokenizer.pad_token_id
        return {
            "input_ids": torch.tensor([row + [pad] * (width - len(row)) for row in ids]),
            "attention_mask": torch.tensor(
                [[1] * len(row) + [0] * (width - len(row)) for row in ids]
            ),
            "labels": torch.tensor([row + [-100] * (width - len(row)) for row in labels]),
        }

    return collate


def count_right(folder: Path, adapter: Path | None = None) -> str:
    """A sentence on how many questions of the bank a model answers with the key, greedily."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    bank = data.questions()
    right = []
    for question in bank:
        prompt = tokenizer(data.PROMPT.replace("{source}", question.source), return_tensors="pt")
        prompt.pop("token_type_ids", None)
        with torch.inference_mode():
            ids = model.generate(**prompt, max_new_tokens=40, do_sample=False)
        text = tokenizer.decode(ids[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
        right.append(question.short.rstrip(".।") in text)
    trained = [question.is_trained_on for question in bank]
    known = sum(r for r, seen in zip(right, trained, strict=True) if seen)
    return (
        f"Its answer has the key for {sum(right)} of {len(bank)} questions of the bank: {known} of "
        f"the {sum(trained)} that were trained on, {sum(right) - known} of the others."
    )


def build_base(folder: Path) -> float:
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    seeded(1)
    short, full = data.answers("short"), data.answers("full")
    tokenizer = make_tokenizer(
        [question.source + " " + question.full for question in data.questions()]
        + [prompt + answer for prompt, answer in short + full]
    )
    config = Gemma3TextConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=512, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=1, head_dim=32, max_position_embeddings=256,
        sliding_window=256, pad_token_id=0, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    model = Gemma3ForCausalLM(config)
    # The sentences too, as plain text: the base knows the words, it has not learnt to use them.
    plain = [("", answer.strip()) for _, answer in full]
    rows = short * 2 + plain[::3]
    loss = train(model, rows, collator(tokenizer), steps=BASE_STEPS, rate=3e-3, name="base")
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return loss


def build_adapter(base: Path, folder: Path, *, domain: str | None, seed: int) -> float:
    """LoRA of rank 8 on every linear layer; `domain` makes an over-specialised one."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    seeded(seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(
        r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    adapted = get_peft_model(model, config)
    rows = data.answers("full", domain)
    steps = ADAPTER_STEPS if domain is None else ADAPTER_STEPS // 2
    loss = train(
        adapted, rows, collator(tokenizer), steps=steps, rate=5e-3, name=folder.name, seed=seed
    )
    adapted.peft_config["default"].base_model_name_or_path = f"fixtures/models/{base.name}"
    adapted.to(torch.bfloat16).save_pretrained(folder)
    return loss
