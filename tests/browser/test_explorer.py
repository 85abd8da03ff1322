"""The explorer and the figures of causes can be used by everybody."""

from typing import Any

from tests.browser.test_accessibility import Inspector, look, widths

__all__ = ["look"]


@widths
def test_causes_quadrants_and_slices_can_be_used_by_everybody(
    sign_in: Any, look: dict[str, Any]
) -> None:
    inspector = Inspector(sign_in("researcher", **look).page)
    page = inspector.page
    page.goto("/reports/")
    page.locator("tbody th a").last.click()
    page.wait_for_selector("blockquote", timeout=120_000)
    report = page.url
    inspector.visit(f"{report}?chapter=disagreement", "causes")
    page.wait_for_selector("figure[data-plotly^='figure-quadrants'] .main-svg")
    inspector.inspect("causes with figures")
    inspector.visit(f"{report}outputs/?least=0.1", "explorer")
    page.click("details.box summary")
    page.fill("#slice-name", "wide gaps")
    page.locator("details.box").get_by_role("button", name="Save").click()
    page.wait_for_selector(".message")
    page.click("details.box summary")
    inspector.inspect("explorer with a slice")
    page.get_by_role("link", name="wide gaps", exact=True).click()
    page.wait_for_url("**least=0.1*")
    page.click("details.box summary")
    page.get_by_role("button", name="Delete wide gaps").click()
    page.wait_for_selector(".message")
    assert inspector.found == {}
