"""BLEU over the pieces of a SentencePiece model that lies on this machine; nothing is fetched."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from common.errors import MissingLibrary, NotFound

PIECES = ("flores200", "flores101", "spm")


class Pieces:
    """A sacreBLEU tokenizer: a line as its pieces with a space between them."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = str(Path(path).expanduser())
        self.processor, self.model_hash = _load(self.path)

    def __call__(self, line: str) -> str:
        return " ".join(self.processor.encode(line, out_type=str))

    def signature(self) -> str:
        return self.name


@lru_cache(maxsize=2)
def _load(path: str) -> tuple[Any, str]:
    """(processor, first 12 digits of the file's SHA-256)"""
    try:
        import sentencepiece
    except ImportError as error:
        raise MissingLibrary(
            "BLEU over pieces needs sentencepiece; install it with: pip install 'nikash[ml]'"
        ) from error
    try:
        data = Path(path).read_bytes()
        processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    except (OSError, RuntimeError) as error:
        raise NotFound(
            f"no SentencePiece model could be read from {path!r} ({str(error).splitlines()[0]}); "
            "write the path of a .model file"
        ) from error
    return processor, hashlib.sha256(data).hexdigest()[:12]
