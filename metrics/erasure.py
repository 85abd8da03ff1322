"""What goes when somebody's answers do: files that hold them one by one."""

from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from metrics.models import Package
from metrics.packages.files import path_of


def drop_packages(*, campaigns: list[int], **_: Any) -> None:
    """Delete the packages of these campaigns, and their files once that is certain."""
    packages = Package.objects.filter(campaign__in=campaigns)
    paths = [path_of(package) for package in packages]
    packages.delete()
    transaction.on_commit(partial(_unlink, paths))


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
