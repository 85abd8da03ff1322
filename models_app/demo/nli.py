"""A three-way entailment classifier of XLM-R's architecture."""

from pathlib import Path
from typing import Any

from models_app.demo import data
from models_app.demo.training import seeded, train

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
STEPS = 420
LABELS = {0: "entailment", 1: "neutral", 2: "contradiction"}


def _tokenizer(texts: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", cls_token="<s>", pad_token="<pad>",
        eos_token="</s>", sep_token="</s>", unk_token="<unk>", model_max_length=128,
    )  # fmt: skip


def build(folder: Path) -> tuple[float, float]:
    """Train, save; (loss, accuracy on held-out pairs)."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    seeded(3)
    pairs = data.inferences(seed=3)
    held, rows = pairs[:200], pairs[200:]
    tokenizer = _tokenizer(
        [text for premise, hypothesis, _ in pairs for text in (premise, hypothesis)]
    )
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer), hidden_size=96, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=132, type_vocab_size=1, pad_token_id=1,
        bos_token_id=0, eos_token_id=2, num_labels=3, id2label=LABELS,
        label2id={name: number for number, name in LABELS.items()},
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = XLMRobertaForSequenceClassification(config)

    def collate(batch: list[tuple[str, str, int]]) -> dict[str, Any]:
        premises, hypotheses, labels = zip(*batch, strict=True)
        inputs = tokenizer(
            list(premises), list(hypotheses), padding=True, truncation=True, return_tensors="pt"
        )
        inputs.pop("token_type_ids", None)
        return {**inputs, "labels": torch.tensor(labels)}

    loss = train(model, rows, collate, steps=STEPS, rate=1.5e-3, name="nli", seed=3)
    with torch.inference_mode():
        inputs = collate(held)
        right = (model(**inputs).logits.argmax(-1) == inputs["labels"]).float().mean()
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return loss, float(right)
