"""Endpoints as plain functions: each says its address, its people, what it takes and gives."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from rest_framework import renderers, serializers
from rest_framework.exceptions import APIException, MethodNotAllowed, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.asking import PAGING, Parameter, asked, filtered, page_of
from api.bodies import Body
from api.idempotency import once
from api.people import Who, check_who
from api.schema import EndpointSchema

Act = Callable[..., Any]
CREATES = ("POST",)


@dataclass(frozen=True)
class Media:
    """An answer that is a file or a stream; `file` is what it is called where it is kept."""

    kind: str
    about: str
    file: str


Gives = type[serializers.BaseSerializer] | Media | None


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    name: str
    method: str
    path: str
    tag: str
    act: Act
    who: Who
    takes: Body | None = None
    gives: Gives = None
    status: int = 200
    later: type[serializers.BaseSerializer] | None = None  # with 202, where a job does it
    pages: bool = False
    long: bool = False  # pages of what may be a million rows
    parameters: tuple[Parameter, ...] = ()
    has_secret: bool = False
    refusals: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    before: Act | None = None  # looks up what is to be changed, before the body is read

    @property
    def is_kept(self) -> bool:
        """Whether a key makes a repeated request harmless."""
        return self.method in CREATES and not isinstance(self.gives, Media)

    @property
    def in_address(self) -> tuple[Parameter, ...]:
        return (*self.parameters, *PAGING) if self.pages else self.parameters


@dataclass
class Routes:
    """The operations of one resource; `tag` is its chapter in the documentation."""

    tag: str
    operations: list[Operation] = field(default_factory=list)

    def _add(self, method: str, where: str, who: Who, **options: Any) -> Callable[[Act], Act]:
        def register(act: Act) -> Act:
            name = options.pop("name", act.__name__)
            operation = Operation(
                name=name, method=method, path=where, tag=self.tag, act=act, who=who, **options
            )
            self.operations.append(operation)
            return act

        return register

    def get(self, where: str, who: Who, **options: Any) -> Callable[[Act], Act]:
        return self._add("GET", where, who, **options)

    def post(self, where: str, who: Who, **options: Any) -> Callable[[Act], Act]:
        return self._add("POST", where, who, **options)

    def put(self, where: str, who: Who, **options: Any) -> Callable[[Act], Act]:
        return self._add("PUT", where, who, **options)

    def delete(self, where: str, who: Who, **options: Any) -> Callable[[Act], Act]:
        return self._add("DELETE", where, who, status=204, **options)


class AnyMedia(renderers.JSONRenderer):
    """JSON whatever the caller accepts: refusals have one shape, also beside files."""

    media_type = "application/json"
    charset = None


class StrictJSON(JSONParser):
    """JSON in UTF-8, of a size and depth that the site takes, without halves of characters."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        sent = stream.body if hasattr(stream, "body") else stream.read()  # body has a limit
        try:
            found = super().parse(io.BytesIO(sent), media_type)
            json.dumps(found, ensure_ascii=False).encode()
        except RecursionError as problem:
            raise ParseError(_("The JSON is nested too deeply; send flat objects.")) from problem
        except UnicodeEncodeError as problem:
            raise ParseError(
                _("A text has half of a character (a lone surrogate); write the whole character.")
            ) from problem
        return found


class AlwaysJSON:
    """Content negotiation without a choice."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        from rest_framework.negotiation import DefaultContentNegotiation

        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, rendering: Any, format_suffix: Any = None) -> Any:
        return rendering[0], rendering[0].media_type


class Endpoint(APIView):
    """The view behind one address; its operations are in `operations`, by method."""

    operations: ClassVar[dict[str, Operation]] = {}
    renderer_classes = (AnyMedia,)
    content_negotiation_class = AlwaysJSON
    schema = EndpointSchema()

    def operation_for(self, method: str) -> Operation:
        found = self.operations.get("GET" if method == "HEAD" else method)
        if found is None:
            raise MethodNotAllowed(method)
        return found

    def get_parsers(self) -> list[Any]:
        has_files = any(o.takes and o.takes.has_files for o in self.operations.values())
        return [MultiPartParser(), StrictJSON()] if has_files else [StrictJSON()]

    def initial(self, request: Request, *args: Any, **where: Any) -> None:
        """Who asks, then how often, then whether they may: refusals are counted, too."""
        refused = None
        try:
            self.perform_authentication(request)
        except APIException as problem:
            refused = problem
        self.check_throttles(request)
        if refused is not None:
            raise refused
        self.check_permissions(request)

    def check_permissions(self, request: Request) -> None:
        if request.method == "OPTIONS":
            check_who(request, Who.PERSON)
            return
        check_who(request, self.operation_for(request.method).who)

    def run(self, request: Request, **where: Any) -> HttpResponseBase:
        operation = self.operation_for(request.method)
        request.asked = asked(request, operation.in_address)
        if not operation.is_kept:
            return answer(operation, request, where)
        return once(
            request, lambda: answer(operation, request, where), has_secret=operation.has_secret
        )

    def options(self, request: Request, *args: Any, **where: Any) -> Response:
        allowed = ", ".join(self.allowed_methods)
        return Response(status=204, headers={"Allow": allowed})


def answer(operation: Operation, request: Request, where: dict[str, Any]) -> HttpResponseBase:
    if operation.before:
        operation.before(request, **where)
    given = (operation.takes.read(request),) if operation.takes else ()
    made = operation.act(request, *given, **where)
    if isinstance(made, HttpResponseBase):
        if isinstance(operation.gives, Media):
            made.headers.setdefault(
                "Content-Disposition", f'attachment; filename="{operation.gives.file}"'
            )
        return made
    context = {"request": request}
    if operation.pages:
        rows = filtered(made, operation.parameters, request.asked)
        rows, after = page_of(rows, request.asked, long=operation.long)
        listed = operation.gives(rows, many=True, context=context).data
        return Response({"next": _next(request, after), "results": listed})
    if operation.gives is None:
        return Response(status=operation.status)
    return Response(operation.gives(made, context=context).data, status=operation.status)


def _next(request: Request, after: int | None) -> str | None:
    if after is None:
        return None
    query = request.query_params.copy()
    query["after"] = str(after)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def patterns(routes: Iterable[Routes]) -> list[URLPattern]:
    """One view for each address, named after its first operation."""
    by_path: dict[str, dict[str, Operation]] = {}
    for resource in routes:
        for operation in resource.operations:
            here = by_path.setdefault(operation.path, {})
            if operation.method in here:
                raise ValueError(f"{operation.method} {operation.path} has two owners")
            here[operation.method] = operation
    return [
        path(where, _view(operations), name=next(iter(operations.values())).name)
        for where, operations in by_path.items()
    ]


def _view(operations: dict[str, Operation]) -> Any:
    names = {method.lower(): Endpoint.run for method in operations}
    kind = type("Endpoint", (Endpoint,), {"operations": operations, **names})
    return kind.as_view()
