"""Merging, composing and publishing what was trained."""

import json
from pathlib import Path
from typing import Any

import pytest

from common.errors import BadInput, NikashError
from models_app.backends.base import Producer, Weights
from models_app.checkpoints import register_adapter, register_checkpoint, register_system
from models_app.models import Adapter, Checkpoint, System, TrainingRun
from models_app.training.card import missing_fields
from models_app.training.compose import compose_adapters, search, search_composition
from models_app.training.merge import merge_adapter
from models_app.training.publish import publish_run, publish_to_folder, publish_to_hub
from tests.models_app.small_models import MODELS, QUESTIONS, answers, causal, registered, weights
from tests.models_app.training.training import questions, trained

torch = pytest.importorskip("torch", reason="torch is not installed; see the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]
PROMPT = "question_mr"


def adapter(name: str, **fields: str) -> Adapter:
    base = Checkpoint.objects.filter(name="base").first() or registered()
    location = str(MODELS / name)
    return register_adapter(name=name, checkpoint=base, location=location, **fields)


def two() -> list[Adapter]:
    return [adapter("lora-sentences", licence="MIT"), adapter("lora-culture")]


def texts(producer: Producer, n: int = 12) -> list[str]:
    return [answer.text for answer in answers(producer, QUESTIONS[:n])]


def by(made: Adapter) -> Producer:
    decoding = {"max_new_tokens": 40}
    return Producer(made.name, weights("base"), adapter=Weights(made.location), decoding=decoding)


def test_a_merged_checkpoint_answers_as_its_adapter_did():
    made = merge_adapter(adapter("lora-sentences", licence="MIT"), name="merged")
    alone = Producer("m", Weights(made.location), decoding={"max_new_tokens": 40})
    assert texts(alone) == texts(causal("lora-sentences"))
    assert made.licence == "MIT"
    assert merge_adapter(Adapter.objects.get(), name="merged") == made
    with pytest.raises(BadInput, match="'merged' exists and was made otherwise"):
        merge_adapter(Adapter.objects.get(), name="merged", bits=16)


def test_an_adapter_of_a_quantised_base_is_merged_into_the_base_as_published():
    run = trained(settings={"bits": 4})
    assert run.adapter
    made = merge_adapter(run.adapter, name="merged", bits=16)
    config = json.loads((Path(made.location) / "config.json").read_text())
    assert config["dtype"] == "bfloat16" and "quantization_config" not in config


@pytest.mark.parametrize("combination", ["linear", "cat", "svd"])
def test_all_of_one_adapter_and_nothing_of_another_is_that_one(combination: str):
    first, second = two()
    made = compose_adapters({first: 1.0, second: 0.0}, name="all", combination=combination)
    assert texts(by(made)) == texts(causal("lora-sentences"))
    assert made.config["r"] == {"linear": 8, "cat": 16, "svd": 8}[combination]
    assert made.licence == "MIT"


def test_concatenating_is_the_weighted_sum_of_what_each_adds():
    from models_app.training.weights import load_base, put_on

    first, second = two()
    made = compose_adapters({first: 0.7, second: -0.4}, name="sum", combination="cat")

    def change(adapter: Adapter) -> Any:
        layer = put_on(load_base(adapter.checkpoint), adapter).base_model.model.model.layers[1]
        return layer.mlp.down_proj.get_delta_weight("default")

    wanted = 0.7 * change(first) - 0.4 * change(second)
    assert torch.allclose(change(made), wanted, atol=1e-5)


def test_weights_are_found_that_do_better_than_equal_ones():
    first, second = two()
    corpus = questions()
    examples = list(corpus.examples.filter(split="train")[:8])
    made = search_composition(
        [first, second], examples, name="found", prompt=PROMPT, n_tries=10, seed=2
    )
    card = json.loads((Path(made.location) / "run_card.json").read_text())
    found = card["recipe"]["found"]
    assert len(found["tried"]) == 10
    assert found["value"] == min(value for _, value in found["tried"]) < found["tried"][0][1]
    again = search_composition(
        [first, second], examples, name="found", prompt=PROMPT, n_tries=10, seed=2
    )
    assert again == made


def test_the_search_finds_the_bottom_of_a_bowl():
    found = search(
        lambda w: (w[0] - 0.9) ** 2 + (w[1] + 0.4) ** 2, 2, seed=1, n_tries=200, penalty=0.0
    )
    assert found.weights == pytest.approx([0.9, -0.4], abs=0.02)
    same = search(
        lambda w: (w[0] - 0.9) ** 2 + (w[1] + 0.4) ** 2, 2, seed=1, n_tries=200, penalty=0.0
    )
    assert same == found


def test_adapters_that_cannot_be_composed_are_refused():
    first, second = two()
    with pytest.raises(BadInput, match="at least two adapters"):
        compose_adapters({first: 1.0}, name="x")
    with pytest.raises(BadInput, match="no combination 'sum'"):
        compose_adapters({first: 1.0, second: 1.0}, name="x", combination="sum")
    run = trained(settings={"rank": 4})
    assert run.adapter
    with pytest.raises(BadInput, match="several ranks cannot be added linearly"):
        compose_adapters({first: 1.0, run.adapter: 1.0}, name="x")


def with_licence() -> Checkpoint:
    base = registered()
    return register_checkpoint(
        name="base", location=base.location, architecture="causal", licence="Apache-2.0"
    )


def licensed() -> Any:
    return trained(checkpoint=with_licence())


def test_a_run_without_a_licence_of_its_base_is_not_published():
    run = trained()
    assert missing_fields(run.card) == ["base.licence"]
    with pytest.raises(BadInput, match=r"these fields of its card are empty: base\.licence$"):
        publish_run(run)
    run.refresh_from_db()
    assert run.card["publications"][0]["error"].startswith("tuned cannot be published")
    with_licence()
    run = TrainingRun.objects.get()
    text = (Path(publish_run(run)) / "README.md").read_text(encoding="utf-8")
    assert "Licence: **Apache-2.0 AND CC-BY-4.0**" in text


def test_an_imported_adapter_says_what_its_card_lacks():
    with pytest.raises(BadInput, match=r"card are empty: licence of lora-culture, made_at, lice"):
        publish_to_folder(adapter("lora-culture"))


def test_a_run_is_published_to_a_folder_with_its_card():
    run = licensed()
    assert run.adapter and missing_fields(run.card) == []
    place = Path(publish_run(run))
    text = (place / "README.md").read_text(encoding="utf-8")
    assert "Licence: **Apache-2.0 AND CC-BY-4.0**" in text
    assert 'license_name: "Apache-2.0 AND CC-BY-4.0"' in text
    assert run.card["data"]["hash"] in text and "library_name: peft" in text
    card = json.loads((place / "run_card.json").read_text(encoding="utf-8"))
    assert card["settings"] == run.settings
    names = {path.name for path in place.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors"} <= names
    assert not any(name.startswith(("optimizer", "training_args", "rng")) for name in names)
    with pytest.raises(BadInput, match="exists already"):
        publish_run(run)


def test_what_is_merged_and_composed_is_published_with_the_cards_of_its_parents():
    run = licensed()
    assert run.adapter
    place = publish_to_folder(merge_adapter(run.adapter, name="merged"))
    assert "## tuned" in (place / "README.md").read_text(encoding="utf-8")
    other = compose_adapters(
        {run.adapter: 0.5, adapter("lora-sentences", licence="MIT"): 0.5}, name="both"
    )
    with pytest.raises(BadInput, match=r"lora-sentences: made_at"):
        publish_to_folder(other)


def test_a_hub_that_is_down_is_a_sentence_and_changes_nothing(monkeypatch: Any, data_folder: Path):
    run = licensed()
    assert run.adapter
    with pytest.raises(BadInput, match="set HF_TOKEN"):
        publish_to_hub(run.adapter, "team/tuned")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    before = sorted(data_folder.rglob("*"))
    with pytest.raises(NikashError, match="team/tuned was not published: the hub cannot be rea"):
        publish_run(run, "team/tuned")
    run.refresh_from_db()
    assert "hf_secret" not in json.dumps(run.card)
    assert sorted(data_folder.rglob("*")) == before
    with pytest.raises(BadInput, match="write owner/name"):
        publish_to_hub(run.adapter, "tuned")


def test_a_hub_takes_the_folder_with_its_card(monkeypatch: Any):
    import huggingface_hub

    taken: dict[str, Any] = {}

    class Hub:
        def __init__(self, token: str) -> None:
            taken["token"] = token

        def create_repo(self, name: str, **options: Any) -> None:
            taken["repo"] = (name, options["private"])

        def upload_folder(self, *, repo_id: str, folder_path: Path, commit_message: str) -> Any:
            taken["files"] = {path.name for path in folder_path.iterdir()}
            return type("Commit", (), {"commit_url": f"https://hub/{repo_id}/commit/1"})

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    run = licensed()
    assert publish_run(run, "team/tuned") == "https://hub/team/tuned/commit/1"
    assert taken["repo"] == ("team/tuned", True)
    assert {"README.md", "run_card.json", "adapter_model.safetensors"} <= taken["files"]


def test_a_made_adapter_serves_in_a_system():
    first, second = two()
    made = compose_adapters({first: 0.5, second: 0.5}, name="half")
    register_system(name="s", backend="huggingface", checkpoint=made.checkpoint, adapter=made)
    assert System.objects.get().adapter == made
