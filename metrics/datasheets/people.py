"""Who judged, and how they are protected."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from metrics.datasheets.asking import Question, asked, counts
from metrics.datasheets.facts import Facts


def annotators(facts: Facts) -> Iterator[Question]:
    rows = facts.report["annotators"]
    yield asked(
        _("How many people judged?"),
        facts.report["counts"]["raters"],
        *counts(
            rows,
            "origin",
            {
                "person": _("with an account"),
                "imported": _("imported"),
                "simulated": _("simulated"),
            },
        ),
    )
    used = facts.invitations
    links = _("%(n)s links of invitation, used %(used)s times.")
    yield asked(
        _("How were they found?"),
        links % {"n": used["n"], "used": used["n_used"] or 0} if used["n"] else "",
    )
    yield asked(_("How were they paid or thanked?"))
    for text, column in (
        (_("What are their native languages?"), "languages"),
        (_("Which dialects?"), "dialect"),
        (_("Where are they from?"), "region"),
        (_("What is their education?"), "education"),
        (_("How do they stand to the authors?"), "relation"),
    ):
        yield asked(text, *counts(rows, column))
    years = sorted(row["years"] for row in rows if row["years"] is not None)
    said = _("%(n)s said: from %(low)s to %(high)s years.")
    yield asked(
        _("How experienced are they?"),
        said % {"n": len(years), "low": years[0], "high": years[-1]} if years else "",
    )
    yield asked(_("How were they trained and tested before?"), *_lessons(facts))


def _lessons(facts: Facts) -> list[str]:
    rows = facts.report.get("lessons") or []
    found = []
    if n := facts.n_items.get("training"):
        trained = sum(row["trained"] for row in rows)
        found.append(
            _("%(n)s training items with feedback; %(done)s annotators finished them.")
            % {"n": n, "done": trained}
        )
    if n := facts.n_items.get("qualification"):
        results = Counter(row["result"] for row in rows)
        found.append(
            _("%(n)s items to qualify; %(passed)s annotators passed, %(failed)s failed.")
            % {"n": n, "passed": results["passed"], "failed": results["failed"]}
        )
    return found


def ethics(facts: Facts) -> Iterator[Question]:
    yield asked(_("Was the study approved by an ethics board?"))
    people = _("%(n)s of %(all)s annotators with an account consent to publishing their profile.")
    yield asked(
        _("Did annotators consent?"),
        people % {"n": facts.n_consenting, "all": facts.n_people} if facts.n_people else "",
    )
    yield asked(
        _("Which personal data are published?"),
        _("Codes in place of names; the profiles of those who consent; remarks as written."),
    )
    yield asked(_("Could the texts harm those who read them?"))
