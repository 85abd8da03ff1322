"""Where a request comes from, as far as proxies can be trusted, and what this site is called."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def site_of(request: HttpRequest) -> str:
    """https://host of this site, for links that are sent to somebody else.

    One of NIKASH_ORIGINS where there are any: the host that a request names is its sender's word.
    """
    asked = f"{request.scheme}://{request.get_host()}"
    ours = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    return asked if asked in ours or not ours else ours[0]


def address_of(request: HttpRequest | None) -> str:
    """The client's address; of IPv6 its /64, which one customer has whole. "" where unknown.

    Of X-Forwarded-For only as many entries count, from the right, as there are proxies of ours
    (NIKASH_PROXIES): whatever stands left of them, the client may have written itself.
    """
    if request is None:
        return ""
    found = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        found = named[-settings.PROXIES] if len(named) >= settings.PROXIES else named[0] or found
    try:
        address = ip_address(found)
    except ValueError:
        return ""
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ip_network(f"{address}/64", strict=False).network_address)
    return str(getattr(address, "ipv4_mapped", None) or address)
