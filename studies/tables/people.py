"""What people said: systems' scores, pairs beside the metrics, and correlations."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign
from metrics.reporting import fresh_report
from studies.tables import TABLES
from studies.tables.base import Column, Picture, Table

SIMULATED = "The ratings are simulated: they show that the study runs, not what people think."


class OfCampaigns(Table):
    """Rows taken from the reports of the study's campaigns; option `campaigns`, all unless told."""

    def campaigns(self) -> Iterator[tuple[Campaign, dict[str, Any] | None]]:
        """Each campaign and its report; None where nobody has rated yet."""
        entries = self.work.configuration.get("campaigns", ())
        wanted = self.options.get("campaigns", [entry["name"] for entry in entries])
        names = [self.work.name(name) for name in wanted]
        for campaign in Campaign.objects.filter(name__in=names).order_by("pk"):
            run = fresh_report(campaign)
            yield campaign, run.payload if run else None

    def notes(self) -> list[str]:
        origins = [campaign.origin for campaign, _ in self.campaigns()]
        return [SIMULATED] if Campaign.Origin.SIMULATED in origins else []

    def of_reports(self, table: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """(what every row says of its campaign, a row of the report's table)."""
        for campaign, payload in self.campaigns():
            about = {
                "campaign": self.short(campaign.name),
                "link": reverse("metrics:report", args=[campaign.pk]),
            }
            if payload is None:
                about["link"] = reverse("annotation:campaign_detail", args=[campaign.pk])
                yield about, {"reason": "nobody has rated yet: invite annotators and open it"}
                continue
            for row in payload.get(table, ()):
                yield about | {"unit": payload["protocol_details"]["unit"]}, row


@TABLES.register("people")
class People(OfCampaigns):
    title = _("What people said of each system")
    columns = (
        Column("campaign", "Campaign", "text"),
        Column("system", "System", "text"),
        Column("score", "Score", "interval"),
        Column("unit", "Unit", "text"),
        Column("n_ratings", "Ratings"),
        Column("n", "Segments"),
    )
    picture = Picture("score", "system", ("campaign",))
    recipe = "mean of ratings; 95 % interval, bootstrap over segments, as the campaign's report"

    def rows(self) -> list[dict[str, Any]]:
        return [
            about
            | {
                "system": self.short(row.get("system", "")),
                "score": row.get("score"),
                "low": row.get("low"),
                "high": row.get("high"),
                "n_ratings": row.get("n_ratings", 0),
                "n": row.get("n_segments", 0),
                "reason": row.get("reason"),
            }
            for about, row in self.of_reports("systems")
        ]


@TABLES.register("verdicts")
class Verdicts(OfCampaigns):
    title = _("People say, metric says")
    columns = (
        Column("campaign", "Campaign", "text"),
        Column("pair", "Pair", "text"),
        Column("people", "People: difference", "interval"),
        Column("metric", "Metric", "text"),
        Column("delta", "Metric: difference", "interval", "segment mean"),
        Column("verdict", "Verdict", "text"),
        Column("n", "n"),
    )
    picture = Picture("people", "pair", ("campaign",))
    recipe = (
        "first system minus second; 95 % bootstrap over segments; p by sign-flip permutation, "
        "Holm over the pairs of one metric"
    )

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for about, row in self.of_reports("pairs"):
            if "system_a" not in row:
                rows.append(about | row)
                continue
            rows.append(
                about
                | {
                    "pair": f"{self.short(row['system_a'])} − {self.short(row['system_b'])}",
                    "people": row["human_delta"],
                    "people_low": row["human_low"],
                    "people_high": row["human_high"],
                    "metric": row["metric"] or "",
                    "delta": row["metric_delta"],
                    "delta_low": row["metric_low"],
                    "delta_high": row["metric_high"],
                    "verdict": row["verdict"] or "",
                    "n": row["n"],
                    "reason": row["reason"],
                }
            )
        return rows


@TABLES.register("correlations")
class Correlations(OfCampaigns):
    """Options: `statistics` and `groupings`, say ["kendall_b"] and ["item"]."""

    title = _("Correlation of metrics with people")
    columns = (
        Column("campaign", "Campaign", "text"),
        Column("metric", "Metric", "text"),
        Column("level", "Level", "text"),
        Column("statistic", "Statistic", "text"),
        Column("value", "Correlation", "interval"),
        Column("n", "n"),
        Column("method", "Interval by", "text"),
    )
    picture = Picture("value", "metric", ("campaign", "level", "statistic"))
    recipe = "higher means more alike, for every metric and protocol, whatever their direction"

    def rows(self) -> list[dict[str, Any]]:
        statistics = self.options.get("statistics", ["pearson", "kendall_b"])
        groupings = self.options.get("groupings", ["none", "item"])
        rows = []
        for about, row in self.of_reports("correlations"):
            if "statistic" in row and (
                row["statistic"] not in statistics
                or row["grouping"] not in groupings
                or row["is_baseline"]
                or row["human"] != "score"
            ):
                continue
            level = {"none": row.get("level", ""), "item": "segment, by item"}.get(
                row.get("grouping", "none"), f"segment, by {row.get('grouping')}"
            )
            rows.append(about | row | {"level": level, "n": row.get("n", 0)})
        return rows
