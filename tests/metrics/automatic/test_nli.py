"""Entailment by a real, tiny, untrained checkpoint: the plumbing, not the opinion."""

import json
import shutil
from pathlib import Path

import pytest

from common.errors import BadInput, NotFound
from metrics.automatic import NLI, Pair
from metrics.automatic.nli import ENVIRONMENT, load_judge

PAIRS = [
    Pair("a dog", "the cat sat", ("the cat sat on the mat",)),
    Pair("the mat", "a dog ran here", ("मराठी भाषा आहे", "a dog")),
    Pair("the cat", "मराठी", ("the",)),
]


def ask(folder: Path, premise: str, hypothesis: str) -> float:
    """The same question put to the checkpoint directly, one at a time."""
    import torch

    judge = load_judge(str(folder), "")
    question = judge.tokenizer(premise, hypothesis, return_tensors="pt").to(judge.model.device)
    with torch.inference_mode():
        return float(judge.model(**question).logits.softmax(-1)[0, 2])


def test_a_batch_gives_what_each_question_gives_alone(nli_checkpoint: Path):
    metric = NLI(checkpoint=str(nli_checkpoint), batch_size=2)
    scores = metric.segment_scores(metric.statistics(PAIRS))
    expected = [
        max(ask(nli_checkpoint, reference, pair.hypothesis) for reference in pair.references)
        for pair in PAIRS
    ]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert metric.score(metric.statistics(PAIRS)) == pytest.approx(sum(expected) / 3, abs=1e-5)


def test_the_direction_says_who_is_the_premise(nli_checkpoint: Path):
    pair = PAIRS[0]
    wanted = {
        "reference_to_output": (pair.references[0], pair.hypothesis),
        "output_to_reference": (pair.hypothesis, pair.references[0]),
        "source_to_output": (pair.source, pair.hypothesis),
    }
    for direction, question in wanted.items():
        metric = NLI(checkpoint=str(nli_checkpoint), direction=direction)
        score = metric.score(metric.statistics([pair]))
        assert score == pytest.approx(ask(nli_checkpoint, *question), abs=1e-5)
        assert f"dir:{direction}" in metric.signature()
    with pytest.raises(BadInput, match="no direction called 'backwards'"):
        NLI(direction="backwards")


def test_the_source_can_be_the_premise_without_any_reference(nli_checkpoint: Path):
    metric = NLI(checkpoint=str(nli_checkpoint), direction="source_to_output")
    assert metric.statistics([Pair("the cat", "a dog")]).shape == (1, 2)


def test_a_text_too_long_is_cut(nli_checkpoint: Path):
    metric = NLI(checkpoint=str(nli_checkpoint))
    assert metric.statistics([Pair("", "cat " * 90, ("dog " * 90,))])[0, 0] >= 0
    assert "maxlen:32" in metric.signature()


def test_the_signature_follows_the_weights(nli_checkpoint: Path, tmp_path: Path):
    import torch
    from transformers import AutoModelForSequenceClassification

    changed = tmp_path / "tiny-nli"
    shutil.copytree(nli_checkpoint, changed)
    model = AutoModelForSequenceClassification.from_pretrained(changed)
    with torch.no_grad():
        model.classifier.bias += 0.5
    model.save_pretrained(changed)
    first = NLI(checkpoint=str(nli_checkpoint)).signature()
    second = NLI(checkpoint=str(changed)).signature()
    assert first != second
    assert "ckpt:tiny-nli" in first and "label:ENTAILMENT" in first and str(tmp_path) not in second
    assert first == NLI(checkpoint=str(nli_checkpoint)).signature()


def test_a_checkpoint_without_entailment_is_refused(nli_checkpoint: Path, tmp_path: Path):
    folder = tmp_path / "sentiment"
    shutil.copytree(nli_checkpoint, folder)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "negative", "1": "not_entailment", "2": "positive"}
    config["label2id"] = {"negative": 0, "not_entailment": 1, "positive": 2}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="labels negative, not_entailment, positive; none is"):
        NLI(checkpoint=str(folder)).statistics(PAIRS)
    named = NLI(checkpoint=str(folder), entailment_label="positive")
    original = NLI(checkpoint=str(nli_checkpoint))
    assert named.score(named.statistics(PAIRS)) == original.score(original.statistics(PAIRS))


def test_without_a_checkpoint_it_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(BadInput, match="set NIKASH_NLI_CHECKPOINT to a folder or hub id"):
        NLI().statistics(PAIRS)


def test_a_folder_without_a_checkpoint_is_named(tmp_path: Path):
    pytest.importorskip("transformers", reason="NLI needs transformers")
    with pytest.raises(NotFound, match="could be loaded from"):
        NLI(checkpoint=str(tmp_path)).statistics(PAIRS)
