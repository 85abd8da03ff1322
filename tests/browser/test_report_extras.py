"""The datasheet, the claims and the downloads of a report can be used by everybody."""

from typing import Any

from tests.browser.test_accessibility import Inspector, look, widths

__all__ = ["look"]


@widths
def test_datasheet_claims_and_downloads_can_be_used_by_everybody(
    sign_in: Any, look: dict[str, Any]
) -> None:
    inspector = Inspector(sign_in("researcher", **look).page)
    page = inspector.page
    page.goto("/reports/")
    page.locator("tbody th a").last.click()
    page.wait_for_selector("blockquote", timeout=120_000)
    report = page.url
    page.click("details.box > summary:has-text('Download')")
    inspector.inspect("downloads")
    inspector.visit(f"{report}files/latex/", "tables to take away")
    with page.expect_navigation():
        page.get_by_role("button", name="Make").click()
    inspector.inspect("tables in the making")
    page.locator("main .card a.primary").wait_for(timeout=120_000)
    inspector.inspect("tables, made")
    inspector.visit(f"{report}datasheet/", "datasheet")
    inspector.visit(f"{report}claims/?words=systems+score", "claims")
    page.locator("input[name=path]").first.check()
    page.fill("textarea", "The first is best.")
    page.click("button:has-text('Pin')")
    page.wait_for_selector(".badge.good")
    inspector.inspect("a claim")
    page.click("button:has-text('Remove')")
    assert inspector.found == {}
