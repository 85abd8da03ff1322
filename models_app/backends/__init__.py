"""Who generates text, one file per backend; heavy libraries are imported when used, not listed."""

from common.registry import Registry
from models_app.backends.base import Backend

BACKENDS: Registry[Backend] = Registry("backend", __name__)
