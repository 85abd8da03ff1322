"""What a capsule says of itself to whoever opens it without Nikash."""

from collections.abc import Mapping
from typing import Any

from annotation.models import Campaign

TEXT = """\
# {name}

A human evaluation in one file, with everything its numbers rest on.{simulated}

- What was judged: {systems} on {segments} segments of {dataset} ({languages})
- Protocol: {protocol} ({unit}); design: {design}, seed {seed}
- {raters} annotators, {ratings} scores{excluded}
- Licence of the dataset: {licence}
- Report made with Nikash {nikash}

## Files

| File | What is in it |
|---|---|
| `report.json` | every table of the report, with the settings and the seed that made it; its schema is published with Nikash |
| `tables/*.csv` | the same tables for a spreadsheet |
| `campaign.jsonl` | the study itself, an object a line: dataset, guidelines, systems, segments, outputs, annotators by code, items, assignments, the whole log of answers in order, the answers that counted, remarks |
| `metrics.jsonl` | the metrics' signatures, each system's score, and each output's value with what any subset can be scored from |
| `models.json` | who made the outputs: models and adapters with the SHA-256 of their weights, prompts, decoding settings, and what was recorded while they generated |
| `datasheet.md`, `datasheet.html` | who judged, what they were asked, how sure the results are, and what is not recorded |
| `claims.json` | sentences that were pinned to cells of the report, if any |
| `prompts/`, `guidelines/` | the prompts, and what annotators were told, to be read |
| `MANIFEST.json` | size and SHA-256 of every file here |

## Make the report again

    manage.py replay THIS-FILE.zip

checks the files against `MANIFEST.json`, loads them into an empty database in memory, computes the
report anew and says whether it is identical, or which cells differ.

## People

Annotators stand under codes. There are no account names and no e-mail addresses; profiles are those of
annotators who consent. Notes, remarks and the texts themselves are as people wrote them.
"""  # noqa: E501


def readme(campaign: Campaign, report: Mapping[str, Any]) -> str:
    """Markdown, from the campaign and its report."""
    counts, settings = report["counts"], report["generated_with"]["settings"]
    return TEXT.format(
        name=campaign.name,
        simulated=" **The ratings were made by a program.**" if report["is_simulated"] else "",
        systems=", ".join(row["system"] for row in report["systems"]) or "no system",
        segments=counts["segments"],
        dataset=campaign.dataset.name,
        languages=f"{report['source_lang']} to {report['target_lang']}",
        protocol=report["protocol_details"].get("label", campaign.protocol),
        unit=report["protocol_details"]["unit"],
        design=campaign.design,
        seed=campaign.seed,
        raters=counts["raters"],
        ratings=counts["ratings"],
        excluded=", with those of excluded annotators" if settings.get("with_excluded") else "",
        licence=campaign.dataset.licence or "not recorded",
        nikash=report["generated_with"]["nikash"],
    )
