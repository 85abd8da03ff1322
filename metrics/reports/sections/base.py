"""What every section of a report offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from annotation.models import Campaign

if TYPE_CHECKING:
    from metrics.analyses.artefacts import Tagged
    from metrics.analyses.causes import Causes
    from metrics.analyses.errors import Marked
    from metrics.analyses.frame import Frame
    from metrics.analyses.settings import Settings
    from metrics.analyses.values import MetricValues

Payload = Mapping[str, Any]
Link = Callable[[int], str]  # a segment's key in the database to its page
Tables = Mapping[str, Callable[[], list[dict[str, Any]] | None]]


class Material:
    """What sections compute from, loaded once; what only some need is loaded when first asked."""

    def __init__(
        self, campaign: Campaign, frame: Frame, values: list[MetricValues], settings: Settings
    ) -> None:
        self.campaign = campaign
        self.frame = frame
        self.values = values
        self.settings = settings

    @cached_property
    def metrics(self) -> list[MetricValues]:
        """The metrics that verdicts are asked of: those that are no baselines."""
        from metrics.analyses.baselines import is_baseline

        return [metric for metric in self.values if not is_baseline(metric.name)]

    @cached_property
    def contenders(self) -> list[MetricValues]:
        """The metrics, then the baselines that each of them must beat; none without a metric."""
        from metrics.analyses.baselines import load_baselines

        if not self.values:
            return []
        return self.metrics + load_baselines(self.campaign, self.frame, self.values, self.settings)

    @cached_property
    def marked(self) -> Marked:
        """The errors that raters marked."""
        from metrics.analyses.errors import load_errors

        return load_errors(self.campaign, self.frame, with_excluded=self.settings.with_excluded)

    @cached_property
    def tagged(self) -> list[Tagged]:
        """Traces of translation, by people and by rules; [] where nobody was asked for them."""
        from metrics.analyses.artefacts import load_tagged

        return load_tagged(self.campaign, self.frame, self.settings)

    @cached_property
    def causes(self) -> Causes:
        """What in the texts could mislead a metric."""
        from metrics.analyses.causes import load_causes

        return load_causes(self.campaign, self.frame, self.values)


class Section(ABC):
    """One section of the report; importing its module loads no scipy, `tables` may.

    Class attributes
    ----------------
    name : registry name, the template's and the anchor's;  title : its heading
    place : where it stands on the page, smallest first
    always : tables that every report has
    sometimes : tables that a report has only where there is something of the kind
    aside : those of them that ask nothing of the database, computed while the others are
    """

    name: ClassVar[str]
    title: ClassVar[Any]
    place: ClassVar[int]
    always: ClassVar[tuple[str, ...]] = ()
    sometimes: ClassVar[tuple[str, ...]] = ()
    aside: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def tables(self, material: Material) -> Tables:
        """Table name to the function that computes its rows; one of `sometimes` may give None.

        A row has exactly the columns of `columns/NAME.json`; a number that is not defined is
        None or nan, with a reason beside it.
        """

    @abstractmethod
    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        """What the template shows, as `section`, from report.json alone; None: not this time."""
