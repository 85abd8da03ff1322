"""How far the raters agreed, from the campaigns' reports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from studies.tables import TABLES
from studies.tables.base import Column, Picture
from studies.tables.people import OfCampaigns


@TABLES.register("agreement")
class Agreement(OfCampaigns):
    """Option: `statistics`, Krippendorff's alpha and Cohen's kappa unless told."""

    title = _("Agreement of the raters")
    columns = (
        Column("campaign", "Campaign", "text"),
        Column("criterion", "Criterion", "text"),
        Column("statistic", "Statistic", "text"),
        Column("value", "Value", "interval"),
        Column("n_units", "Units"),
        Column("n_raters", "Raters"),
        Column("method", "Interval by", "text"),
    )
    picture = Picture("value", "criterion", ("campaign", "statistic"))
    recipe = "as the campaign's report"

    def rows(self) -> list[dict[str, Any]]:
        statistics = self.options.get("statistics", ["krippendorff_alpha", "cohen_kappa"])
        return [
            about | row
            for about, row in self.of_reports("agreement")
            if row.get("statistic", statistics[0]) in statistics
        ]
