"""Forms of the researcher's side: campaigns and people."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.names import check_new_name
from annotation.accounts import add_member
from annotation.adjudication import rule_of
from annotation.design_fields import DEFAULT, design_fields, design_options
from annotation.models import Campaign, Guideline, Membership
from annotation.protocol_fields import protocol_choices, protocol_fields, protocol_options
from annotation.protocols import PROTOCOLS
from annotation.quality_fields import add_quality, quality_fields
from common.errors import NikashError
from models_app.models import System
from models_app.models.dataset import name_validator
from models_app.models.system import CARRIER

User = get_user_model()


class CampaignForm(forms.ModelForm):
    protocol = forms.ChoiceField(label=_("Protocol"))
    systems = forms.ModelMultipleChoiceField(
        label=_("Systems"),
        queryset=System.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("annotators never see these names"),
    )
    guideline = forms.ChoiceField(label=_("Guideline"), required=False)

    class Meta:
        model = Campaign
        fields = (
            "name",
            "dataset",
            "protocol",
            "systems",
            "guideline",
            "raters_per_item",
            "batch_size",
            "lease_minutes",
            "seed",
        )
        labels = {
            "name": _("Name"),
            "dataset": _("Dataset"),
            "raters_per_item": _("Annotators for each item"),
            "batch_size": _("Segments handed out at a time"),
            "lease_minutes": _("Minutes before unfinished work goes to somebody else"),
            "seed": _("Seed of the random order"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["systems"].queryset = (
            System.objects.filter(outputs__isnull=False).exclude(note=CARRIER).distinct()
        )
        self.fields["protocol"].choices = protocol_choices()
        self.fields["guideline"].choices = self._guidelines
        self.of_protocol = protocol_fields()
        self.fields.update(self.of_protocol)
        further = {**design_fields(), **quality_fields()}
        self.fields.update(further)
        self.finer = [*further, "batch_size", "lease_minutes", "seed"]

    @cached_property
    def versions(self) -> dict[str, int]:
        """The newest version of each guideline; asked once the form is used, not to describe it."""
        found = Guideline.objects.order_by("version").values_list("name", "version")
        return dict(found.distinct())

    def _guidelines(self) -> list[tuple[str, Any]]:
        return [("", _("none")), *((name, name) for name in self.versions)]

    def main_fields(self) -> list[forms.BoundField]:
        apart = {*self.finer, *self.of_protocol}
        return [field for field in self if field.name not in apart]

    def protocol_groups(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """(name, label, fields) of each protocol that has options."""
        groups = [
            (name, label, [self[f] for f in self.of_protocol if f.startswith(f"{name}_")])
            for name, label in protocol_choices()
        ]
        return [group for group in groups if group[2]]

    def finer_fields(self) -> list[forms.BoundField]:
        """What has a default that suits most studies."""
        return [self[name] for name in self.finer]

    def has_finer_errors(self) -> bool:
        return any(field.errors for field in self.finer_fields())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        systems, dataset = cleaned.get("systems"), cleaned.get("dataset")
        if systems and dataset:
            self._check_outputs(list(systems), dataset)
        if (protocol := cleaned.get("protocol")) and dataset:
            self.instance.options = protocol_options(cleaned, dataset.target_lang)
            try:
                PROTOCOLS.get(protocol)(self.instance.options)
            except NikashError as problem:
                raise ValidationError(problem.message) from problem
        self.instance.guideline_version = self.versions.get(cleaned.get("guideline"), 1)
        self.instance.design = cleaned.get("design") or DEFAULT
        self.instance.options = {**self.instance.options, **design_options(cleaned)}
        add_quality(self.instance.options, cleaned)
        return cleaned

    @transaction.atomic
    def save_for(self, user: Any) -> Campaign:
        """The new draft of a person, who is its admin."""
        campaign: Campaign = self.save(commit=False)
        campaign.created_by = user
        campaign.save()
        self.save_m2m()
        add_member(campaign=campaign, user=user, role=Membership.Role.ADMIN)
        return campaign

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors:
            return
        try:
            self.instance.design_object.check(self.instance)
            rule_of(self.instance)
        except NikashError as problem:
            self.add_error(None, problem.message)

    def _check_outputs(self, systems: list[System], dataset: Any) -> None:
        counted = System.objects.filter(
            pk__in=[system.pk for system in systems], outputs__segment__dataset=dataset
        ).annotate(n=Count("outputs"))
        n_outputs = {system.pk: system.n for system in counted}
        for system in systems:
            if not n_outputs.get(system.pk):
                self.add_error(
                    "systems",
                    ValidationError(
                        _("%(system)s has no outputs on %(dataset)s; load or generate them first."),
                        params={"system": system.name, "dataset": dataset.name},
                    ),
                )


class MemberForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)

    def __init__(self, *args: Any, campaign: Any = None, **kwargs: Any) -> None:
        """campaign : with its rights; who may not give roles may still bring annotators in"""
        super().__init__(*args, **kwargs)
        if campaign is not None and not campaign.may_give_roles:
            choices = [(Membership.Role.ANNOTATOR.value, Membership.Role.ANNOTATOR.label)]
            self.fields["role"].choices = choices

    def clean_username(self) -> str:
        name = User.normalize_username(self.cleaned_data["username"].strip())
        self.user = User.objects.filter(username=name, is_active=True).first()
        if self.user is None:
            raise ValidationError(
                _("Nobody is called %(name)s; an admin makes accounts under People."),
                params={"name": name},
            )
        return name


class PersonForm(forms.Form):
    ROLES = (
        ("annotator", _("annotator")),
        ("researcher", _("researcher")),
        ("auditor", _("auditor")),
        ("admin", _("admin")),
    )
    username = forms.CharField(label=_("User name"), max_length=150, validators=[name_validator])
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)

    def clean_username(self) -> str:
        name = User.normalize_username(self.cleaned_data["username"].strip())
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("This name is taken; choose another."))
        check_new_name(name)
        return name
