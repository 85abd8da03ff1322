"""What can go wrong, said by the server."""

from collections.abc import Mapping, Sequence


class ApiError(Exception):
    """A refusal: `status`, one word for programs in `code`, a sentence, and fields at fault."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, Sequence[str]] | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.request_id = request_id


class JobFailed(Exception):
    """A job that was waited for failed or was cancelled; `state` says which."""

    def __init__(self, state: str, error: str) -> None:
        super().__init__(f"{state}: {error}" if error else state)
        self.state = state
        self.error = error
