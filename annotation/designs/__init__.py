"""Who gets which items next, one file per design."""

from annotation.designs.base import Design
from common.registry import Registry

DESIGNS: Registry[Design] = Registry("design", __name__)
