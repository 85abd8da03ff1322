"""A real, tiny, untrained NLI checkpoint, made once; it says nothing true but says it always."""

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
