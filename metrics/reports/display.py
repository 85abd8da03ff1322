"""A report's tables and figures as templates show them, from report.json alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports import figures
from metrics.reports.display_annotators import annotators_shown
from metrics.reports.display_blinding import blinding_shown
from metrics.reports.display_mqm import mqm_shown
from metrics.reports.tabling import table
from metrics.reports.words import (
    GROUPINGS,
    STATISTICS,
    VERDICTS,
    estimate,
    headline,
    interval,
    joined,
    number,
    p_value,
    pair_name,
    points,
    preferred,
    telling_pair,
    with_p,
)

Payload = Mapping[str, Any]
Link = Callable[[int], str]
FEW = 3  # pairs of systems that get a figure of their own


def labels(payload: Payload) -> dict[str, str]:
    return {metric["metric"]: metric["label"] for metric in payload["metrics"]}


def systems_table(payload: Payload) -> dict:
    columns = [_("System"), _("Score (95% interval)"), _("z"), _("Segments"), _("Ratings")]
    rows = [
        [
            row["system"] + (f" ({_('person')})" if row["is_human"] else ""),
            estimate(row["score"], row["low"], row["high"]),
            number(row["score_z"]),
            row["n_segments"],
            row["n_ratings"],
        ]
        for row in payload["systems"]
    ]
    return table(columns, rows, 1)


def agreement_table(payload: Payload) -> dict:
    columns = [
        _("Criterion"),
        _("Statistic"),
        _("Level"),
        _("Value (95% interval)"),
        _("Units"),
        _("Raters"),
        _("Ratings"),
        _("Recipe"),
    ]
    rows = [
        [
            row["criterion"],
            str(STATISTICS.get(row["statistic"], row["statistic"])),
            row["level"],
            _defined(row),
            row["n_units"],
            row["n_raters"],
            row["n_ratings"],
            row["method"] or DASHES,
        ]
        for row in payload["agreement"]
    ]
    return table(columns, rows, 3)


DASHES = "–"


def verdict_table(payload: Payload) -> dict:
    names = labels(payload)
    columns = [
        _("Pair"),
        _("Metric"),
        _("People prefer"),
        _("Metric prefers"),
        _("Together"),
        _("People's difference (95% interval)"),
        _("p (Holm)"),
        _("Metric's difference (95% interval)"),
        _("p (Holm)"),
        _("n"),
    ]
    rows = [
        [
            pair_name(row),
            names.get(row["metric"], DASHES),
            preferred(row, "people_say"),
            preferred(row, "metric_says") if row["metric"] else row["reason"],
            str(VERDICTS[row["verdict"]]) if row["metric"] else DASHES,
            estimate(row["human_delta"], row["human_low"], row["human_high"]),
            p_value(row["human_p_adjusted"]),
            estimate(row["metric_delta"], row["metric_low"], row["metric_high"]),
            p_value(row["metric_p_adjusted"]),
            row["n"],
        ]
        for row in figures.by_disagreement(payload["pairs"])
    ]
    if len({row[0] for row in rows}) > 1:
        return table(columns, rows, 5)
    shown = table(columns[1:], [row[1:] for row in rows], 4)
    return shown | {"caption": rows[0][0] if rows else ""}


def wins_table(payload: Payload) -> dict:
    columns = [
        _("Pair"),
        _("First better"),
        _("Tie"),
        _("Second better"),
        _("Effect size (d_z)"),
        _("n"),
    ]
    seen: dict[str, list[Any]] = {}
    for row in payload["pairs"]:
        cells = [row["wins"], row["ties"], row["losses"], number(row["effect_size"], 2), row["n"]]
        seen.setdefault(pair_name(row), cells)
    return table(columns, [[name, *cells] for name, cells in seen.items()], 1)


def domain_rows_table(payload: Payload, pair: tuple[str, str]) -> dict:
    columns = [
        _("Domain"),
        _("People prefer"),
        _("Difference (95% interval)"),
        _("p (Holm)"),
        _("Win / tie / loss"),
        _("n"),
    ]
    seen: dict[str, list[Any]] = {}
    for row in payload["pairs_by_domain"]:
        if (row["system_a"], row["system_b"]) == pair:
            cells = [
                preferred(row, "people_say"),
                estimate(row["human_delta"], row["human_low"], row["human_high"]),
                p_value(row["human_p_adjusted"]),
                f"{row['wins']} / {row['ties']} / {row['losses']}",
                row["n"],
            ]
            seen.setdefault(row["domain"], cells)
    return table(columns, [[name, *cells] for name, cells in seen.items()], 2)


def correlation_table(payload: Payload, level: str) -> dict:
    """A row for each metric and grouping, a column for each statistic."""
    names = labels(payload)
    grouped = level == "segment"
    columns = [_("Metric"), *([_("Grouping")] if grouped else []), *STATISTICS_SHOWN.values()]
    columns += [_("Outputs"), _("Groups")] if grouped else [_("Systems")]
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in payload["correlations"]:
        if row["level"] == level:
            place = found.setdefault((row["metric"], row["grouping"]), {})
            place[row["statistic"]] = row
    rows = [
        [
            names[metric],
            *([str(GROUPINGS[grouping])] if grouped else []),
            *(_defined(statistics[name]) for name in STATISTICS_SHOWN),
            statistics["pearson"]["n"],
            *([statistics["pearson"]["n_groups"]] if grouped else []),
        ]
        for (metric, grouping), statistics in found.items()
    ]
    return table(columns, rows, 2 if grouped else 1)


STATISTICS_SHOWN = {name: STATISTICS[name] for name in ("pearson", "spearman", "kendall_b")}


def metric_table(payload: Payload) -> dict:
    names = labels(payload)
    columns = [_("Metric"), _("System"), _("Corpus"), _("Mean of segments"), _("n"), _("Signature")]
    rows = [
        [
            names.get(row["metric"], row["metric"]),
            row["system"],
            points(row["corpus"]),
            points(row["segment_mean"]),
            row["n"],
            row["signature"],
        ]
        for row in payload["metric_scores"]
    ]
    return table(columns, rows, 2)


def disagreement_rows(payload: Payload, metric: str = "", kind: str = "", domain: str = "") -> list:
    """Rows of one metric (the first when empty), outputs or pairs, of one domain or all."""
    names = [entry["metric"] for entry in payload["metrics"]]
    metric = metric if metric in names else next(iter(names), "")
    return [
        row
        for row in payload["disagreements"]
        if row["metric"] == metric
        and (row["pair"] is not None) == (kind == "pairs")
        and domain in ("", row["domain"])
    ]


def disagreement_table(rows: Sequence[Mapping[str, Any]], link: Link | None = None) -> dict:
    columns = [
        _("Segment"),
        _("System"),
        _("Domain"),
        _("People"),
        _("Metric"),
        _("People's rank"),
        _("Metric's rank"),
        _("Gap"),
    ]
    cells = [
        [
            {"text": row["key"], "href": link(row["segment"])} if link else row["key"],
            row["system"] or " vs. ".join(row["pair"]),
            row["domain"] or DASHES,
            points(row["human"]),
            points(row["metric_value"]),
            number(row["human_rank"], 2),
            number(row["metric_rank"], 2),
            number(row["gap"], 2),
        ]
        for row in rows
    ]
    return table(columns, cells, 3)


def report_figures(payload: Payload) -> dict[str, Any]:
    """Every figure with its table beside it; None or empty where there is nothing to draw."""
    names = labels(payload)
    unit = payload["protocol_details"]["unit"]
    shown = {
        "systems": _figure(
            "figure-systems",
            _("People's score of each system"),
            figures.systems_figure(
                payload["systems"], unit, payload["protocol_details"]["direction"]
            ),
            systems_table(payload),
            _("Mean over segments of the mean over raters; intervals by drawing segments."),
        ),
        "agreement": _figure(
            "figure-agreement",
            _("How alike the raters rate"),
            figures.agreement_figure(payload["agreement"]),
            agreement_table(payload),
            "",
        ),
        "verdicts": _figure(
            "figure-verdicts",
            _("People say, metric says"),
            figures.verdict_figure(payload["pairs"], names),
            verdict_table(payload),
            _("Each cell compares the metric's verdict on a pair of systems with the people's."),
        ),
        "correlations": _figure(
            "figure-correlations",
            _("Does a metric follow the people, segment by segment?"),
            figures.correlation_figure(payload["correlations"], names),
            correlation_table(payload, "segment"),
            _("Within each segment is the strictest: knowing hard segments earns nothing there."),
        ),
    }
    return shown | {"scatter": scatter_figures(payload), "domains": domain_figures(payload)}


def scatter_figures(payload: Payload) -> list[dict]:
    found = []
    for metric in payload["metrics"]:
        points_here = [p for p in payload["points"] if p["metric"] == metric["metric"]]
        if points_here:
            title = _("People's score and %(metric)s, a dot for each output") % {
                "metric": metric["label"]
            }
            spec = figures.scatter_figure(points_here, metric, payload["protocol_details"]["unit"])
            found.append({"id": f"figure-scatter-{metric['metric']}", "title": title, "spec": spec})
    return found


def domain_figures(payload: Payload) -> list[dict]:
    """One figure for each of the first pairs, the telling one first."""
    telling = telling_pair(payload["pairs"])[:1]
    ordered = [*telling, *payload["pairs"]] if payload["pairs_by_domain"] else []
    pairs = list(dict.fromkeys((row["system_a"], row["system_b"]) for row in ordered))[:FEW]
    return [
        _figure(
            f"figure-domains-{place}",
            _("%(a)s against %(b)s in each domain") % {"a": pair[0], "b": pair[1]},
            figures.domain_figure(
                payload["pairs_by_domain"], pair, payload["protocol_details"]["unit"]
            ),
            domain_rows_table(payload, pair),
            _domain_note(payload, pair),
        )
        for place, pair in enumerate(pairs)
    ]


def _domain_note(payload: Payload, pair: tuple[str, str]) -> str:
    """Which side is whose, and whether the domains differ."""
    right, left = pair if payload["protocol_details"]["direction"] == "higher" else pair[::-1]
    note = _("Left of 0 people prefer %(left)s, right of it %(right)s.") % {
        "left": left,
        "right": right,
    }
    for row in payload["pairs_by_domain"]:
        known = row["human_heterogeneity_p"] is not None
        if (row["system_a"], row["system_b"]) == pair and known:
            differ = _("Do the domains differ? %(p)s (permutation of the domains).")
            return f"{note} {differ % {'p': with_p(row['human_heterogeneity_p'])}}"
    return note


def _figure(name: str, title: str, spec: dict, shown: dict, note: str) -> dict[str, Any]:
    drawn = any(len(trace.get("y", ())) for trace in spec["data"])
    return {
        "id": name,
        "title": title,
        "note": note,
        "spec": spec if drawn else None,
        "table": shown,
    }


def _defined(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return number(row["value"], 3) + ends


def _main_alpha(payload: Payload) -> dict[str, Any]:
    """Agreement in the main criterion, for the head of the report."""
    main = payload["protocol_details"]["main_criterion"]
    for row in payload["agreement"]:
        if row["criterion"] == main and row["statistic"] == "krippendorff_alpha":
            known = row["low"] is not None
            return {
                "value": number(row["value"], 2),
                "interval": interval(row["low"], row["high"], 2) if known else "",
                "note": row["reason"] or row["level"],
            }
    return {"value": DASHES, "interval": "", "note": ""}


def _one_reason(payload: Payload) -> str:
    """Why no metric has a correlation over systems, where all lack it for one reason."""
    rows = [row for row in payload["correlations"] if row["level"] == "system"]
    reasons = {row["reason"] for row in rows if row["value"] is None}
    undefined = rows and all(row["value"] is None for row in rows)
    return str(next(iter(reasons))) if undefined and len(reasons) == 1 else ""


def recipe(payload: Payload) -> str:
    """The line at a report's foot: what made its numbers."""
    made = payload["generated_with"]
    settings = made["settings"]
    versions = joined([f"{name} {value}" for name, value in made["versions"].items()])
    return _(
        "Nikash %(nikash)s; %(versions)s; seed %(seed)s, %(resamples)s resamples, %(permutations)s "
        "permutations, %(coverage)s%% intervals; data %(data)s."
    ) % {
        "nikash": made["nikash"],
        "versions": versions,
        "seed": settings["seed"],
        "resamples": settings["resamples"],
        "permutations": settings["permutations"],
        "coverage": round(100 * settings["coverage"]),
        "data": made["data"][:12],
    }


def report_context(payload: Payload) -> dict[str, Any]:
    """What the page and the file both show."""
    return {
        "report": payload,
        "headline": headline(payload),
        "alpha": _main_alpha(payload),
        "shown": report_figures(payload),
        "wins": wins_table(payload),
        "annotators": annotators_shown(payload),
        "metric_scores": metric_table(payload),
        "by_system": correlation_table(payload, "system"),
        "no_system_level": _one_reason(payload),
        "disagreements": [
            {
                "label": metric["label"],
                "table": disagreement_table(disagreement_rows(payload, metric["metric"])),
            }
            for metric in payload["metrics"]
        ],
        "recipe": recipe(payload),
        "blinding": blinding_shown(payload),
        "mqm": mqm_shown(payload),
    }
