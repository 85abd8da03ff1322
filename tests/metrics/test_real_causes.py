"""On real Hindi translations, causes go with BLEU's gap as they should."""

from metrics.analyses.causes import cause_model_rows, load_causes
from metrics.analyses.frame import load_frame
from metrics.analyses.reversals import reversal_rows, source_words
from metrics.analyses.settings import Settings
from metrics.analyses.values import load_values
from tests.metrics.studies import scored
from tests.metrics.test_real_report import campaign, pytestmark  # noqa: F401

FAST = Settings(resamples=50, permutations=50)


def test_what_bleu_cannot_forgive_lets_it_underrate(campaign):  # noqa: F811
    scored(campaign, ["bleu", "chrf"])
    frame = load_frame(campaign)
    values = load_values(campaign, frame)
    causes = load_causes(campaign, frame, values)
    rows = {
        (row["metric"], row["cause"]): row
        for row in cause_model_rows(frame, values, causes, FAST)
        if row["response"] == "gap"
    }
    for cause in ("orthography", "diacritics", "word_forms", "reference", "length"):
        row = rows["bleu", cause]
        assert row["high"] < 0 and row["p_adjusted"] < 0.05, cause
    for cause in ("orthography", "diacritics", "word_forms"):  # characters forgive more
        assert rows["bleu", cause]["coefficient"] < rows["chrf", cause]["coefficient"], cause
    reversals = reversal_rows(frame, values, FAST, n_words=source_words(campaign, frame))
    overall = {row["metric"]: row for row in reversals if row["by"] == "all"}
    assert all(row["low"] > 0.4 and row["high"] < 0.5 for row in overall.values())
