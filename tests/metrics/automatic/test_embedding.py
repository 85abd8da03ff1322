"""Greedy matching with a real, tiny, untrained encoder: the arithmetic, not the opinion."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from common.errors import BadInput, NotFound
from metrics.automatic import Embedding, Pair
from metrics.automatic.embedding import ENVIRONMENT
from metrics.automatic.encoder import load_encoder

PAIRS = [
    Pair("", "the cat sat", ("the cat sat on the mat",)),
    Pair("", "a dog ran here", ("मराठी भाषा आहे", "a dog")),
    Pair("", "", ("the",)),
]


def by_hand(folder: Path, hypothesis: str, reference: str) -> tuple[float, float]:
    """Precision and recall from each text alone, token by token."""
    import torch

    encoder = load_encoder(str(folder))
    sides = []
    for text in (hypothesis, reference):
        with torch.inference_mode():
            batch = encoder.tokenizer(text, return_tensors="pt").to(encoder.model.device)
            sides.append(encoder.model(**batch).last_hidden_state[0, 1:-1].cpu())
    cosine = torch.nn.functional.cosine_similarity
    table = [[float(cosine(h, r, dim=0)) for r in sides[1]] for h in sides[0]]
    precision = np.mean([max(row) for row in table])
    recall = np.mean([max(column) for column in zip(*table, strict=True)])
    return float(precision), float(recall)


def test_it_matches_each_token_with_the_nearest(encoder_checkpoint: Path):
    rows = Embedding(checkpoint=str(encoder_checkpoint)).statistics(PAIRS)
    precision, recall = by_hand(encoder_checkpoint, "the cat sat", "the cat sat on the mat")
    f1 = 2 * precision * recall / (precision + recall)
    assert rows[0] == pytest.approx([precision, recall, f1, 1], abs=1e-5)
    assert rows[2].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("part", "column"), [("precision", 0), ("recall", 1), ("f1", 2)])
def test_each_part_can_be_the_score(encoder_checkpoint: Path, part: str, column: int):
    metric = Embedding(checkpoint=str(encoder_checkpoint), part=part)
    rows = metric.statistics(PAIRS)
    assert metric.score(rows) == pytest.approx(rows[:, column].mean())
    assert f"|part:{part}|" in metric.signature()


def test_the_best_reference_counts(encoder_checkpoint: Path):
    metric = Embedding(checkpoint=str(encoder_checkpoint))
    alone = [
        metric.score(metric.statistics([Pair("", "a dog ran here", (reference,))]))
        for reference in PAIRS[1].references
    ]
    assert metric.statistics(PAIRS)[1, 2] == pytest.approx(max(alone), abs=1e-6)


def test_swapping_the_texts_swaps_precision_and_recall(encoder_checkpoint: Path):
    metric = Embedding(checkpoint=str(encoder_checkpoint))
    there = metric.statistics([Pair("", "the cat sat", ("a dog ran here",))])[0]
    back = metric.statistics([Pair("", "a dog ran here", ("the cat sat",))])[0]
    assert there[[0, 1, 2]] == pytest.approx(back[[1, 0, 2]], abs=1e-6)


def test_batches_and_layers(encoder_checkpoint: Path):
    rows = [
        Embedding(checkpoint=str(encoder_checkpoint), batch_size=size).statistics(PAIRS)
        for size in (1, 32)
    ]
    assert rows[0] == pytest.approx(rows[1], abs=1e-5)
    first = Embedding(checkpoint=str(encoder_checkpoint), layer=0)
    assert not np.allclose(first.statistics(PAIRS), rows[0])
    assert "|layer:0|" in first.signature()
    assert "|layer:2|" in Embedding(checkpoint=str(encoder_checkpoint)).signature()
    with pytest.raises(BadInput, match="has 2 layers and no layer 9; write a number from 0 to 2"):
        Embedding(checkpoint=str(encoder_checkpoint), layer=9).statistics(PAIRS)


def test_a_long_text_is_cut_where_the_checkpoint_ends(encoder_checkpoint: Path):
    metric = Embedding(checkpoint=str(encoder_checkpoint))
    assert metric.statistics([Pair("", "cat " * 90, ("dog " * 90,))])[0, 3] == 1
    assert "maxlen:32" in metric.signature()


def test_the_signature_follows_the_weights_and_hides_the_folder(
    encoder_checkpoint: Path, tmp_path: Path
):
    import torch
    from transformers import AutoModel

    changed = tmp_path / "tiny-encoder"
    shutil.copytree(encoder_checkpoint, changed)
    model = AutoModel.from_pretrained(changed)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight += 0.5
    model.save_pretrained(changed)
    signatures = [Embedding(checkpoint=str(f)).signature() for f in (encoder_checkpoint, changed)]
    assert signatures[0] != signatures[1] and str(tmp_path) not in signatures[1]


def test_without_an_encoder_it_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(BadInput, match="set NIKASH_ENCODER_CHECKPOINT to a folder"):
        Embedding().statistics(PAIRS)
    pytest.importorskip("transformers", reason="needs transformers")
    with pytest.raises(NotFound, match="no encoder could be loaded from"):
        Embedding(checkpoint=str(tmp_path)).statistics(PAIRS)
    with pytest.raises(BadInput, match="no part called 'f2'; write one of precision, recall, f1"):
        Embedding(part="f2")
