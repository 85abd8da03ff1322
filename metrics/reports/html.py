"""The report as one file that opens without a network: styles, figures and data inside it."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from metrics.reports.display import report_context

_STYLES = ("css/tokens.css", "css/base.css", "css/plot.css")
_FACES = re.compile(r"@font-face\s*{[^}]*}")


def report_html(payload: Mapping[str, Any]) -> str:
    """About 1.6 MB, nearly all of it the chart library."""
    context = report_context(payload) | {
        "styles": styles(),
        "plotly": _inside_script(_static("vendor/plotly/plotly-cartesian.min.js")),
        "draw": _inside_script(_static("js/plot.js")),
        "link": _inside_script(_static("js/linked.js")),
    }
    return render_to_string("metrics/report_file.html", context)


def styles() -> str:
    """The house's sheets for a file that loads nothing: fonts are those of the device."""
    return _FACES.sub("", "\n".join(_static(name) for name in _STYLES))


def _static(name: str) -> str:
    return (settings.BASE_DIR / "static" / name).read_text(encoding="utf-8")


def _inside_script(code: str) -> str:
    """Code that cannot end the element it stands in."""
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
