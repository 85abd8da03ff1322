"""Why a metric and people may part on an output: one cause a file; texts in, strengths out.

`CAUSES` knows every cause by name. Nothing here is proof: a cause says what about the texts could
mislead a metric, how strongly, and which words show it.
"""

from common.registry import Registry
from metrics.causes.base import NOTHING, Case, Cause, Finding

CAUSES: Registry[Cause] = Registry("cause", __name__)

__all__ = ["CAUSES", "NOTHING", "Case", "Cause", "Finding"]
