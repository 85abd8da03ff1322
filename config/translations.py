"""Finding the texts to translate in templates and Python files; GNU gettext is not needed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.template import Engine, engines
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.text import normalize_newlines
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "common", "accounts", "models_app", "annotation", "metrics", "studies", "api", "config",
    "templates",
)  # fmt: skip
# Which argument of each function is the context, the text and its plural.
ARGUMENTS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}


class Text(NamedTuple):
    """One text to translate, as catalogues hold it."""

    singular: str
    plural: str = ""
    context: str | None = None


def files() -> list[Path]:
    """Every file of the project that may hold a text, in a fixed order."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*")]
    return sorted(p for p in found if p.suffix in (".html", ".py") and "migrations" not in p.parts)


def texts_of(path: Path) -> list[Text]:
    """The texts of a template or a Python file, in order, each once."""
    source = path.read_text(encoding="utf-8")
    found = texts_of_python(source) if path.suffix == ".py" else texts_of_template(source)
    return list(dict.fromkeys(found))


def texts_of_python(source: str) -> Iterator[Text]:
    """Texts given to Django's functions, by whatever name a file imports them."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = names.get(getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
        if name not in ARGUMENTS:
            continue
        given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        context, singular, plural = (
            given[place] if place is not None and place < len(given) else None
            for place in ARGUMENTS[name]
        )
        if isinstance(singular, str):
            yield Text(singular, plural or "", context)


def texts_of_template(source: str, engine: Engine | None = None) -> Iterator[Text]:
    nodes = (engine or engines["django"].engine).from_string(source).nodelist
    for node in nodes.get_nodes_by_type((TranslateNode, BlockTranslateNode)):
        context = _literal(node.message_context)
        if isinstance(node, TranslateNode):
            if text := _literal(node.filter_expression):
                yield Text(text.replace("%", "%%"), context=context)
        else:
            plural = _block(node, node.plural) if node.plural else ""
            yield Text(_block(node, node.singular), plural, context)


def _literal(expression: FilterExpression | None) -> str | None:
    value = getattr(expression, "var", None)
    return value if isinstance(value, str) else getattr(value, "literal", None)


def _block(node: BlockTranslateNode, tokens: list) -> str:
    text, _variables = node.render_token_list(tokens)
    return trim_whitespace(text) if node.trimmed else normalize_newlines(text)
