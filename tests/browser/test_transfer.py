"""What the first visit to an item's page costs over the wire."""

import pytest

FONTS = "document.fonts.ready.then((fonts) => fonts.status)"
MOST_WITHOUT_FONTS, MOST = 100_000, 200_000  # bytes, as they come over the wire with their headers


@pytest.mark.parametrize("locale", ["en", "mr"])
@pytest.mark.parametrize("campaign", ["mqm", "esa"])
def test_an_items_page_is_small_and_comes_from_here(work, campaign, locale):
    device = work.device(work.person(), locale=locale)
    wire = device.context.new_cdp_session(device.page)
    wire.send("Network.enable")
    addresses, sizes = {}, {}
    wire.on(
        "Network.requestWillBeSent",
        lambda sent: addresses.update({sent["requestId"]: sent["request"]["url"]}),
    )
    wire.on(
        "Network.loadingFinished",
        lambda done: sizes.update({done["requestId"]: done["encodedDataLength"]}),
    )
    page = device.open(work.next(campaign))
    page.wait_for_load_state("networkidle")
    assert page.evaluate(FONTS) == "loaded"
    cost = {addresses[request]: size for request, size in sizes.items()}
    fonts = sum(size for address, size in cost.items() if address.endswith(".woff2"))
    scripts = sum(size for address, size in cost.items() if address.endswith(".js"))
    assert min(fonts, scripts) > 10_000
    assert sum(cost.values()) - fonts <= MOST_WITHOUT_FONTS, cost
    assert sum(cost.values()) <= MOST, cost
    assert all(address.startswith(device.line.address + "/") for address in addresses.values())
