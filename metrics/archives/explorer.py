"""The explorer's data: numbers of all outputs in one file, their texts in others, read when shown.

Each file is a script that calls one function with JSON: pages opened from a folder may load
scripts, and nothing else.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from metrics.archives.gathering import Study

SEGMENTS_IN_A_FILE = 200


def data_files(study: Study) -> Iterator[tuple[str, bytes]]:
    """(name, content) of explorer/outputs.js and of explorer/texts-N.js."""
    yield "explorer/outputs.js", _script("nikashOutputs", _outputs(study))
    n_files = math.ceil(len(study.segments) / SEGMENTS_IN_A_FILE)
    for number in range(n_files):
        start = number * SEGMENTS_IN_A_FILE
        texts = [
            [study.texts.get((line, s)) for s in range(len(study.frame.systems))]
            for line in range(start, min(start + SEGMENTS_IN_A_FILE, len(study.segments)))
        ]
        yield f"explorer/texts-{number}.js", _script("nikashTexts", [number, texts])


def _outputs(study: Study) -> dict[str, Any]:
    """Columns of one length: an entry for each output, in the order of segments and systems."""
    frame = study.frame
    lines, systems = np.nonzero(frame.outputs)
    return {
        "systems": list(frame.systems),
        "segments": [
            [place.key, place.domain, study.page(n)] for n, place in enumerate(frame.segments)
        ],
        "metrics": [
            {"metric": metric.name, "name": metric.label, "direction": metric.direction}
            for metric in study.values
        ],
        "direction": frame.direction,
        "segmentsInAFile": SEGMENTS_IN_A_FILE,
        "lang": study.campaign.dataset.target_lang,
        "segment": lines.tolist(),
        "system": systems.tolist(),
        "people": _numbers(frame.scores[lines, systems]),
        "values": [_numbers(metric.values[lines, systems]) for metric in study.values],
        "gaps": [_numbers(gaps[lines, systems]) for gaps in study.gaps],
    }


def _numbers(values: np.ndarray) -> list[float | None]:
    """To four decimals: what is shown has fewer, and what is exact is in report.json."""
    return [None if not math.isfinite(v) else round(v, 4) for v in values.tolist()]


def _script(function: str, value: Any) -> bytes:
    """One call; `<` is written so that no reader of HTML ever finds a tag in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"{function}({text});\n".encode()
