"""What the server's database holds of one annotator, beside what left their devices."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from tests.browser.saving import Device, Server, until

EVENTS = """
SELECT e.key, e.sequence, e.answer, e.is_complete, e.after_lease, e.client_time,
       e.active_seconds, s.id AS assignment, s.state
FROM annotation_ratingevent e
JOIN annotation_annotator a ON a.id = e.annotator_id
JOIN auth_user u ON u.id = a.user_id
JOIN annotation_assignment s ON s.item_id = e.item_id AND s.annotator_id = e.annotator_id
WHERE u.username = ? ORDER BY e.id
"""
RATINGS = """
SELECT r.id, r.sequence, r.answer, r.is_complete, s.id AS assignment, s.state
FROM annotation_rating r
JOIN annotation_annotator a ON a.id = r.annotator_id
JOIN auth_user u ON u.id = a.user_id
JOIN annotation_assignment s ON s.item_id = r.item_id AND s.annotator_id = r.annotator_id
WHERE u.username = ?
"""


def rows(server: Server, query: str, *values: Any) -> list[dict[str, Any]]:
    """As SQLite gives keys, and with answers read where the database keeps them as text."""
    found = server.store.named_rows(query, *values)
    for row in found:
        if isinstance(row.get("key"), UUID):
            row["key"] = row["key"].hex
        if isinstance(row.get("answer"), str):
            row["answer"] = json.loads(row["answer"])
    return found


def events(server: Server, person: str) -> list[dict[str, Any]]:
    """The log of one annotator, as it came in."""
    return rows(server, EVENTS, person)


def finished(page: Any, server: Server, person: str) -> None:
    """Wait until the annotator's log holds a finished answer."""
    until(page, lambda: any(e["is_complete"] for e in events(server, person)), "not finished")


def given(answer: dict[str, Any]) -> tuple[Any, ...]:
    """What the annotator said, from a stored answer with one output."""
    output = answer["outputs"]["0"]
    return output["errors"], str(output.get("score", "")), answer.get("note", "")


def said(posted: dict[str, str]) -> tuple[Any, ...]:
    """The same from what left the page."""
    return json.loads(posted["errors"]), posted.get("score", ""), posted.get("note", "")


def nothing_lost(
    server: Server, people: str | tuple[str, ...], *devices: Device
) -> list[dict[str, Any]]:
    """Every answer that left these people's devices stands in their log once, as it was given.

    And each item's rating is that of the highest sequence, of equals the later; the log.
    """
    people = (people,) if isinstance(people, str) else people
    posted = {key: letter for device in devices for key, letter in device.posted.items()}
    refused = set().union(*(device.refused for device in devices))
    acknowledged = set().union(*(device.acknowledged for device in devices))
    log = [event for person in people for event in events(server, person)]
    keys = [event["key"] for event in log]
    assert len(keys) == len(set(keys)), "doubled"
    assert acknowledged <= set(keys), "acknowledged and lost"
    assert set(keys) == posted.keys() - refused
    for event in log:
        letter = posted[event["key"]]
        assert str(event["assignment"]) == letter["assignment"]
        assert str(event["sequence"]) == letter["sequence"]
        assert given(event["answer"]) == said(letter)
    ratings = [rating for person in people for rating in rows(server, RATINGS, person)]
    _ratings_follow(server, ratings, log)
    return log


def _ratings_follow(server: Server, ratings: list[Any], log: list[dict[str, Any]]) -> None:
    by_item = defaultdict(list)
    for event in log:
        by_item[event["assignment"]].append(event)
    assert sorted(rating["assignment"] for rating in ratings) == sorted(by_item)
    for rating in ratings:
        newest = sorted(by_item[rating["assignment"]], key=lambda event: event["sequence"])[-1]
        answer = {**rating["answer"], "note": newest["answer"]["note"]}
        assert given(answer) == given(newest["answer"])
        assert rating["sequence"] == newest["sequence"]
        assert rating["is_complete"] == newest["is_complete"] == (rating["state"] == "done")
        spans = rows(server, "SELECT * FROM annotation_errorspan WHERE rating_id = ?", rating["id"])
        expected = given(answer)[0] if rating["is_complete"] else []
        assert [span["quoted"] for span in spans] == [error["quoted"] for error in expected]
