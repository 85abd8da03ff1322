"""The languages the studies name: tag, FLORES code, script, family and resource class.

Names in their own language follow CLDR, families Glottolog, FLORES codes the list of NLLB-200.
The resource class is that of Joshi et al. (2020), 0 (left behind) to 5 (winners); None where
their list has no such language or does not say which of several is meant.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from common.errors import BadInput
from common.problems import shown

FILE = Path(__file__).with_name("languages.csv")
SHOWN = 12


class Language(NamedTuple):
    tag: str  # BCP 47, as short as it can be
    name: str
    native_name: str
    flores: str  # "" where NLLB has none
    script: str  # ISO 15924, the script the language is written in unless told otherwise
    family: str
    resource_class: int | None


@cache
def languages() -> dict[str, Language]:
    """Every language by its tag, in the order of tags."""
    with FILE.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    found = {}
    for tag, name, native, flores, script, family, number in rows:
        resources = int(number) if number else None
        found[tag] = Language(tag, name, native, flores, script, family, resources)
    return found


def find_language(tag: str) -> Language | None:
    """The language of a BCP 47 tag or FLORES code; its region, or a script it has anyway, is
    passed over. None where the registry has no such language.

    >>> find_language("mr-IN").flores, find_language("mar_Deva").tag
    ('mar_Deva', 'mr')
    """
    known = languages()
    if tag in _by_flores():
        return known[_by_flores()[tag]]
    parts = tag.replace("_", "-").split("-")
    script = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), "")
    primary = parts[0].lower()
    if script and (found := known.get(f"{primary}-{script}")):
        return found
    found = known.get(primary)
    return found if found and script in ("", found.script) else None


def language(tag: str) -> Language:
    """The language of a tag; BadInput, with the nearest known ones, where there is none."""
    if found := find_language(tag):
        return found
    near = [known for known in languages() if known[0] == tag[:1].lower()] or list(languages())
    raise BadInput(
        f"the language {shown(tag)} is not in the registry; known, among others: "
        f"{', '.join(near[:SHOWN])}; add it to {FILE.parent.name}/{FILE.name}"
    )


def flores_code(tag: str) -> str:
    """The code by which NLLB knows the language of a tag; BadInput where it has none."""
    found = language(tag)
    if not found.flores:
        raise BadInput(f"NLLB has no code for {found.name} ({found.tag}); choose another model")
    return found.flores


@cache
def _by_flores() -> dict[str, str]:
    return {row.flores: row.tag for row in languages().values() if row.flores}
