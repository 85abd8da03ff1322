"""MQM category trees as data: loaded from the fixtures or a campaign's own, worded, rolled up.

A category is written as the path of its names, "Fluency/Grammar/Case marker"; a leaf of one
language hangs under the core's category and counts as that wherever it is not asked for.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from annotation.wording import FIXTURES, worded
from common.errors import BadInput

NON_TRANSLATION = "Non-translation!"
MOST_CATEGORIES = 300
Node = dict[str, Any]


@cache
def _file(name: str) -> dict[str, Any]:
    path = FIXTURES / "mqm" / f"{Path(name).name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def tree_names() -> list[str]:
    return sorted(p.stem for p in (FIXTURES / "mqm").glob("*.json") if p.stem != "leaves")


def load_tree(given: str | Mapping[str, Any], language: str = "") -> list[Node]:
    """A shipped tree by name, or a campaign's own, with the leaves of a language hung in.

    Raises BadInput where the name is unknown or the tree is malformed.
    """
    if isinstance(given, str):
        if given not in tree_names():
            raise BadInput(f"no category tree {given!r}; known: {', '.join(tree_names())}")
        categories = [_copied(node) for node in _file(given)["categories"]]
        _hang(categories, given, language)
        return categories
    return _checked(given)


def _copied(node: Mapping[str, Any]) -> Node:
    return {**node, "children": [_copied(child) for child in node.get("children", ())]}


def _hang(categories: list[Node], tree: str, language: str) -> None:
    for leaf in _file("leaves")["languages"].get(language.split("-")[0], ()):
        parent: Node = {"children": categories}
        for name in leaf["parent"][tree].split("/"):
            parent = next(node for node in parent["children"] if node["name"] == name)
        parent["children"].append({"name": leaf["name"], "label": leaf["label"], "children": []})


def _checked(tree: Mapping[str, Any]) -> list[Node]:
    categories = tree.get("categories") if isinstance(tree, Mapping) else None
    if not isinstance(categories, list) or not categories:
        raise BadInput('a category tree is {"categories": [{"name": ..., "children": [...]}]}')
    found = [_checked_node(node, "categories", 0) for node in categories]
    if len(list(paths(found))) > MOST_CATEGORIES:
        raise BadInput(f"the category tree has more than {MOST_CATEGORIES} categories")
    return found


def _checked_node(node: Any, where: str, depth: int) -> Node:
    name = node.get("name") if isinstance(node, Mapping) else None
    if not isinstance(name, str) or not name.strip() or "/" in name or len(name) > 40:
        raise BadInput(f"{where}: a category needs a name of 1 to 40 characters without slashes")
    children = node.get("children") or []
    if depth == 2 and children:
        raise BadInput(f"{where}/{name}: a tree has three levels at most")
    if not isinstance(children, list):
        raise BadInput(f"{where}/{name}: children are a list of categories")
    names = [child.get("name") for child in children if isinstance(child, Mapping)]
    if len(set(names)) < len(names):
        raise BadInput(f"{where}/{name}: two children have the same name")
    return {
        "name": name.strip(),
        "label": node.get("label") or name,
        "side": node.get("side", ""),
        "needs_note": node.get("needs_note") is True,
        "children": [_checked_node(child, f"{where}/{name}", depth + 1) for child in children],
    }


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
