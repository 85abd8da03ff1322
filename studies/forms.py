"""Start a study: one that ships with Nikash, or one's own configuration file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from models_app.models.dataset import model_name_validator
from models_app.places import check_location, check_open_to_pages
from studies.configuration import TEMPLATES, check_configuration, read_configuration, template_names

MOST_BYTES = 1_000_000


class StudyForm(forms.Form):
    template = forms.ChoiceField(label=_("Study"), required=False)
    file = forms.FileField(
        label=_("or a configuration of your own (JSON)"),
        required=False,
        help_text=_(
            "its files are looked for among the project's fixtures, or by their full path "
            "in a folder that pages may read from"
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[model_name_validator],
        help_text=_("stands before everything that the study makes"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, read_configuration(name)[0]["title"]) for name in template_names()]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            if file := cleaned.get("file"):
                cleaned["configuration"], cleaned["folder"] = _uploaded(file), TEMPLATES
            else:
                found: tuple[dict[str, Any], Path] = read_configuration(cleaned["template"])
                cleaned["configuration"], cleaned["folder"] = found
        except BadInput as problem:
            raise forms.ValidationError(problem.message) from problem
        return cleaned


def _uploaded(file: Any) -> dict[str, Any]:
    if file.size > MOST_BYTES:
        raise BadInput(f"it has {file.size} bytes; a configuration has {MOST_BYTES} at most")
    try:
        given = json.loads(file.read().decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"it is not readable JSON: {problem}", file=file.name) from problem
    found = check_configuration(given, file=file.name)
    _check_places(found)
    return found


def _check_places(configuration: dict[str, Any]) -> None:
    """Every file and folder that it names must lie where pages may read."""
    for given in _files(configuration):
        path = Path(given).expanduser()
        path = settings.BASE_DIR / path if given.startswith("fixtures/") else TEMPLATES / path
        check_open_to_pages(path, settings.STUDY_FOLDERS, "NIKASH_STUDY_FOLDERS")
    for entry in configuration.get("checkpoints", {}).values():
        check_location(entry["location"])
    for entry in configuration.get("systems", ()):
        check_location(entry.get("adapter", "").partition("@")[0] or "owner/name")


def _files(configuration: dict[str, Any]) -> Iterator[str]:
    for part in ("corpora", "datasets"):
        for entry in configuration.get(part, {}).values():
            given = entry.get("file", [])
            yield from [given] if isinstance(given, str) else given
    for entry in configuration.get("systems", ()):
        yield from entry.get("outputs", {}).values()
