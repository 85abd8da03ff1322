"""Nothing on any page is refused by the policy, as nothing on it asks for what is not allowed."""

from typing import Any

import pytest

from tests.browser.test_accessibility import ADMIN, RESEARCHER

LISTEN = """window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));"""
PAGES = {
    "annotator": ("/work/", "/work/profile/", "/account/", "/account/two-factor/"),
    "researcher": RESEARCHER,
    "admin": tuple(page for page in ADMIN if page not in RESEARCHER),
}


@pytest.mark.parametrize("role", PAGES)
def test_no_page_asks_for_what_the_policy_refuses(sign_in: Any, role: str) -> None:
    person = sign_in(role)
    person.context.add_init_script(LISTEN)
    refused = {}
    for address in PAGES[role]:
        person.page.goto(address)
        person.page.wait_for_load_state("load")
        if found := person.page.evaluate("window.refused"):
            refused[address] = found
    assert refused == {}
    person.check()


def test_the_listener_hears_what_is_refused(sign_in: Any) -> None:
    person = sign_in("annotator")
    person.context.add_init_script(LISTEN)
    person.page.goto("/account/")
    person.page.evaluate("document.body.setAttribute('style', 'color: red')")
    person.page.wait_for_function("window.refused.length > 0")
    assert "style-src" in person.page.evaluate("window.refused[0]")
