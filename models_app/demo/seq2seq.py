"""A small English-Marathi translator of NLLB's architecture, with its language codes."""

from pathlib import Path
from typing import Any

from models_app.demo import data
from models_app.demo.training import seeded, train

STEPS = 420
SOURCE, TARGET = "eng_Latn", "mar_Deva"


def _tokenizer(texts: list[str]) -> Any:
    import json

    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import NllbTokenizer

    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trained.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=1500, special_tokens=special, show_progress=False)
    )
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    return NllbTokenizer(
        vocab=model["vocab"],
        merges=merges,
        src_lang=SOURCE,
        tgt_lang=TARGET,
        additional_special_tokens=[SOURCE, TARGET],
    )


def build(folder: Path) -> float:
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    seeded(4)
    rows, _ = data.translations()
    tokenizer = _tokenizer([text for pair in rows for text in pair])
    config = M2M100Config(
        vocab_size=len(tokenizer), d_model=96, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=256,
        decoder_ffn_dim=256, max_position_embeddings=128, dropout=0.1, attention_dropout=0.0,
        encoder_layerdrop=0.0, decoder_layerdrop=0.0, pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
        decoder_start_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    model = M2M100ForConditionalGeneration(config)

    def collate(batch: list[tuple[str, str]]) -> dict[str, Any]:
        sources, targets = zip(*batch, strict=True)
        inputs = tokenizer(
            list(sources), text_target=list(targets), padding=True, return_tensors="pt"
        )
        labels = inputs["labels"]
        return {**inputs, "labels": labels.masked_fill(labels == tokenizer.pad_token_id, -100)}

    loss = train(model, rows, collate, steps=STEPS, rate=3e-3, name="en-mr", seed=4)
    model.generation_config.forced_bos_token_id = tokenizer.convert_tokens_to_ids(TARGET)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return loss
