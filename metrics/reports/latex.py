"""A report's tables in LaTeX, for booktabs: numbers with their intervals, captions with the recipe.

Text is escaped and otherwise left as it is: scripts other than Latin need XeLaTeX or LuaLaTeX.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from common.text import visible
from metrics.reports.paper import Column, Shape, shape_of
from metrics.reports.schema import tables

Payload = Mapping[str, Any]
Row = Mapping[str, Any]

MOST_ROWS = 40  # of a table that floats; a longer one breaks over pages
DASH = "--"
ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\symbol{34}",
    **{char: f"\\{char}" for char in "&%$#_{}"},
    **{char: f"{{{char}}}" for char in "[]*`"},  # as an option, a star or half of a quotation mark
}
_SPECIAL = re.compile("[" + re.escape("".join(ESCAPED)) + "]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_DASHES = re.compile("-(?=-)")  # two would be printed as one longer dash
_P_VALUE = re.compile(r"(^|_)p(_adjusted)?$")


def tables_latex(payload: Payload) -> dict[str, str]:
    """File name to text, for every table of the report that has rows."""
    return {f"{name}.tex": table_latex(payload, name) for name in tables(payload) if payload[name]}


def table_latex(payload: Payload, name: str) -> str:
    r"""One table; it needs \usepackage{booktabs}, and a long one \usepackage{longtable}.

    A number that is not defined is a dash with a letter; the reason stands under the table.
    """
    shape = shape_of(name)
    specs = [_alignment(column, payload[name]) for column in shape.columns]
    reasons: dict[str, str] = {}
    lines = [_line(shape, row, reasons) for row in payload[name]]
    heading = " & ".join(
        f"\\multicolumn{{1}}{{{spec}}}{{{escaped(column.heading)}}}"
        for column, spec in zip(shape.columns, specs, strict=True)
    )
    notes = _notes(reasons, len(specs))
    caption = f"\\caption{{{_caption(payload, name, shape)}}}"
    label = f"\\label{{tab:{_slug(payload['campaign'])}-{name.replace('_', '-')}}}"
    parts = (caption, label, "".join(specs), heading, lines, notes)
    needs = "booktabs, longtable" if len(lines) > MOST_ROWS else "booktabs"
    head = f"% \\usepackage{{{needs}}}; scripts other than Latin need XeLaTeX or LuaLaTeX\n"
    return head + (_long if len(lines) > MOST_ROWS else _floating)(*parts)


def escaped(text: str) -> str:
    """Text as LaTeX prints it, on one line, with characters that nobody sees as <U+202E>."""
    plain = visible(_BLANKS.sub(" ", text).strip())
    return _DASHES.sub("-{}", _SPECIAL.sub(lambda match: ESCAPED[match[0]], plain))


def _floating(
    caption: str, label: str, spec: str, heading: str, lines: Sequence[str], notes: Sequence[str]
) -> str:
    inner = [
        "\\begin{table}",
        "\\centering",
        caption,
        label,
        f"\\begin{{tabular}}{{{spec}}}",
        "\\toprule",
        heading + r" \\",
        "\\midrule",
        *lines,
        "\\bottomrule",
        *notes,
        "\\end{tabular}",
        "\\end{table}",
    ]
    return "\n".join(inner) + "\n"


def _long(
    caption: str, label: str, spec: str, heading: str, lines: Sequence[str], notes: Sequence[str]
) -> str:
    inner = [
        f"\\begin{{longtable}}{{{spec}}}",
        caption,
        label + r" \\",
        "\\toprule",
        heading + r" \\",
        "\\midrule",
        "\\endfirsthead",
        "\\toprule",
        heading + r" \\",
        "\\midrule",
        "\\endhead",
        "\\bottomrule",
        "\\endfoot",
        *lines,
        *notes,
        "\\end{longtable}",
    ]
    return "\n".join(inner) + "\n"


def _alignment(column: Column, rows: Sequence[Row]) -> str:
    cells = [row.get(column.name) for row in rows]
    return "r" if any(_is_number(cell) for cell in cells) else "l"


def _line(shape: Shape, row: Row, reasons: dict[str, str]) -> str:
    return " & ".join(_cell(column, row, reasons) for column in shape.columns) + r" \\"


def _cell(column: Column, row: Row, reasons: dict[str, str]) -> str:
    value = row.get(column.name)
    if value is None or value == "":
        return DASH + _mark(row.get("reason"), column, reasons)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _signed(str(value))
    if isinstance(value, float):
        return _measured(column, row, value)
    return escaped(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def _measured(column: Column, row: Row, value: float) -> str:
    if _P_VALUE.search(column.name):
        return "$<$0.001" if value < 0.001 else f"{value:.3f}"
    low, high = row.get(column.low), row.get(column.high)
    ends = (low, high) if low is not None and high is not None else ()
    size = max(abs(number) for number in (value, *ends))
    digits = 1 if size >= 100 else 2 if size >= 1 else 3
    numbers = [_signed(f"{round(number, digits) + 0.0:.{digits}f}") for number in (value, *ends)]
    return f"{numbers[0]} {{[}}{numbers[1]}, {numbers[2]}{{]}}" if ends else numbers[0]


def _signed(text: str) -> str:
    return f"$-${text[1:]}" if text.startswith("-") else text


def _mark(reason: Any, column: Column, reasons: dict[str, str]) -> str:
    """The letter of a number's missing, the same for the same reason."""
    if not reason or not (column.low or _P_VALUE.search(column.name)):
        return ""
    letters = ascii_lowercase
    if reason not in reasons and len(reasons) < len(letters):
        reasons[reason] = letters[len(reasons)]
    return f"\\textsuperscript{{{reasons[reason]}}}" if reason in reasons else ""


def _notes(reasons: Mapping[str, str], n_columns: int) -> list[str]:
    return [
        f"\\multicolumn{{{n_columns}}}{{l}}{{\\footnotesize\\textsuperscript{{{letter}}} "
        f"{escaped(reason)}}} \\\\"
        for reason, letter in reasons.items()
    ]


def _caption(payload: Payload, name: str, shape: Shape) -> str:
    details, counts, made = (
        payload[part] for part in ("protocol_details", "counts", "generated_with")
    )
    settings = made["settings"]
    said = [
        f"{shape.caption} ({payload['campaign']})",
        f"{details.get('label', payload['protocol'])}: {details['unit']}, "
        f"{details['direction']} is better",
        f"n = {counts['segments']} segments, {counts['raters']} annotators, "
        f"{counts['ratings']} ratings",
        f"Intervals: {100 * settings['coverage']:g}%, {settings['resamples']} resamples; "
        f"permutations: {settings['permutations']}; seed {settings['seed']}",
        *_signatures(payload, name, shape),
        f"Nikash {made['nikash']}, data {made['data'][:12]}",
    ]
    if payload["is_simulated"]:
        said.insert(1, "The ratings were simulated")
    return " ".join(f"{escaped(sentence)}." for sentence in said)


def _signatures(payload: Payload, name: str, shape: Shape) -> Iterator[str]:
    """Those of the metrics that the table names."""
    if any(column.name == "metric" for column in shape.columns):
        named = {row["metric"] for row in payload[name]}
        for metric in payload["metrics"]:
            if metric["metric"] in named:
                yield f"{metric['metric']}: {metric['signature']}"


def _slug(text: str) -> str:
    """ASCII letters, digits and hyphens: what a label may hold."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "campaign"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
