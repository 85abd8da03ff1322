"""What was studied: data, languages, systems and their outputs."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from annotation.models import Campaign
from metrics.datasheets.asking import Question, Row, asked
from metrics.datasheets.facts import Facts


def study(facts: Facts) -> Iterator[Question]:
    campaign, report = facts.campaign, facts.report
    origins = {
        Campaign.Origin.ANNOTATED: _("The ratings were given in Nikash."),
        Campaign.Origin.IMPORTED: _("The ratings were given elsewhere and imported."),
        Campaign.Origin.SIMULATED: _("The ratings were made by a program, not by people."),
    }
    yield asked(_("Which study is this?"), campaign.name, origins[campaign.origin])
    task = (
        _("Translation from %(source)s to %(target)s")
        if campaign.dataset.is_translation
        else _("Texts in %(target)s, written from inputs in %(source)s")
    )
    languages = {"source": report["source_lang"], "target": report["target_lang"]}
    yield asked(_("What is the task, and in which languages?"), task % languages)
    dataset = campaign.dataset
    yield asked(_("Which data are the inputs?"), dataset.name, dataset.description)
    yield asked(_("Where do the data come from?"), dataset.origin)
    yield asked(_("Under which licence?"), dataset.licence)
    yield asked(_("Is there a paper, and was the study registered before?"))


def systems(facts: Facts) -> Iterator[Question]:
    yield asked(_("Which systems were compared?"), *map(_system, facts.makers["systems"]))
    hashes = [
        f"{row['name']}: {row['sha256']}"
        for kind in ("checkpoints", "adapters")
        for row in facts.makers[kind]
        if row["sha256"]
    ]
    yield asked(_("Which weights exactly? (SHA-256)"), *hashes)
    counts = facts.report["counts"]
    yield asked(
        _("How many inputs were judged, and how were they chosen?"),
        _("%(n)s of the %(all)s segments of the dataset.")
        % {"n": counts["segments"], "all": facts.n_dataset},
        _("%(n)s of them have a score.") % {"n": counts["rated_segments"]},
    )
    same = _("%(n)s items show equal outputs, which count as ties and were not judged.")
    n_judged = facts.n_items.get("judge", 0)
    yield asked(
        _("How many items were there to judge?"),
        n_judged,
        same % {"n": facts.n_needless} if facts.n_needless else "",
    )


def _system(row: Row) -> str:
    made = [
        _("base model %(name)s") % {"name": row["checkpoint"]} if row["checkpoint"] else "",
        _("adapter %(name)s") % {"name": row["adapter"]} if row["adapter"] else "",
        _("prompt %(name)s") % {"name": row["prompt"]} if row["prompt"] else "",
        ", ".join(f"{name} = {value}" for name, value in sorted(row["decoding"].items())),
        _("a tuned system") if row["is_tuned"] else "",
        _("written by people") if row["kind"] == "human" else "",
        _("outputs made elsewhere") if row["kind"] == "imported" else "",
    ]
    return f"{row['name']}: {'; '.join(part for part in made if part)}"
