import pytest

from common.loops import repeated_share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("a b a b a b", 0),  # too short to be a loop
        ("एक दोन तीन चार पाच सहा सात आठ", 0),
        ("a b c a b c a b c a", 1 - 3 / 8),  # eight runs of three words, three different
        ("ha" * 30, 1),
    ],
)
def test_it_counts_what_was_there_before(text: str, share: float):
    assert repeated_share(text) == pytest.approx(share)


def test_a_long_word_is_no_loop():
    assert repeated_share("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk") == 0
