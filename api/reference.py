"""The OpenAPI document as chapters that a template shows."""

from typing import Any

METHODS = ("get", "post", "put", "delete")


def chapters(document: dict[str, Any]) -> list[dict[str, Any]]:
    """By tag, in the order of the addresses: each operation with what it takes and gives."""
    found: dict[str, list[dict[str, Any]]] = {}
    for address, methods in document["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                told = _told(document, address, method, operation)
                found.setdefault(operation["tags"][0], []).append(told)
    return [{"title": title, "operations": told} for title, told in sorted(found.items())]


def _told(document: dict[str, Any], address: str, method: str, operation: Any) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    answers = operation["responses"]
    done = next((status for status in sorted(answers) if status.startswith("2")), "")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "address": address,
        "about": [line for line in operation["description"].split("\n\n") if line],
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "kind": _kind(parameter["schema"]),
                "about": parameter.get("description", ""),
            }
            for parameter in operation.get("parameters", [])
        ],
        "takes": [row for kind in content.values() for row in _fields(document, kind["schema"])],
        "media": ", ".join(content),
        "status": done,
        "gives": [
            row
            for kind in answers.get(done, {}).get("content", {}).values()
            for row in _fields(document, kind["schema"])
        ],
        "gives_media": ", ".join(answers.get(done, {}).get("content", {})),
    }


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    return document["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolved(document, schema)
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "kind": _kind(_first(part)),
            "about": part.get("description", ""),
            "needed": name in needed,
        }
        for name, part in schema.get("properties", {}).items()
    ]


def _first(schema: dict[str, Any]) -> dict[str, Any]:
    """drf-spectacular wraps a reference with a description in allOf."""
    return schema["allOf"][0] if "allOf" in schema else schema


def _kind(schema: dict[str, Any]) -> str:
    if reference := schema.get("$ref"):
        return str(reference.rpartition("/")[2])
    if choices := schema.get("enum"):
        return " | ".join(str(choice) for choice in choices if choice is not None)
    if schema.get("type") == "array":
        return f"list of {_kind(_first(schema['items']))}"
    form = schema.get("format", "")
    said = [schema.get("type", "anything"), "" if form in ("int64", "double") else form]
    bounds = [(word, schema[key]) for key, word in _BOUNDS if key in schema]
    said += [f"{word} {n}" for word, n in bounds if not (word == "to" and n >= _ANY)]
    return " ".join(filter(None, said))


_ANY = 10**17  # whatever a database holds; nothing to tell people
_BOUNDS = (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
