"""A real, tiny, untrained NLI checkpoint, made once; it says nothing true but says it always."""

import shlex
import sys
from pathlib import Path

import pytest

WORDS = "[PAD] [UNK] [CLS] [SEP] the cat sat on mat a dog ran here 1 0 मराठी भाषा आहे"


@pytest.fixture(scope="session")
def nli_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch", reason="NLI needs torch")
    transformers = pytest.importorskip("transformers", reason="NLI needs transformers")
    tokenizers = pytest.importorskip("tokenizers", reason="NLI needs tokenizers")
    folder = tmp_path_factory.mktemp("nli") / "tiny-nli"
    vocabulary = {word: i for i, word in enumerate(WORDS.split())}
    core = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    core.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    core.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=32,
    ).save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=1.0,
        id2label={0: "contradiction", 1: "neutral", 2: "ENTAILMENT"},
        label2id={"contradiction": 0, "neutral": 1, "ENTAILMENT": 2},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def encoder_checkpoint(tmp_path_factory: pytest.TempPathFactory, nli_checkpoint: Path) -> Path:
    """A tiny untrained encoder with the same words."""
    import torch
    import transformers

    folder = tmp_path_factory.mktemp("encoder") / "tiny-encoder"
    tokenizer = transformers.AutoTokenizer.from_pretrained(nli_checkpoint)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(8)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=1.0,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


SCORER = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    words = [set(asked[name].split()) for name in ("hypothesis", "reference")]
    print(len(words[0] & words[1]) / max(1, len(words[0] | words[1])))
"""


@pytest.fixture(scope="session")
def scorer_command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A command that answers with the share of words in common."""
    path = tmp_path_factory.mktemp("scorer") / "scorer.py"
    path.write_text(SCORER, encoding="utf-8")
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"
