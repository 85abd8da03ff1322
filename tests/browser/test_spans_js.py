"""static/js/spans.js in a real browser answers as annotation/spans.py does; no site is started."""

import json
import os
import random
import re
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from annotation import spans
from common.text import cluster_bounds, unseen
from tests.annotation import span_cases
from tests.browser.conftest import ARGUMENTS, CHROMIUM, HOW, ROOT

N_RANDOM_TEXTS = 6000
LAST_BEFORE_HAN, LAST_CODE = 0x33FF, 0x1FBFF


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def static_address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(ROOT / "static")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def ask(static_address):
    """ask(body, value): what the body of a function of `value` returns, the modules at hand.

    Values travel as ASCII JSON, so that lone surrogates arrive. Playwright lives in a thread of
    its own, for the other browser tests keep one in this thread.
    """
    if CHROMIUM is None:
        if os.environ.get("NIKASH_REQUIRE_BROWSER"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    from playwright.sync_api import sync_playwright

    def start():
        playwright = sync_playwright().start()
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        page.goto(f"{static_address}/img/")
        return playwright, page

    def evaluate(body, value=None):
        script = f"""async (json) => {{
            const spans = await import("/js/spans.js");
            const hidden = await import("/js/hidden.js");
            return JSON.stringify((value => {{ {body} }})(JSON.parse(json)));
        }}"""
        return json.loads(page.evaluate(script, json.dumps(value)))

    def stop():
        page.context.browser.close()
        playwright.stop()

    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright, page = thread.submit(start).result()
        yield lambda body, value=None: thread.submit(evaluate, body, value).result()
        thread.submit(stop).result()


def camel(name):
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def random_texts():
    rng = random.Random(20261121)
    for _ in range(N_RANDOM_TEXTS):
        characters = rng.choices(span_cases.TROUBLESOME, k=rng.randint(1, 14))
        yield span_cases.without_pairs("".join(characters))


def every_character():
    """Each character of Unicode 14 but Han and Hangul, where clusters and conjuncts are made."""
    codes = [*range(LAST_BEFORE_HAN), *range(0xA000, 0xAC01), *range(0xF900, LAST_CODE)]
    for char in map(chr, codes):
        if unicodedata.category(char) not in ("Cn", "Co", "Cs"):
            yield f"a{char}-b क्{char}्क क{char}्\u200dक\u1039{char}"


def test_units_and_words_are_those_of_the_table(ask):
    texts = [span_cases.text_of(case) for case in span_cases.TEXTS]
    answers = ask("return value.map((t) => [spans.unitBounds(t), spans.wordSpans(t)])", texts)
    for case, (bounds, words) in zip(span_cases.TEXTS, answers, strict=True):
        assert bounds == span_cases.bounds_of(case), case["name"]
        assert words == span_cases.words_of(case), case["name"]


def test_functions_answer_as_the_table_says(ask):
    body = """return value.map(([name, given]) => {
        try { return { gives: spans[name](...given) }; }
        catch (error) {
            if (!(error instanceof RangeError)) throw error;
            return { refused: true };
        }
    })"""
    calls = [[camel(case["call"]), case["arguments"]] for case in span_cases.CALLS]
    for case, answer in zip(span_cases.CALLS, ask(body, calls), strict=True):
        expected = {key: case[key] for key in ("gives", "refused") if key in case}
        assert answer == expected, case["name"]


@pytest.mark.parametrize("texts", [random_texts, every_character])
def test_the_twins_agree_and_cut_no_cluster_of_either(ask, texts):
    texts = list(texts())
    body = """
    const graphemes = new Intl.Segmenter("mr", { granularity: "grapheme" });
    return value.map((text) => {
        let passed = 0;
        const clusters = [...graphemes.segment(text)].map((c) => (passed += [...c.segment].length));
        return [spans.unitBounds(text), spans.wordSpans(text), [0, ...clusters]];
    })"""
    for text, (bounds, words, clusters) in zip(texts, ask(body, texts), strict=True):
        assert bounds == spans.unit_bounds(text), ascii(text)
        assert [tuple(word) for word in words] == spans.word_spans(text), ascii(text)
        assert set(bounds) <= set(clusters) & set(cluster_bounds(text)), ascii(text)


def test_snapping_and_offsets_agree_at_every_place(ask):
    texts = list(random_texts())[:400]
    body = """return value.map((text) => {
        const offsets = [...Array(spans.lengthOf(text) + 1).keys()];
        return offsets.flatMap((start) => offsets.slice(start).map((end) =>
            [start, end, spans.snap(text, start, end), spans.codePointsToUtf16(text, end)]));
    })"""
    for text, places in zip(texts, ask(body, texts), strict=True):
        for start, end, snapped, utf16 in places:
            assert tuple(snapped) == spans.snap(text, start, end), (ascii(text), start, end)
            assert utf16 == spans.code_points_to_utf16(text, end)


def test_pieces_of_spans_joined_are_the_text(ask):
    texts = [span_cases.text_of(case) for case in span_cases.TEXTS] + list(random_texts())[:300]
    body = """return value.filter((text) => {
        const length = spans.lengthOf(text);
        const middle = length >> 1;
        const marks = [[0, middle], [middle >> 1, length], [middle, middle]];
        const pieces = spans.segments(text, marks);
        return pieces.map(({ start, end }) => spans.quote(text, start, end)).join("") !== text;
    })"""
    assert ask(body, texts) == []


@pytest.mark.parametrize("texts", [random_texts, every_character])
def test_hidden_characters_are_boxed_alike_in_the_whole_text_and_in_its_units(ask, texts):
    texts = list(texts())
    body = """return value.map((text) => {
        const places = (part) => hidden.unseen(part).map((at) => spans.utf16ToCodePoints(part, at));
        const units = spans.unitSpans(text).flatMap(([start, end]) =>
            places(spans.quote(text, start, end)).map((at) => start + at));
        const shown = hidden.shown(text);
        const boxes = shown.filter((part) => part.className === "unseen").length;
        return [places(text), units, shown.map((part) => part.textContent ?? part).join(""), boxes];
    })"""
    for text, (places, units, joined, boxes) in zip(texts, ask(body, texts), strict=True):
        assert places == units == unseen(text), ascii(text)
        assert joined == text and boxes == len(places), ascii(text)
