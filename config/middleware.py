"""Headers that every answer carries."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from config.errors import bad_request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'; object-src 'none'"
)
# A file for the disk: where a browser shows it all the same, it is of no site and runs nothing.
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
NOT_NEEDED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
MOST_OF_NOBODY = 2**20  # bytes of a body
PERMISSIONS = ", ".join(f"{name}=()" for name in NOT_NEEDED)


def headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Allow this host's own files and nothing else; keep no page that says nothing of caches.

    Static files say how long they keep. Items that an annotator holds are kept by the service
    worker in a store of its own, which `no-store` does not touch.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_file = response.headers.get("Content-Disposition", "").startswith("attachment")
        policy = FILE_POLICY if is_file else POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        is_part = request.path.startswith(settings.STATIC_URL) and response.status_code < 400
        if not is_part:  # what a part of a page may use, the page's own answer says
            response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        if request.method == "HEAD" and not response.streaming:
            response.content = b""  # its length is said already; the web server would log each
        return response

    return middleware


def readable(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a body in a charset that is none of text: `zlib` would unpack what was measured."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            "".encode(request.encoding or settings.DEFAULT_CHARSET)
        except (LookupError, UnicodeError) as problem:
            request.encoding = None  # the page that says so reads the form, too
            raise BadRequest("the charset of the request is none of text") from problem
        return get_response(request)

    return middleware


def measured(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse what is big from nobody unread: who is not signed in sends names and passwords.

    Looking for the CSRF token would store files first. The API asks who it is before it reads.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_page = not request.path_info.startswith("/api/v1/")
        is_big = is_page and _length_of(request) > MOST_OF_NOBODY
        if is_big and not request.user.is_authenticated:
            request.csrf_processing_done = True  # type: ignore[attr-defined]  # nor by the page
            return bad_request(request, RequestDataTooBig("sign in before you send files"))
        return get_response(request)

    return middleware


def _length_of(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
