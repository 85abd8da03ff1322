"""Selecting in one figure or table of a report marks the same everywhere on the page."""

import re
from typing import Any

import pytest

from tests.browser.test_accessibility import Inspector, look, widths

__all__ = ["look"]

CLOUD = "figure[data-plotly^='figure-quadrants']:visible"
BRIGHT = """figure => [...figure.querySelectorAll('path.point')]
    .filter(dot => Number(getComputedStyle(dot).opacity) > 0.5).length"""


def opened(page: Any, chapter: str) -> Any:
    page.goto("/reports/")
    page.locator("tbody th a").last.click()
    page.wait_for_selector("blockquote", timeout=120_000)
    page.goto(f"{page.url.split('?')[0]}?chapter={chapter}")
    page.locator("figure .main-svg").first.wait_for()
    page.wait_for_function(
        """() => [...document.querySelectorAll('figure[data-plotly]')]
        .every(figure => figure.querySelector('.main-svg'))"""
    )
    return page


def said(page: Any) -> str:
    page.locator(".linked.is-on").wait_for()
    return page.locator(".linked [role=status]").inner_text()


@pytest.fixture
def reader(sign_in: Any) -> Any:
    person = sign_in("researcher", viewport={"width": 1280, "height": 900})
    yield person.page
    person.check()


def test_a_dot_marks_its_output_and_leads_to_its_segment(reader: Any) -> None:
    page = opened(reader, "disagreement")
    dot = page.locator(f"{CLOUD} path.point").first
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".hoverlayer .hovertext")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert said(page).startswith("Selected: ")
    page.locator("tr.marked").first.wait_for(state="attached")
    page.click("[data-segment]")
    page.wait_for_url("**/segments/*/")


def test_a_box_of_dots_is_opened_in_the_explorer(reader: Any) -> None:
    page = opened(reader, "disagreement")
    place = page.locator(f"{CLOUD} .nsewdrag").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] - 5, steps=12)
    page.mouse.up()
    n = 3 + int(re.search(r"and (\d+) more", said(page))[1])
    assert page.locator("tr.marked").count() > 0
    page.click("[data-open]")
    page.wait_for_url("**/outputs/?*picked=*")
    assert page.inner_text("#outputs").startswith(f"{n} outputs of")
    page.click("text=Show the others too")
    page.wait_for_url(lambda address: "picked" not in address)


def test_a_row_by_the_keyboard_marks_the_figures_until_it_is_cleared(reader: Any) -> None:
    page = opened(reader, "systems")
    dots = page.locator("figure[data-plotly='figure-systems']")
    assert dots.evaluate(BRIGHT) == 2
    first = page.locator("figure[data-plotly='figure-systems'] .pick").first
    first.focus()
    page.keyboard.press("Space")
    assert first.get_attribute("aria-pressed") == "true"
    assert "Marked in" in said(page)
    for name in ("figure-systems", "figure-scales"):
        figure = page.locator(f"figure[data-plotly='{name}']").element_handle()
        page.wait_for_function(
            f"""figure => {{ const all = figure.querySelectorAll('path.point').length;
            return ({BRIGHT})(figure) * 2 === all; }}""",
            arg=figure,
        )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".pick[aria-pressed=true]:focus").count() == 1
    page.keyboard.press("Escape")
    page.wait_for_function(
        f"() => ({BRIGHT})(document.querySelector('[data-plotly=figure-systems]')) === 2"
    )
    assert page.locator("tr.marked").count() == 0
    assert page.locator("[data-clear]").is_hidden()


def test_a_selection_outlives_a_change_of_colours(reader: Any) -> None:
    page = opened(reader, "findings")
    page.locator(".pick:visible").first.click()
    boxes = page.locator("figure[data-plotly='figure-verdicts'] .shapelayer path")
    boxes.first.wait_for()
    page.evaluate("document.dispatchEvent(new Event('nikash:theme'))")
    page.wait_for_timeout(300)
    boxes.first.wait_for()
    page.click("[data-clear]")
    boxes.first.wait_for(state="detached")


@widths
def test_a_selection_can_be_used_by_everybody(sign_in: Any, look: dict[str, Any]) -> None:
    inspector = Inspector(sign_in("researcher", **look).page)
    page = opened(inspector.page, "metrics")
    page.locator(".pick:visible").first.click()
    said(page)
    inspector.inspect("a selection")
    assert inspector.found == {}
