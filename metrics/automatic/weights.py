"""Which weights a model has, for signatures."""

import hashlib
from typing import Any


def weights_hash(model: Any) -> str:
    """First 12 digits of the SHA-256 over names, shapes and bytes of all parameters."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:12]
