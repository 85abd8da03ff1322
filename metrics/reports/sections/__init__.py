"""The report's sections, one file each: what is computed, its columns, and how it is shown.

A section named `x` is a module here that registers a `Section`; a table `t` of it has its columns
in `reports/columns/t.json`; what people see is `templates/metrics/sections/x.html`.
"""

from functools import cache

from common.registry import Registry
from metrics.reports.sections.base import Link, Material, Section

SECTIONS: Registry[Section] = Registry("report section", __name__)

__all__ = ["SECTIONS", "Link", "Material", "Section", "in_order"]


@cache
def in_order() -> tuple[Section, ...]:
    """Every section, in the order of the page."""
    made = [part() for _name, part in SECTIONS.items()]
    return tuple(sorted(made, key=lambda section: section.place))
