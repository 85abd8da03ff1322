from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.statistics import MarkedSpan, krippendorff_alpha, unitizing_alpha


def marks(*spans: tuple[int, int, str]) -> list[MarkedSpan]:
    return [MarkedSpan(start, end, category=name) for start, end, name in spans]


# Krippendorff (2019), fig. 12.11: three observers of a continuum of 60.
ALEX = marks((0, 7, "1"), (7, 13, "2"), (30, 32, "5"), (32, 37, "6"), (37, 44, "6"), (44, 60, "7"))
PAUL = marks((0, 7, "1"), (7, 13, "3"), (13, 21, "5"), (32, 44, "6"))
SUZAN = marks((0, 7, "1"), (7, 13, "4"), (13, 21, "5"), (32, 37, "6"), (37, 41, "6"), (41, 44, "6"))
BOOK = [[ALEX], [PAUL], [SUZAN]]


def test_it_gives_the_published_values():
    # Published: .510, .413 (we get .4136) and .724; 1 for categories 1, 5, 6 and 0 for 2, 3, 4.
    found = unitizing_alpha(BOOK, [60])
    assert found.value.estimate == pytest.approx(0.510, abs=5e-4)
    assert found.marked.estimate == pytest.approx(0.413, abs=1e-3)
    assert found.named.estimate == pytest.approx(0.724, abs=5e-4)
    values = {one.category: one.value for one in found.categories}
    assert [values[name] for name in "156"] == pytest.approx([1, 1, 1])
    assert [values[name] for name in "234"] == pytest.approx([0, 0, 0])
    assert np.isnan(values["7"])
    coverage = {one.category: one.coverage for one in found.categories}
    assert (coverage["5"], coverage["6"], coverage["7"]) == pytest.approx((8 / 18, 1, 0))
    assert (found.n_texts, found.n_people, found.n_spans, found.n_cut) == (1, 3, 16, 0)


def by_definition(people, lengths):
    """All pairs of characters, one by one."""
    cells = []  # text, person, place, name, span
    for text, length in enumerate(lengths):
        readers = [i for i, one in enumerate(people) if one[text] is not None]
        for i in readers if len(readers) >= 2 else []:
            for place in range(length):
                held = [k for k, s in enumerate(people[i][text]) if s.start <= place < s.end]
                name = people[i][text][held[-1]].category if held else ""
                cells.append((text, i, place, name, held[-1] if held else None))
    if not cells:
        return (float("nan"),) * 3
    readers_of = {t: len({i for text, i, *_ in cells if text == t}) for t, *_ in cells}

    def alpha(unlike, cells):
        pairs = list(product(cells, cells))
        same_place = [(a, b) for a, b in pairs if (a[0], a[2]) == (b[0], b[2]) and a[1] != b[1]]
        apart = [
            (a, b)
            for a, b in pairs
            if a[:3] != b[:3] and not (a[:2] == b[:2] and a[4] is not None and a[4] == b[4])
        ]
        seen = sum(unlike(a, b) / (readers_of[a[0]] - 1) for a, b in same_place) / len(cells)
        chance = np.mean([unlike(a, b) for a, b in apart]) if apart else 0.0
        return 1 - seen / chance if chance else float("nan")

    def other_name(a, b):
        return float(a[3] != b[3])

    def other_mark(a, b):
        return float((a[3] == "") != (b[3] == ""))

    marked = {cell[:3] for cell in cells if cell[3]}
    shared = [c for c in cells if all((c[0], i, c[2]) in marked for i in range(len(people)))]
    named = alpha(other_name, shared) if shared else float("nan")
    return alpha(other_name, cells), alpha(other_mark, cells), named


@st.composite
def readings(draw):
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=2))
    people = []
    for _person in range(draw(st.integers(2, 3))):
        texts = []
        for length in lengths:
            edges = draw(st.lists(st.integers(0, length), max_size=4, unique=True))
            edges = sorted(edges)
            spans = [
                (a, b, draw(st.sampled_from("xyz")))
                for a, b in pairwise(edges)
                if draw(st.booleans())
            ]
            texts.append(None if draw(st.integers(0, 9)) == 0 else marks(*spans))
        people.append(texts)
    return people, lengths


@settings(max_examples=80, deadline=None)
@given(case=readings())
def test_it_equals_pairs_of_characters_compared_one_by_one(case):
    people, lengths = case
    found = unitizing_alpha(people, lengths)
    value, marked, named = by_definition(people, lengths)
    assert found.value.estimate == pytest.approx(value, abs=1e-9, nan_ok=True)
    assert found.marked.estimate == pytest.approx(marked, abs=1e-9, nan_ok=True)
    if len(people) == 2:  # with more, a character may be marked by some and not by others
        assert found.named.estimate == pytest.approx(named, abs=1e-9, nan_ok=True)
    assert (found.reason != "") == np.isnan(value)


def test_spans_of_one_character_give_nominal_alpha_of_characters():
    codes = np.random.default_rng(1).integers(0, 4, (3, 50))
    people = [[marks(*((i, i + 1, str(c)) for i, c in enumerate(row) if c))] for row in codes]
    found = unitizing_alpha(people, [50])
    assert found.value.estimate == pytest.approx(krippendorff_alpha(codes, level="nominal"))
    assert found.marked.estimate == pytest.approx(krippendorff_alpha(codes > 0, level="nominal"))
    two = unitizing_alpha(people[:2], [50])
    both = np.where(codes[:2] > 0, codes[:2], np.nan)
    assert two.named.estimate == pytest.approx(krippendorff_alpha(both, level="nominal"))


def test_the_same_marks_are_full_agreement():
    one = marks((0, 4, "a"), (6, 9, "b"))
    found = unitizing_alpha([[one], [one]], [20])
    assert [found.value.estimate, found.marked.estimate, found.named.estimate] == [1.0, 1.0, 1.0]


def test_other_names_for_the_same_marks_lower_all_but_marked():
    found = unitizing_alpha(
        [[marks((0, 4, "a"), (6, 9, "b"))], [marks((0, 4, "b"), (6, 9, "b"))]], [20]
    )
    assert found.marked.estimate == 1.0
    assert found.value.estimate < 1
    assert found.named.estimate < 1


def test_severity_can_be_compared_in_place_of_category():
    a = [[MarkedSpan(0, 3, "major", "x"), MarkedSpan(5, 8, "minor", "x")]]
    b = [[MarkedSpan(0, 3, "major", "y"), MarkedSpan(5, 8, "minor", "z")]]
    assert unitizing_alpha([a, b], [10], by="severity").value.estimate == 1.0
    assert unitizing_alpha([a, b], [10]).value.estimate < 1


def test_a_later_span_takes_shared_characters_and_this_is_told():
    over = marks((0, 6, "a"), (2, 4, "b"))
    apart = marks((0, 2, "a"), (2, 4, "b"), (4, 6, "a"))
    other = marks((1, 6, "a"))
    found = unitizing_alpha([[over], [other]], [10])
    assert found.n_cut == 1
    assert found.n_spans == 4
    assert found._replace(n_cut=0) == unitizing_alpha([[apart], [other]], [10])


def test_a_text_that_one_person_read_changes_nothing():
    more = [[ALEX, marks((0, 3, "1"))], [PAUL, None], [SUZAN, None]]
    assert unitizing_alpha(more, [60, 10]).value == unitizing_alpha(BOOK, [60]).value


def test_nothing_to_compare_is_not_defined():
    found = unitizing_alpha([[None], [ALEX]], [60])
    assert (found.reason, found.n_texts) == ("no text was read by two people", 0)
    assert np.isnan(found.value.estimate)
    found = unitizing_alpha([[[]], [[]]], [60])
    assert found.reason == "nobody marked anything"
    assert np.isnan([found.value.estimate, found.marked.estimate, found.named.estimate]).all()
    whole = marks((0, 5, "a"))
    assert unitizing_alpha([[whole], [whole]], [5]).reason == "all characters are marked alike"


def test_the_bootstrap_recomputes_it_of_the_drawn_texts():
    rng = np.random.default_rng(2)
    lengths = rng.integers(20, 40, 12).tolist()

    def read(length):
        cuts = np.sort(rng.choice(length, 6, replace=False)).tolist()
        return marks(*((cuts[i], cuts[i + 1], rng.choice(list("ab"))) for i in (0, 2, 4)))

    people = [[read(length) for length in lengths] for _person in range(3)]
    found = unitizing_alpha(people, lengths, rng=np.random.default_rng(3), resamples=40)
    naive = []
    for draw in np.random.default_rng(3).integers(0, 12, size=(40, 12)):
        drawn = [[one[i] for i in draw] for one in people]
        again = unitizing_alpha(drawn, [lengths[i] for i in draw])
        naive.append([again.value.estimate, again.marked.estimate, again.named.estimate])
    low, high = np.quantile(naive, [0.025, 0.975], axis=0)
    intervals = (found.value, found.marked, found.named)
    assert [i.low for i in intervals] == pytest.approx(low.tolist(), abs=1e-9)
    assert [i.high for i in intervals] == pytest.approx(high.tolist(), abs=1e-9)
    assert (found.resamples, found.seed) == (40, 3)
    assert found.method == "bootstrap over texts, 40 resamples"


def test_two_texts_have_no_interval():
    found = unitizing_alpha([[ALEX] * 2, [PAUL] * 2], [60, 60], rng=np.random.default_rng(0))
    assert found.reason == "no interval from 2 texts"
    assert np.isnan(found.value.low)


def test_it_refuses_spans_outside_their_text():
    with pytest.raises(ValueError, match="from 44 to 60 is not in a text of 50 characters"):
        unitizing_alpha(BOOK, [50])
    with pytest.raises(ValueError, match="1 texts against 2 lengths"):
        unitizing_alpha(BOOK, [60, 60])
