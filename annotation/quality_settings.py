"""What a campaign's options say about quality, `options["quality"]`: each key, with its default."""

from typing import Any

from annotation.models import Campaign


def asks_guess(campaign: Campaign) -> bool:
    """Whether annotators are asked which output they take for the tuned model's."""
    return _setting(campaign, "ask_guess", False) is True


def tuned_names(campaign: Campaign) -> frozenset[str]:
    """Systems that count as tuned though they have no adapter here."""
    names = _setting(campaign, "tuned", ())
    return frozenset([names] if isinstance(names, str) else names)


def norms_while_open(campaign: Campaign) -> bool:
    """Whether annotators may compare notes on an item before the campaign is closed."""
    return _setting(campaign, "norming", False) is True


def _setting(campaign: Campaign, name: str, default: Any) -> Any:
    return (campaign.options.get("quality") or {}).get(name, default)
