"""MQM category trees as data: loaded from the fixtures or a campaign's own, worded, rolled up.

A category is written as the path of its names, "Fluency/Grammar/Case marker"; a leaf of one
language hangs under the core's category and counts as that wherever it is not asked for.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from annotation.wording import FIXTURES, worded
from common.errors import BadInput
from common.problems import shown

NON_TRANSLATION = "Non-translation!"
MOST_CATEGORIES = 300
LEVELS = 3
LONGEST_NAME = 40
NAME = re.compile(rf"[^/\0-\x1f\ud800-\udfff]{{1,{LONGEST_NAME}}}")
LONGEST_PATH = 120  # what the database holds
LONGEST_LABEL = 120
Node = dict[str, Any]


@cache
def _file(name: str) -> dict[str, Any]:
    path = FIXTURES / "mqm" / f"{Path(name).name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def tree_names() -> list[str]:
    """The shipped trees, WMT's first."""
    names = (path.stem for path in (FIXTURES / "mqm").glob("*.json"))
    return sorted(set(names) - {"leaves"}, key=lambda name: (name != "google", name))


def load_label(name: str) -> str:
    """What a shipped tree is called."""
    return str(_file(name)["label"]["en"])


def load_tree(given: str | Mapping[str, Any], language: str = "") -> list[Node]:
    """A shipped tree by name, or a campaign's own, with the leaves of a language hung in.

    Raises BadInput where the name is unknown or the tree is malformed.
    """
    if isinstance(given, str):
        if given not in tree_names():
            raise BadInput(f"no category tree {shown(given)}; known: {', '.join(tree_names())}")
        if not isinstance(language, str):
            raise BadInput(f"leaves name a language, such as mr, not {shown(language)}")
        categories = [_copied(node) for node in _file(given)["categories"]]
        _hang(categories, given, language)
        return categories
    return _checked(given)


def _copied(node: Mapping[str, Any]) -> Node:
    return {**node, "children": [_copied(child) for child in node.get("children", ())]}


def _hang(categories: list[Node], tree: str, language: str) -> None:
    for leaf in _file("leaves")["languages"].get(language.split("-")[0], ()):
        if tree not in leaf["parent"]:
            continue
        parent: Node = {"children": categories}
        for name in leaf["parent"][tree].split("/"):
            parent = next(node for node in parent["children"] if node["name"] == name)
        parent["children"].append({"name": leaf["name"], "label": leaf["label"], "children": []})


def _checked(tree: Mapping[str, Any]) -> list[Node]:
    categories = tree.get("categories") if isinstance(tree, Mapping) else None
    if not isinstance(categories, list) or not categories:
        raise BadInput('a category tree is {"categories": [{"name": ..., "children": [...]}]}')
    return _checked_nodes(categories, "", 1)


def _checked_nodes(nodes: Any, above: str, level: int) -> list[Node]:
    """Categories under the path `above`, as our own trees have them."""
    where = above or "the category tree"
    if not isinstance(nodes, list):
        raise BadInput(f"{where}: children are a list of categories")
    if nodes and level > LEVELS:
        raise BadInput(f"{where}: a tree has {LEVELS} levels at most")
    if len(nodes) > MOST_CATEGORIES:
        raise BadInput(f"{where} has {len(nodes)} categories; {MOST_CATEGORIES} is the most")
    found = [_checked_node(node, above, level) for node in nodes]
    names = [node["name"] for node in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadInput(f"{where}: two categories have the name {shown(twice)}")
    if len(list(paths(found))) > MOST_CATEGORIES:
        raise BadInput(f"{where} has more than {MOST_CATEGORIES} categories")
    return found


def _checked_node(node: Any, above: str, level: int) -> Node:
    where = above or "the category tree"
    name = node.get("name") if isinstance(node, Mapping) else None
    if not isinstance(name, str) or not NAME.fullmatch(name.strip()):
        raise BadInput(
            f"{where}: a category needs a name of 1 to {LONGEST_NAME} characters without slashes"
        )
    name = name.strip()
    path = f"{above}/{name}" if above else name
    if name.lower().rstrip("!") == NON_TRANSLATION.lower().rstrip("!"):
        raise BadInput(f"{path}: every page asks for that already; leave it out of the tree")
    if len(path) > LONGEST_PATH:
        raise BadInput(f"{path} has {len(path)} characters; {LONGEST_PATH} is the most")
    side = node.get("side") or ""
    if side not in ("", "source", "target"):
        raise BadInput(f"{path}: side is source, target or left out, not {shown(side)}")
    return {
        "name": name,
        "label": _checked_label(node.get("label") or name, path),
        "side": side,
        "needs_note": node.get("needs_note") is True,
        "children": _checked_nodes(node.get("children") or [], path, level + 1),
    }


def _checked_label(label: Any, path: str) -> dict[str, str]:
    wordings = label if isinstance(label, Mapping) else {"en": label}
    for wording in wordings.values():
        if not isinstance(wording, str) or not wording.strip() or len(wording) > LONGEST_LABEL:
            raise BadInput(f"{path}: a label is text of 1 to {LONGEST_LABEL} characters")
    if "en" not in wordings:
        raise BadInput(f"{path}: a label in several languages has one in English, en")
    return dict(wordings)


def paths(categories: list[Node], above: str = "") -> Iterator[tuple[str, Node]]:
    """Every category with its path, parents before children."""
    for node in categories:
        path = f"{above}/{node['name']}" if above else node["name"]
        yield path, node
        yield from paths(node.get("children", []), path)


def worded_tree(categories: list[Node], language: str) -> list[dict[str, Any]]:
    """What the page shows: every category with its path and its label in one language."""

    def shown(node: Node, above: str) -> dict[str, Any]:
        path = f"{above}/{node['name']}" if above else node["name"]
        return {
            "path": path,
            "label": worded(node["label"], language),
            "side": node.get("side", ""),
            "needsNote": bool(node.get("needs_note")),
            "children": [shown(child, path) for child in node.get("children", [])],
        }

    return [shown(node, "") for node in categories]


def rolled_up(category: str, depth: int = 2) -> str:
    """The category at most `depth` levels down: a language's leaf counts as its parent.

    >>> rolled_up("Fluency/Grammar/Case marker")
    'Fluency/Grammar'
    """
    return "/".join(category.split("/")[:depth])
