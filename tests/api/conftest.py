"""Clients of the programs' door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from api.tokens import make_token
from tests import people


class Caller:
    """A program that speaks JSON with a person's token."""

    def __init__(self, user: Any, scope: str = "write") -> None:
        self.headers = {}
        if user is not None:
            _token, secret = make_token(user=user, name="test", scope=scope, days=None)
            self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client(raise_request_exception=False)

    def __call__(self, method: str, where: str, data: Any = None, **headers: str) -> Any:
        given = {} if data is None else {"data": data, "content_type": "application/json"}
        headers = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        call = getattr(self.client, method)
        return call(f"/api/v1/{where}", headers=headers, **given)

    def get(self, where: str, **headers: str) -> Any:
        return self("get", where, **headers)

    def post(self, where: str, data: Any = None, **headers: str) -> Any:
        return self("post", where, {} if data is None else data, **headers)


@pytest.fixture
def caller(db: None) -> Callable[..., Caller]:
    """caller("alice") speaks as Alice; caller(None) as nobody."""

    def make(name: str | None, scope: str = "write") -> Caller:
        return Caller(getattr(people, name)() if name else None, scope)

    return make
