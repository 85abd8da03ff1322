"""Outputs damaged on purpose, for control items: one file per kind of damage."""

from collections.abc import Sequence

from annotation.damage.base import SEVERITIES, Damage, Damaged, severity_at
from annotation.ordering import draw
from common.registry import Registry

DAMAGES: Registry[Damage] = Registry("damage", __name__)


def damage_output(
    text: str,
    language: str,
    strength: float,
    seed: int | str,
    source: str = "",
    others: Sequence[str] = (),
) -> Damaged | None:
    """The text with damage of a kind that fits it, of the severity asked for where one can be.

    Parameters
    ----------
    language : of the text, a BCP 47 tag
    strength : 0-1; below 1/3 minor (one small error), below 2/3 major, above critical
    seed : the same seed and text give the same damage
    source : what the text answers or translates; without it nothing is left untranslated
    others : outputs of other segments, which may stand in for this one

    Returns
    -------
    Damaged, of the nearest severity where the one asked for is out of reach (a text of one word
    has no minor damage of most kinds); None where nothing can be damaged.
    """
    wanted = severity_at(strength)
    rng = draw("damage", seed, text)
    names = DAMAGES.names()
    rng.shuffle(names)
    names.sort(key=lambda name: wanted not in DAMAGES.get(name).severities)
    nearest: Damaged | None = None
    for name in names:
        kind = DAMAGES.get(name)()
        if not kind.applies(text, source, language):
            continue
        found = kind.damage(text, strength=strength, rng=rng, source=source, others=others)
        if found is None:
            continue
        found = found._replace(kind=name)
        if found.severity == wanted:
            return found
        if nearest is None or _distance(found, wanted) < _distance(nearest, wanted):
            nearest = found
    return nearest


def _distance(found: Damaged, wanted: str) -> int:
    return abs(SEVERITIES.index(found.severity) - SEVERITIES.index(wanted))
