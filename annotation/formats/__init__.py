"""Interchange formats of ratings, one file each."""

from annotation.formats.base import RatingFormat
from common.registry import Registry

FORMATS: Registry[RatingFormat] = Registry("format", __name__)
