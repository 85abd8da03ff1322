"""Values outside memory: in their order, replaced in their place, forgotten by how keys start."""

import errno

import pytest

from common.shelf import Shelf


def test_the_first_value_of_a_key_stays() -> None:
    shelf = Shelf()
    assert shelf.add(("आशा", 1), {"row": 2}) is True
    assert shelf.add(("आशा", 1), {"row": 3}) is False
    assert shelf.get(("आशा", 1)) == {"row": 2}
    assert ("आशा", 1) in shelf and ("आशा", 2) not in shelf
    assert shelf.get(("आशा", 2)) is None


def test_values_come_in_the_order_of_their_keys_first_use() -> None:
    shelf = Shelf()
    for number in range(1200, 0, -1):
        shelf.add(("r", number), number)
    shelf.put(("r", 1199), "later")
    assert list(shelf) == [1200, "later", *range(1198, 0, -1)]


def test_keys_are_dropped_by_their_start_and_not_by_their_spelling() -> None:
    shelf = Shelf()
    keys = [("a", "1", 5), ("a", "1", 6), ("a", "10", 5), ("ab", "1", 5), ("a,1", "x", 5)]
    for key in keys:
        shelf.add(key, list(key))
    shelf.drop(("a", "1"))
    assert [tuple(key) for key in shelf] == keys[2:]
    shelf.drop(("a",))
    assert [tuple(key) for key in shelf] == keys[3:]


def test_a_full_disk_is_told_as_one() -> None:
    shelf = Shelf()
    shelf._rows.execute("PRAGMA max_page_count = 10")
    with pytest.raises(OSError, match="full") as caught:
        for number in range(10_000):
            shelf.add((number,), "x" * 100)
    assert caught.value.errno == errno.ENOSPC
