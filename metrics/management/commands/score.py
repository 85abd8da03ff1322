"""manage.py score --campaign NAME|--dataset NAME --metrics bleu,chrf,ter,rougeL,token_f1,nli"""

from typing import Any

from common.errors import BadInput
from metrics.management.campaigns import campaign_named, do_here
from metrics.scoring import DEFAULT_METRICS, create_run
from models_app.management.cli import NikashCommand, dataset_named


class Command(NikashCommand):
    help = "Compute automatic metrics on outputs; what is already there is not computed again."

    def add_arguments(self, parser: Any) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--campaign", help="score this campaign's systems")
        where.add_argument("--dataset", help="score every system with outputs on this dataset")
        parser.add_argument(
            "--metrics", default=",".join(DEFAULT_METRICS), help="names, separated by commas"
        )
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="METRIC.OPTION=VALUE",
            help="say nli.checkpoint=FOLDER or bleu.tokenize=intl; may be repeated",
        )

        parser.add_argument(
            "--knowingly",
            action="append",
            default=[],
            metavar="METRIC",
            help="use this metric although the doctor finds it unfit; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"]) if options["campaign"] else None
        dataset = campaign.dataset if campaign else dataset_named(options["dataset"])
        run = create_run(
            dataset=dataset,
            campaign=campaign,
            metrics=options["metrics"].split(","),
            options=metric_options(options["option"]),
            knowingly=options["knowingly"],
        )
        run = do_here(run, "values")
        self.say(f"{campaign or dataset}: {run.message}")


def metric_options(pairs: list[str]) -> dict[str, dict[str, str]]:
    """{"nli": {"checkpoint": "..."}} from "nli.checkpoint=..."."""
    chosen: dict[str, dict[str, str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        metric, dot, option = name.partition(".")
        if not (metric and dot and option and equals):
            raise BadInput(
                f"--option {pair!r} cannot be read; write METRIC.OPTION=VALUE, "
                "say nli.checkpoint=FOLDER"
            )
        chosen.setdefault(metric, {})[option] = value
    return chosen
