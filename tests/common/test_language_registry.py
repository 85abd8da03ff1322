"""What the registry of languages says, and what it says where it knows nothing."""

import math

import pytest

from common.errors import BadInput
from common.language_registry import FILE, find_language, flores_code, language, languages
from common.scripts import script_counts, share_in_script

# Languages of the studies' data, as their papers and data cards list them.
BACTRIAN = (
    "af ar az bn cs de en es et fa fi fr gl gu he hi hr id it ja ka kk km ko lt lv mk ml mn mr my "
    "ne nl pl ps pt ro ru si sl sv sw ta te th tl tr uk ur vi xh zh"
)
XLSUM = (
    "am ar az bn my zh en fr gu ha hi ig id ja rn ko ky mr ne om ps fa pcm pt pa ru gd sr sr-Latn "
    "si so es sw ta te th ti tr uk ur uz vi cy yo zh-Hant"
)
BENCHMARKS = "ga bg el et ht qu cs kn as or ca"


@pytest.mark.parametrize("tag", sorted(set(f"{BACTRIAN} {XLSUM} {BENCHMARKS}".split())))
def test_every_language_of_the_studies_is_known(tag):
    row = language(tag)
    assert row.tag == tag and row.name and row.native_name and row.family
    assert len(row.script) == 4
    assert row.flores == "" or row.flores.endswith(f"_{row.script}")
    assert row.resource_class in (None, 0, 1, 2, 3, 4, 5)


def test_tags_and_codes_are_unique_and_sorted():
    rows = list(languages().values())
    codes = [row.flores for row in rows if row.flores]
    assert len(codes) == len(set(codes))
    assert [row.tag for row in rows] == sorted(row.tag for row in rows)


def test_the_four_languages_of_the_pages():
    found = [
        (language(tag).flores, language(tag).resource_class) for tag in ("en", "ga", "hi", "mr")
    ]
    assert found == [("eng_Latn", 5), ("gle_Latn", 2), ("hin_Deva", 4), ("mar_Deva", 2)]
    assert language("mr").native_name == "मराठी"


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("mr-IN", "mr"), ("mr_IN", "mr"), ("MR", "mr"), ("mr-Deva", "mr"), ("mar_Deva", "mr"),
        ("sr-Latn-RS", "sr-Latn"), ("sr-Cyrl", "sr"), ("zh-Hant-TW", "zh-Hant"), ("zh-CN", "zh"),
    ],
)  # fmt: skip
def test_a_tag_may_say_more_than_it_needs(written, tag):
    assert language(written).tag == tag


def test_another_script_is_another_language():
    assert find_language("mr-Latn") is None
    assert find_language("hi-Latn") is None


def test_what_is_not_there_is_a_sentence():
    with pytest.raises(BadInput, match=r"'mi' is not in the registry; known, .* mk, ml"):
        language("mi")
    with pytest.raises(BadInput, match=f"add it to common/{FILE.name}"):
        language("")
    with pytest.raises(BadInput, match=r"NLLB has no code for Nigerian Pidgin \(pcm\)"):
        flores_code("pcm")


def test_flores_codes_are_those_of_the_library():
    nllb = pytest.importorskip("transformers.models.nllb.tokenization_nllb")
    codes = {row.flores for row in languages().values() if row.flores}
    assert codes - set(nllb.FAIRSEQ_LANGUAGE_CODES) == set()


def test_scripts_are_counted_by_letters():
    counts = script_counts("LoRA म्हणजे काय? 123 ԱБ")
    assert counts == {"Latn": 4, "Deva": 9, "Armn": 1, "Cyrl": 1}
    assert share_in_script(counts, "Deva") == 9 / 15
    assert share_in_script(script_counts("日本語のテスト"), "Jpan") == 1
    assert share_in_script(script_counts("中文a"), "Hans") == 2 / 3
    assert math.isnan(share_in_script(script_counts("12, 3"), "Latn"))
