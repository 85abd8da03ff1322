"""Sending requests: retries that cannot do anything twice, refusals as exceptions."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import httpx

from nikash_client.errors import ApiError

AGAIN = (429, 502, 503, 504)
LONGEST_WAIT = 60.0


class Transport:
    """One connection pool with a token.

    A request that is lost, or that the server is too busy for, is sent again up to `retries`
    times; one that makes something goes out with the same Idempotency-Key each time, so that the
    server does it once.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        retries: int = 4,
        timeout: float = 60.0,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = address.rstrip("/") + "/api/v1/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = http or httpx.Client(timeout=timeout)
        self._retries = retries
        self._sleep = sleep

    def close(self) -> None:
        self._http.close()

    def ask(
        self,
        method: str,
        where: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, BinaryIO] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer. Raises ApiError for a refusal, httpx.TransportError where nobody answers.

        form, files : sent as multipart/form-data, in place of a body as JSON
        """
        sent = {**self._headers, **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        for attempt in range(self._retries + 1):
            try:
                response = self._http.request(
                    method,
                    self._url(where),
                    params=params,
                    json=body,
                    data=form,
                    files=files,
                    headers=sent,
                )
            except httpx.TransportError:
                if attempt == self._retries:
                    raise
                self._sleep(_pause(attempt, None))
                continue
            if response.status_code not in AGAIN or attempt == self._retries:
                break
            self._sleep(_pause(attempt, response.headers.get("Retry-After")))
        _raise_for(response)
        return response

    def lines(self, where: str, params: Mapping[str, Any] | None = None) -> Iterator[str]:
        """The lines of a streamed answer while they come."""
        with self._http.stream(
            "GET", self._url(where), params=params, headers=self._headers
        ) as response:
            if response.is_error:
                response.read()
            _raise_for(response)
            yield from (line for line in response.iter_lines() if line)

    def pages(self, where: str, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Every row of a list, page after page."""
        page = self.ask("GET", where, params=params).json()
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self.ask("GET", page["next"]).json()

    def _url(self, where: str) -> str:
        """An address of this server; a token never goes elsewhere."""
        _head, found, rest = where.partition("/api/v1/")
        return self._base + (rest if found else where)


def _pause(attempt: int, asked: str | None) -> float:
    if asked and asked.isdigit():
        return min(float(asked), LONGEST_WAIT)
    return min(0.5 * 2.0**attempt, LONGEST_WAIT)


def _raise_for(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        raise ApiError(response.status_code, "no_answer", response.text[:300]) from None
    raise ApiError(
        response.status_code,
        error["code"],
        error["message"],
        error["fields"],
        error["request_id"],
    )
