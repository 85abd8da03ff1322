import pytest

from common.errors import BadInput
from models_app.training.settings import TrainingSettings


def test_settings_from_a_form_become_numbers():
    made = TrainingSettings.of({"rank": "16", "learning_rate": "1e-4", "use_dora": "true"})
    assert (made.rank, made.learning_rate, made.use_dora) == (16, 1e-4, True)


def test_they_survive_json():
    made = TrainingSettings.of({"bits": 4, "accelerate": {"zero_optimization": {"stage": 2}}})
    assert TrainingSettings.of(made.as_dict()) == made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rnak": 8}, "no training setting 'rnak'; known: rank"),
        ({"rank": "eight"}, "rank must be a whole number, not 'eight'"),
        ({"rank": 1.5}, "rank must be a whole number"),
        ({"rank": 0}, "rank must be at least 1, not 0"),
        ({"bits": 2}, "bits must be one of 4, 8, 16, 32, not 2"),
        ({"learning_rate": 0}, "learning_rate must be above 0"),
        ({"learning_rate": "nan"}, "learning_rate must be above 0"),
        ({"dropout": 1}, "dropout must be at least 0 and below 1"),
        ({"use_dora": "maybe"}, "use_dora must be yes or no"),
        ({"accelerate": "zero2"}, "accelerate must be a JSON object"),
    ],
)
def test_what_cannot_be_says_so(given, words):
    with pytest.raises(BadInput, match=words):
        TrainingSettings.of(given)


@pytest.mark.parametrize(
    ("curve", "greater"),
    [("eval_loss", False), ("eval_chrf", True), ("eval_ter", False), ("perplexity", False)],
)
def test_the_direction_of_the_choosing_curve(curve, greater):
    assert TrainingSettings(choose_by=curve).greater_is_better is greater
