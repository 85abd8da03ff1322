"""What goes when somebody's answers or profile do: reports and files that tell them."""

from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from metrics.models import Package, ReportRun
from metrics.packages.files import path_of


def drop_made_of_answers(*, campaigns: list[int], **_: Any) -> None:
    """Delete the reports and packages of these campaigns; new ones are made without the person."""
    ReportRun.objects.filter(campaign__in=campaigns).delete()
    drop_packages(campaigns)


def drop_made_of_profiles(*, campaigns: list[int], is_published: bool, **_: Any) -> None:
    """Reports show profiles to researchers; packages hold those of who lets them be published."""
    ReportRun.objects.filter(campaign__in=campaigns).delete()
    if is_published:
        drop_packages(campaigns)


def drop_packages(campaigns: list[int]) -> None:
    """Delete them, and their files once that is certain."""
    packages = Package.objects.filter(campaign__in=campaigns)
    paths = [path_of(package) for package in packages]
    packages.delete()
    transaction.on_commit(partial(_unlink, paths))


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
