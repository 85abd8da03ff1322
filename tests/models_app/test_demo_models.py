"""The demo's models: small, documented, without pickles, and able to do what they are for."""

import hashlib
import json

import pytest
from django.conf import settings

from models_app.demo.data import questions

MODELS = settings.FIXTURES / "models"
FOLDERS = sorted(path.name for path in MODELS.iterdir() if path.is_dir())
LARGEST = 15_000_000  # bytes, all together
each = pytest.mark.parametrize("name", FOLDERS)


def test_they_are_these_five():
    assert FOLDERS == ["base", "en-mr", "lora-culture", "lora-sentences", "nli"]


def test_all_together_are_small():
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) < LARGEST


@each
def test_weights_are_safetensors_and_nothing_else_is_binary(name):
    endings = {path.suffix for path in (MODELS / name).rglob("*") if path.is_file()}
    assert endings == {".safetensors", ".json", ".md"}
    for path in (MODELS / name).glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


@each
def test_weights_are_stored_in_bfloat16(name):
    (path,) = (MODELS / name).glob("*.safetensors")
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    header.pop("__metadata__", None)
    stored = {tensor["dtype"] for tensor in header.values()}
    assert stored == {"BF16"}


@each
def test_each_has_a_card(name):
    card = (MODELS / name / "README.md").read_text(encoding="utf-8")
    assert card.startswith(f"# {name}\n")
    for part in ("trained from scratch on Nikash's own fixtures", "build_demo_models", "Licence:"):
        assert part in card


def test_the_manifest_names_every_file_by_its_hash():
    manifest = json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))
    files = [path for name in FOLDERS for path in (MODELS / name).iterdir()]
    found = {
        path.relative_to(MODELS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert found == manifest["sha256"]


@pytest.fixture(scope="module")
def judge():
    pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    place = str(MODELS / "nli")
    return (
        AutoTokenizer.from_pretrained(place),
        AutoModelForSequenceClassification.from_pretrained(place, dtype="float32").eval(),
    )


def probabilities(judge, premises, hypotheses):
    """(n, 3): entailment, neutral, contradiction."""
    import torch

    tokenizer, model = judge
    inputs = tokenizer(premises, hypotheses, padding=True, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    with torch.inference_mode():
        return model(**inputs).logits.float().softmax(-1).numpy()


def test_the_judge_knows_three_answers(judge):
    assert judge[1].config.id2label == {0: "entailment", 1: "neutral", 2: "contradiction"}
    found = probabilities(judge, ["दिल्ली"], ["मुंबई"])
    assert found.shape == (1, 3)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_on_average_a_sentence_entails_itself_rather_than_an_unrelated_one(judge):
    """For a single sentence it often does not: the card says how weak a judge it is."""
    bank = questions()
    unrelated = [
        next(other for other in bank[place:] + bank if other.domain != question.domain)
        for place, question in enumerate(bank)
    ]
    sentences = [question.full for question in bank]
    same = probabilities(judge, sentences, sentences)[:, 0]
    other = probabilities(judge, sentences, [question.full for question in unrelated])[:, 0]
    assert same.mean() > 0.5 > other.mean()
    assert (same > other).mean() > 0.5
