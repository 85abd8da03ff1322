"""Scores share a column only where everything but the system is the same."""

import pytest

from metrics.automatic import BLEU, ChrF, Pair, RougeL
from metrics.automatic.comparability import Entry, parts_of, why_not

SIGNATURE = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"


def entry(system: str, signature: str = SIGNATURE, **more) -> Entry:
    return Entry(system, "bleu", signature, **more)


def test_the_same_metric_on_the_same_segments_may_be_compared():
    assert why_not([]) == []
    assert why_not([entry("a")]) == []
    assert why_not([entry(name, segments=(12, 78), n=12) for name in "abc"]) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tok:13a", "tok:intl", "tokenizer intl instead of 13a"),
        ("case:mixed", "case:lc", "case lc instead of mixed"),
        ("nrefs:1", "nrefs:2", "number of references 2 instead of 1"),
        ("version:2.6.0", "version:2.4.3", "version 2.4.3 instead of 2.6.0"),
        ("|version", "|norm:nfc|version", "normalisation nfc instead of not named"),
        ("|smooth:exp", "", "smoothing not named instead of exp"),
    ],
)
def test_a_signature_is_compared_part_by_part(old: str, new: str, said: str):
    changed = entry("c", SIGNATURE.replace(old, new))
    assert why_not([entry("a"), entry("b"), changed]) == [
        f"c was scored under another signature than a: {said}"
    ]


def test_the_smaller_group_is_the_odd_one():
    odd = [entry(name, SIGNATURE.replace("13a", "intl")) for name in "ab"]
    (reason,) = why_not([*odd, *(entry(name) for name in "cdefg")])
    assert reason.startswith("a, b were scored under another signature than c")
    (reason,) = why_not([*(entry(name) for name in "abcde"), *(entry(n, "x:1") for n in "fghi")])
    assert reason.startswith("f, g, h and 1 more were scored under another signature than a")


def test_other_segments_are_named_with_their_numbers():
    assert why_not([entry("a", segments=1, n=12), entry("b", segments=2, n=10)]) == [
        "b was scored on 10 segments, a on 12"
    ]
    assert why_not([entry("a", segments=1, n=12), entry("b", segments=2, n=12)]) == [
        "b was scored on other segments than a"
    ]
    assert why_not([entry("a", segments=1), entry("b")]) == []


def test_other_references_are_named():
    assert why_not([entry("a", references="x"), entry("b", references="y")]) == [
        "b was scored against other references than a"
    ]


def test_different_metrics_are_never_one_column():
    assert why_not([entry("a"), Entry("b", "chrf", "nc:6")]) == ["different metrics: bleu, chrf"]


def test_our_own_signatures_can_be_read():
    for metric in (BLEU(), ChrF(beta=3), RougeL()):
        metric.statistics([Pair("", "a b", ("a b",))])
        parts = parts_of(metric.signature())
        assert parts["nrefs"] == "1" and parts["version"]
    assert parts_of("imported|file:a:b.csv|sha256:12") == {
        "imported": "imported", "file": "a:b.csv", "sha256": "12",
    }  # fmt: skip
