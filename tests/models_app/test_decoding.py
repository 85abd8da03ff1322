"""Which decoding settings a local model takes."""

import pytest

from common.errors import BadInput
from models_app.backends.decoding import check_decoding


@pytest.mark.parametrize(
    "decoding",
    [
        {},
        {"max_new_tokens": 1, "do_sample": True, "temperature": 0.7, "top_p": 1, "top_k": 0},
        {"num_beams": 4, "length_penalty": -0.5, "no_repeat_ngram_size": 3, "seed": 0},
        {"src_lang": "eng_Latn", "tgt_lang": "mar_Deva", "repetition_penalty": 1.2},
    ],
)
def test_it_takes_what_can_be_used(decoding):
    check_decoding(decoding)


def test_it_names_the_settings_it_does_not_know():
    with pytest.raises(BadInput, match="no decoding setting colour, size; known: max_new_tokens,"):
        check_decoding({"size": 1, "max_new_tokens": 3, "colour": "red"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("max_new_tokens", "many", "max_new_tokens is 'many'; write a whole number from 1 to"),
        ("max_new_tokens", 0, "whole number from 1"),
        ("max_new_tokens", True, "whole number from 1"),
        ("max_new_tokens", None, "whole number from 1"),
        ("num_beams", 0, "whole number from 1"),
        ("num_beams", 1.5, "whole number from 1"),
        ("seed", -1, "whole number from 0"),
        ("seed", 10**30, "whole number from 0"),
        ("temperature", 0, "temperature is 0; write a number above 0"),
        ("temperature", float("nan"), "a number above 0"),
        ("temperature", float("inf"), "a number above 0"),
        ("length_penalty", float("-inf"), "a number"),
        ("top_p", 1.1, "a number above 0, up to 1"),
        ("do_sample", "yes", "do_sample is 'yes'; write true or false"),
        ("tgt_lang", "", "a language of the model"),
        ("src_lang", ["eng_Latn"], "a language of the model"),
    ],
)
def test_it_says_what_to_write_instead(name, value, sentence):
    with pytest.raises(BadInput, match=sentence):
        check_decoding({name: value})
