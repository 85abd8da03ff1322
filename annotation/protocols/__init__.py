"""What is asked of an annotator, one file per protocol. No ORM here: answers in, numbers out."""

from annotation.protocols.base import AnnotationProtocol
from common.registry import Registry

PROTOCOLS: Registry[AnnotationProtocol] = Registry("protocol", __name__)
