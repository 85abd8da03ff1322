"""What a dataset, and what a model, may be called."""

import pytest
from django.core.exceptions import ValidationError

from models_app.models.dataset import model_name_validator, name_validator

NEVER = ["", " x", "x ", "..", "a\\b", "<b>", "a\nb", "x" * 101, "a\u202eb"]


@pytest.mark.parametrize("name", ["google/gemma-2b", "base + lora", "a/b/c", "नमुना/एक", "x" * 100])
def test_models_are_called_as_they_were_published(name):
    model_name_validator(name)


@pytest.mark.parametrize("name", [*NEVER, "/a", "a/", "../a", "a/../b", "a//b", "a/.b", ".a"])
def test_a_model_name_is_no_path(name):
    with pytest.raises(ValidationError, match="owner/name"):
        model_name_validator(name)


@pytest.mark.parametrize("name", [*NEVER, "google/gemma-2b"])
def test_other_names_have_no_slash(name):
    with pytest.raises(ValidationError, match="without slashes"):
        name_validator(name)
