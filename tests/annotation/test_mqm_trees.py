"""Category trees, shipped or a campaign's own, and the weights of their categories."""

import json
from typing import Any

import pytest

from annotation.mqm import load_tree, paths, rolled_up, tree_names, worded_tree
from annotation.protocols import PROTOCOLS
from annotation.scoring import Error, mqm_penalty, profile_of
from annotation.wording import FIXTURES
from common.errors import BadInput

LANGUAGES = {"en", "mr", "hi", "ga"}
LEAVES = json.loads((FIXTURES / "mqm" / "leaves.json").read_text("utf-8"))["languages"]
OWN = {
    "categories": [
        {
            "name": "Culture",
            "label": {"en": "Culture", "mr": "संस्कृती"},
            "children": [{"name": "Festival", "children": [{"name": "Diwali"}]}],
        },
        {"name": "Missing", "side": "source"},
        {"name": "Rest", "needs_note": True},
    ]
}


def own(*categories: Any) -> dict[str, Any]:
    return {"categories": list(categories)}


def deep(*names: str) -> dict[str, Any]:
    node: dict[str, Any] = {"name": names[-1]}
    for name in reversed(names[:-1]):
        node = {"name": name, "children": [node]}
    return node


def test_the_shipped_trees_are_those_of_wmt_and_of_the_core():
    assert tree_names() == ["google", "claims", "core"]
    google, core = (dict(paths(load_tree(name))) for name in ("google", "core"))
    assert {"Accuracy/Mistranslation", "Fluency/Punctuation", "Other"} <= set(google)
    assert "Audience appropriateness/Culture-specific reference" in core
    assert google["Other"]["needs_note"] and core["Other"]["needs_note"]


@pytest.mark.parametrize("tree", ["google", "core"])
@pytest.mark.parametrize("language", ["mr", "ga"])
def test_the_leaves_of_a_language_hang_under_categories_of_the_tree(tree, language):
    plain, grown = dict(paths(load_tree(tree))), dict(paths(load_tree(tree, language)))
    new = set(grown) - set(plain)
    expected = {f"{leaf['parent'][tree]}/{leaf['name']}" for leaf in LEAVES[language]}
    assert new == expected and set(plain) <= set(grown)
    assert {rolled_up(path) for path in new} <= set(plain)
    assert load_tree(tree) != load_tree(tree, language) == load_tree(tree, f"{language}-IN")


def test_a_tree_of_which_a_language_has_no_leaves_stays_as_it_is():
    assert load_tree("claims", "mr") == load_tree("claims")


@pytest.mark.parametrize("tree", tree_names())
@pytest.mark.parametrize("leaves", ["", "mr", "ga"])
def test_every_category_is_worded_in_four_languages_and_fits_the_database(tree, leaves):
    for path, node in paths(load_tree(tree, leaves)):
        assert set(node["label"]) == LANGUAGES, path
        assert all(wording.strip() for wording in node["label"].values()), path
        assert len(path) <= 120


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_page_is_shown_every_category_in_its_language(language):
    def labels(nodes):
        return [(n["path"], n["label"], labels(n["children"])) for n in nodes]

    def worded(nodes, above=""):
        found = [(f"{above}{n['name']}", n) for n in nodes]
        return [(p, n["label"][language], worded(n["children"], f"{p}/")) for p, n in found]

    tree = load_tree("core", "mr")
    assert labels(worded_tree(tree, language)) == worded(tree)


def test_a_category_rolls_up_to_its_parent():
    assert rolled_up("Fluency/Grammar/Case marker") == "Fluency/Grammar"
    assert rolled_up("Fluency/Grammar/Case marker", depth=1) == "Fluency"
    assert rolled_up("Other") == "Other"


def test_a_campaign_may_have_a_tree_of_its_own():
    protocol = PROTOCOLS.get("mqm")({"tree": OWN})
    assert list(protocol.categories) == [
        "Culture", "Culture/Festival", "Culture/Festival/Diwali", "Missing", "Rest",
    ]  # fmt: skip
    culture, missing, rest = protocol.form("mr")["tree"]
    assert culture["label"] == "संस्कृती" and culture["children"][0]["label"] == "Festival"
    assert missing["side"] == "source" and rest["needsNote"] and not missing["needsNote"]


@pytest.mark.parametrize(
    "tree, sentence",
    [
        ("freitag", "no category tree 'freitag'; known: google, claims, core"),
        ("../scales/esa", "no category tree"),
        ("leaves", "no category tree"),
        (None, "a category tree is"),
        ([], "a category tree is"),
        (own(), "a category tree is"),
        (own("Style"), "needs a name of 1 to 40 characters"),
        (own({"label": "x"}), "needs a name"),
        (own({"name": " "}), "needs a name"),
        (own({"name": "a/b"}), "without slashes"),
        (own({"name": "a\0"}), "needs a name"),
        (own({"name": "x" * 41}), "1 to 40 characters"),
        (own(deep("x" * 40, "y" * 40, "z" * 39)), "has 121 characters; 120 is the most"),
        (own({"name": "A"}, {"name": " A"}), "two categories have the name 'A'"),
        (own({"name": "A", "children": [{"name": "b"}, {"name": "b"}]}), "A: two categories"),
        (own({"name": "A", "children": [{"name": ["b"]}]}), "A: a category needs a name"),
        (own({"name": "A", "children": "b"}), "A: children are a list"),
        (own({"name": "A", "children": 5}), "A: children are a list"),
        (own(deep("A", "b", "c", "d")), "A/b/c: a tree has 3 levels at most"),
        (own({"name": "A", "side": "margin"}), "A: side is source, target or left out"),
        (own({"name": "A", "side": ["source"]}), "A: side is source"),
        (own({"name": "A", "label": {"mr": "अ"}}), "A: a label in several languages has one in En"),
        (own({"name": "A", "label": {"en": ""}}), "A: a label is text"),
        (own({"name": "A", "label": ["A"]}), "A: a label is text"),
        (own({"name": "Non-translation!"}), "asks for that already"),
        (own(deep("A", "non-translation")), "asks for that already"),
        (own(*[{"name": str(n)} for n in range(301)]), "300 is the most"),
        (own(*[deep(str(n), "b") for n in range(151)]), "more than 300 categories"),
    ],
)
def test_a_tree_that_cannot_be_used_is_refused_with_a_sentence(tree, sentence):
    with pytest.raises(BadInput, match=sentence):
        PROTOCOLS.get("mqm")({"tree": tree})


def test_leaves_name_a_language():
    assert load_tree("core", "eu") == load_tree("core")
    with pytest.raises(BadInput, match="leaves name a language, such as mr, not 5"):
        PROTOCOLS.get("mqm")({"leaves": 5})


def test_a_campaign_may_have_weights_of_its_own():
    given = {"name": "strict", "weights": {"Major": 3, "Minor / Style!": 0.5, "critical": 9}}
    profile = profile_of(given)
    assert profile.name == "strict"
    assert profile.penalty("major", "Accuracy") == 3
    assert profile.penalty("minor", "style/Awkward") == 0.5
    assert profile.penalty("minor", "Accuracy") == 0
    assert PROTOCOLS.get("mqm")({"weights": given}).profile == profile
    assert profile_of({"weights": {"minor": 1}}).name == "custom"


def test_weights_for_a_non_translation_are_found_however_they_are_spelt():
    profile = profile_of({"weights": {"major": 5, "Major/Non-translation!": 40}})
    assert mqm_penalty([Error("major", "Style"), Error("major", "Non-translation!")], profile) == 40


@pytest.mark.parametrize("severity", ["minor", "major", "critical"])
@pytest.mark.parametrize("name", ["google", "adaptmllm"])
def test_a_non_translation_weighs_25_whatever_its_severity(name, severity):
    assert profile_of(name).penalty(severity, "Non-translation!") == 25.0


@pytest.mark.parametrize(
    "given, sentence",
    [
        ("bing", "no weight profile 'bing'; known: adaptmllm, google"),
        (5, "a weight profile is"),
        ({}, "a weight profile is"),
        ({"weights": {}}, "a weight profile is"),
        ({"weights": [5]}, "a weight profile is"),
        ({"weights": {"major": -1}}, "the weight of 'major' is -1; write a number from 0"),
        ({"weights": {"major": "5"}}, "the weight of 'major' is '5'"),
        ({"weights": {"major": True}}, "the weight of 'major' is True"),
        ({"weights": {"major": float("nan")}}, "the weight of 'major' is nan"),
        ({"weights": {"major": float("inf")}}, "the weight of 'major' is inf"),
        ({"weights": {"major": 10**400}}, "the weight of 'major' is 1000"),
        ({"weights": {"majro": 5}}, "not for 'majro'"),
        ({"weights": {"": 5}}, "a weight is for neutral, minor, major, critical"),
        ({"weights": {"major": 5, "Major": 6}}, "two weights are for the same errors"),
    ],
)
def test_weights_that_cannot_be_used_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(BadInput, match=sentence):
        profile_of(given)
