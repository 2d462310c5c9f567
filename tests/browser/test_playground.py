"""The playground in real Chromium and Firefox, step by step: what a person sees beside what they asked for."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.demo import FILE_ANSWER, POLICY_ANSWER
from crossgate.cli.reason_pages import page_of_code
from crossgate.cors import CorsPolicy
from crossgate.demo import command_of
from crossgate.demo.page import start_page
from tests.browser.bidi import opened_firefox_tab
from tests.browser.devtools import Tab, opened_tab
from tests.browser.launch import find_browser

ROOT = Path(__file__).parents[2]
POLICY = CorsPolicy.from_krakend({"allow_origins": ["*"], "allow_methods": ["GET"]}, config_version=3)
SCREENS = [(1440, 900, False), (390, 844, True)]
FINISHED = "document.getElementById('outcome-body').dataset.verdict"
OUTCOME = "document.getElementById('outcome-body').innerText"


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """The demo's page, served by a loop in a thread of its own. Nobody is at the gateway's address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    commands = {"file_command": command_of(FILE_ANSWER), "policy_command": command_of(POLICY_ANSWER)}
    starting = start_page(0, "http://127.0.0.1:9", POLICY, page_of_code, **commands)
    page = asyncio.run_coroutine_threadsafe(starting, loop).result(20)
    try:
        yield f"http://127.0.0.1:{page.port}/"
    finally:
        asyncio.run_coroutine_threadsafe(page.close(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


OPENED = {"chromium": opened_tab, "firefox": opened_firefox_tab}


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Iterator[Tab]:
    if find_browser(request.param) is None:
        pytest.skip(f"{request.param} is not installed: `make browsers` says how to get it")
    with OPENED[request.param]() as opened:
        yield opened


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    browser.resize(1440, 900, is_phone=False)
    yield browser
    assert browser.thrown == []


def play(tab: Tab, page_url: str, fragment: str = "#playground") -> None:
    tab.open(page_url + fragment)
    tab.wait(FINISHED)


def edit(tab: Tab, control: str, value: str) -> None:
    """As a person does it: the value changes, and the form hears of it."""
    tab.js(
        f"(() => {{ const control = document.getElementById('f-{control}'); control.value = {json.dumps(value)};"
        "control.dispatchEvent(new InputEvent('input', {bubbles: true})); })()"
    )


def choose(tab: Tab, preset: str) -> None:
    tab.js(
        f"(() => {{ const list = document.getElementById('f-preset'); list.value = {json.dumps(preset)};"
        "for (const kind of ['input', 'change']) list.dispatchEvent(new Event(kind, {bubbles: true})); })()"
    )


def verdict(tab: Tab) -> str:
    tab.wait(FINISHED)
    return str(tab.js(FINISHED))


def set_file_field(tab: Tab, control: str, value: str) -> None:
    tab.js(
        f"(() => {{ const control = document.getElementById('g-{control}'); control.value = {json.dumps(value)};"
        "control.dispatchEvent(new InputEvent('input', {bubbles: true})); })()"
    )


def explain_it(tab: Tab) -> str:
    tab.js("document.querySelector('#view-file .run').click()")
    return verdict(tab)


def try_it(tab: Tab) -> str:
    tab.js("document.querySelector('.actions .run').click()")
    return verdict(tab)


@pytest.mark.parametrize("fragment", ["", "#playground", "#nonsense"])
def test_there_is_a_result_at_first_sight(tab: Tab, page_url: str, fragment: str) -> None:
    tab.open(page_url + fragment)
    assert verdict(tab) in {"allowed", "blocked"}
    assert "Why" in tab.js(OUTCOME) or "What the page's script sees" in tab.js(OUTCOME)


def test_opening_the_playground_runs_it(tab: Tab, page_url: str) -> None:
    tab.open(page_url)
    tab.wait(FINISHED)
    tab.js("document.getElementById('tab-playground').click()")
    tab.wait(f"{FINISHED} && {OUTCOME}.includes('/x/')")


def test_choosing_a_preset_runs_it(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    assert verdict(tab) == "allowed"
    choose(tab, "trailing-slash")
    assert verdict(tab) == "blocked"
    assert "ends in a slash" in tab.js(OUTCOME)
    choose(tab, "misspelt")
    assert verdict(tab) == "refused"
    assert "does not start" in tab.js(OUTCOME)


@pytest.mark.parametrize(
    ("control", "value"),
    [("policy", "{}"), ("version", "2"), ("method", "GET"), ("credentials", "omit"), ("headers", "X-A: 1"),
     ("body", "x"), ("origin", "null")],
)  # fmt: skip
def test_an_edit_takes_the_outcome_away(tab: Tab, page_url: str, control: str, value: str) -> None:
    play(tab, page_url)
    edit(tab, control, value)
    assert tab.js(FINISHED) is None
    assert "nothing is known of this request yet" in tab.js(OUTCOME)
    assert "may read" not in tab.js(OUTCOME)
    assert "Changed" in tab.js("document.getElementById('bar-verdict').textContent")


def test_an_edit_while_a_call_is_on_its_way_is_not_answered_by_that_call(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    tab.js("document.querySelector('.actions .run').click()")
    edit(tab, "method", "DELETE")
    # What the abandoned call brings comes before the next one's outcome.
    assert "nothing is known of this request yet" in tab.js(OUTCOME)
    assert try_it(tab) == "allowed"
    assert tab.js(OUTCOME).count("DELETE http") == 1
    assert "PUT http" not in tab.js(OUTCOME)


def test_a_policy_that_does_not_start_leaves_no_older_outcome(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    edit(tab, "policy", '{"allow_origin": []}')
    assert try_it(tab) == "refused"
    assert "The page may read" not in tab.js(OUTCOME)


def test_each_view_keeps_the_outcome_of_its_own_request(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#try=trailing-slash")
    tab.js("document.getElementById('tab-calls').click()")
    tab.wait(f"{FINISHED} && {OUTCOME}.includes('127.0.0.1:9/')")
    tab.js("document.getElementById('tab-playground').click()")
    assert "ends in a slash" in tab.js(OUTCOME)
    assert tab.js("location.hash") == "#try=trailing-slash"


@pytest.mark.parametrize(("width", "height", "is_phone"), SCREENS)
@pytest.mark.parametrize("fragment", ["#playground", "#try=misspelt", "#try=wildcard-credentials", "#file=bot"])
def test_verdict_and_button_are_in_the_first_screen(
    tab: Tab, page_url: str, width: int, height: int, is_phone: bool, fragment: str
) -> None:
    tab.resize(width, height, is_phone=is_phone)
    play(tab, page_url, fragment)
    shown = tab.js(
        """(() => {
          const inSight = (one) => {
            const {left, top, right, bottom, width, height} = one.getBoundingClientRect();
            const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return width > 0 && height > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
              && one.contains(middle);
          };
          const all = (list) => [...document.querySelectorAll(list)].filter(inSight).map((one) => one.innerText);
          return {verdicts: all("#outcome-body .banner, .bar-verdict"), buttons: all(".run"), scrolled: scrollY,
                  wide: document.documentElement.scrollWidth > innerWidth};
        })()"""
    )
    assert len(shown["verdicts"]) == 1
    assert any(mark in shown["verdicts"][0] for mark in "✓✗")
    assert shown["buttons"] == ["Explain it" if fragment.startswith("#file") else "Try it"]
    assert (shown["scrolled"], shown["wide"]) == (0, False)


def test_the_bars_button_runs_and_its_verdict_leads_to_the_outcome(tab: Tab, page_url: str) -> None:
    tab.resize(390, 844, is_phone=True)
    play(tab, page_url)
    edit(tab, "method", "PATCH")
    tab.js("document.getElementById('bar-run').click()")
    assert verdict(tab) == "blocked"
    assert "Blocked" in tab.js("document.getElementById('bar-verdict').textContent")
    tab.js("document.documentElement.style.scrollBehavior = 'auto'; document.getElementById('bar-verdict').click()")
    assert tab.js("document.getElementById('outcome').getBoundingClientRect().top") < 844 / 2


def form(tab: Tab) -> dict[str, Any]:
    names = ["policy", "version", "own", "origin", "method", "credentials", "headers", "body"]
    script = ", ".join(f"[{name!r}, document.getElementById('f-{name}')]" for name in names)
    return dict(tab.js(f"[{script}].map(([n, c]) => [n, c.type === 'checkbox' ? c.checked : c.value])"))


def test_the_state_is_in_the_address_and_a_link_shows_the_same(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    edit(tab, "policy", '{"allow_origins": ["https://é.example", "' + page_url[:-1] + '"], "allow_methods": ["PATCH"]}')
    edit(tab, "method", "PATCH")
    edit(tab, "headers", "X-A: ü\nX-B: 2")
    edit(tab, "body", "+/&=#")
    assert try_it(tab) == "blocked"
    before, link, shown = form(tab), str(tab.js("location.href")), tab.js(OUTCOME)
    play(tab, page_url, link.removeprefix(page_url))
    assert form(tab) == before
    assert verdict(tab) == "blocked"
    assert (
        shown.partition("Why")[2].partition("Checks")[0] == tab.js(OUTCOME).partition("Why")[2].partition("Checks")[0]
    )


def test_a_link_means_the_page_it_is_opened_on(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    edit(tab, "body", "x")
    assert try_it(tab) == "allowed"
    other = page_url.replace("127.0.0.1", "localhost")
    play(tab, other, str(tab.js("location.hash")))
    assert verdict(tab) == "allowed"
    assert form(tab)["origin"] == other[:-1]


def test_a_link_that_is_pasted_over_another_is_opened(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    tab.js("location.hash = '#try=trailing-slash'")
    tab.wait(f"{OUTCOME}.includes('ends in a slash')")
    tab.js("location.hash = '#call=simple-get'")
    tab.wait(f"{FINISHED} && {OUTCOME}.includes('127.0.0.1:9/')")


@pytest.mark.parametrize("state", ["", "%%%", "AAAA", "bnVsbA", "WzFd", "_" * 5000])
def test_an_address_that_holds_no_state_is_said_and_harmless(tab: Tab, page_url: str, state: str) -> None:
    play(tab, page_url, f"#state={state}")
    assert verdict(tab) == "allowed"
    assert "no state that can be read" in tab.js("document.getElementById('policy-note').textContent")


def test_a_state_is_text_and_never_markup(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    edit(tab, "policy", '{"allow_origins": ["<img src=x onerror=document.title=1>"]}')
    edit(tab, "method", "<b>")
    assert try_it(tab) == "blocked"
    play(tab, page_url, str(tab.js("location.hash")))
    assert tab.js("document.querySelectorAll('#outcome-body img, #outcome-body b b').length") == 0
    assert tab.js("document.title") == "crossgate demo"


@pytest.mark.parametrize("name", ["krakend.json", "krakend-v3.json"])
def test_a_whole_file_pasted_is_understood(tab: Tab, page_url: str, name: str) -> None:
    text = (ROOT / "examples" / "quickstart" / name).read_text().replace("http://127.0.0.1:8082", page_url[:-1])
    play(tab, page_url, "#try=trailing-slash")
    edit(tab, "policy", text)
    assert try_it(tab) == "allowed"
    assert "A whole file" in tab.js("document.getElementById('policy-note').textContent")
    filled = form(tab)
    assert filled["version"] == ("2" if name == "krakend.json" else "3")
    assert "allow_origins" in json.loads(filled["policy"])
    assert tab.js("location.hash").startswith("#state=")


def test_what_is_pasted_is_tried_at_once(tab: Tab, page_url: str) -> None:
    play(tab, page_url)
    tab.js("document.getElementById('f-policy').focus(); document.getElementById('f-policy').select()")
    pasted = f'"security/cors": {{"allow_origins": ["{page_url[:-1]}/"]}},'
    tab.js(
        "(() => { const area = document.getElementById('f-policy');"
        "area.dispatchEvent(new ClipboardEvent('paste', {bubbles: true}));"
        f"document.execCommand('insertText', false, {json.dumps(pasted)}); }})()"
    )
    tab.wait(f"{FINISHED} === 'blocked'")
    assert json.loads(form(tab)["policy"]) == {"allow_origins": [page_url]}
    assert "under security/cors" in tab.js("document.getElementById('policy-note').textContent")


def test_codes_and_errors_lead_to_their_pages(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#try=wildcard-credentials")
    links = tab.js("[...document.querySelectorAll('#outcome-body a')].map((link) => link.pathname)")
    assert "/rules/COR201" in links
    assert "/errors/WildcardOriginNotAllowed" in links
    for path in links:
        tab.open(page_url[:-1] + path)
        tab.wait("document.querySelector('article h1')")
        assert path.rpartition("/")[2] in tab.js("document.querySelector('article h1').textContent")
        assert "`" not in tab.js("document.querySelector('article').innerText")


def test_a_fix_changes_the_policy_and_tries_it(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#try=wildcard-credentials")
    tab.js("document.querySelector('#outcome-body .apply').click()")
    assert verdict(tab) == "allowed"
    assert json.loads(form(tab)["policy"])["allow_origins"] == [page_url[:-1]]


# -- a gateway's file


@pytest.mark.parametrize(
    ("preset", "outcome", "code"),
    [("method", "blocked", "cors.method-not-listed"), ("audience", "refused", "token.audience"),
     ("body", "refused", "schema.invalid"), ("bot", "refused", "bot.detected"), ("passes", "passes", ""),
     ("misspelt", "not-started", "")],
)  # fmt: skip
def test_each_file_that_is_offered_shows_what_it_says(
    tab: Tab, page_url: str, preset: str, outcome: str, code: str
) -> None:
    play(tab, page_url, f"#file={preset}")
    assert verdict(tab) == outcome
    assert code in tab.js(OUTCOME)
    assert tab.js("location.hash") == f"#file={preset}"
    if code:
        assert tab.js("document.querySelector('#outcome-body .reason a').pathname") == f"/reasons/{code}"
        lit = tab.js("document.querySelector('.excerpt mark').textContent")
        lines = str(tab.js("document.getElementById('g-text').value")).splitlines()
        assert lines[int(lit.split()[0]) - 1].strip() in lit
        assert tab.js("document.querySelector('.numbers .deciding').textContent") == lit.split()[0]


def test_change_is_made_in_the_file_and_the_request_then_passes(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=method")
    tab.js("document.querySelector('#outcome-body .apply').click()")
    tab.wait(f"{FINISHED} === 'passes'")
    assert '"allow_methods": ["GET", "POST", "PUT"],' in tab.js("document.getElementById('g-text').value")
    assert tab.js("document.getElementById('g-preset').value") == "own"
    assert tab.js("location.hash") == "#file"


def test_line_of_a_diagnostic_leads_into_the_text(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=misspelt")
    tab.js("document.querySelector('.diagnostic.error .line-link').click()")
    assert tab.js("document.activeElement.id") == "g-text"
    selected = "(() => { const t = document.activeElement; return t.value.slice(t.selectionStart, t.selectionEnd); })()"
    assert "allowed_origins" in tab.js(selected)
    assert tab.js("document.querySelector('.numbers .error')") is not None


def test_curl_command_fills_the_fields(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=passes")
    set_file_field(tab, "curl", "curl -X PUT https://api.example.com/articles/1 -H 'X-A: 1' -d '{}'")
    assert tab.js(FINISHED) is None
    assert "nothing is known of this request yet" in tab.js(OUTCOME)
    assert explain_it(tab) == "passes"
    fields = tab.js("['curl', 'method', 'url', 'body'].map((name) => document.getElementById('g-' + name).value)")
    assert fields == ["", "PUT", "https://api.example.com/articles/1", "{}"]
    assert "X-A: 1" in tab.js("document.getElementById('g-headers').value")


def test_pasted_file_is_text_and_never_markup(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=passes")
    image = "<img src=x onerror=document.title=1>"
    set_file_field(tab, "text", json.dumps({"version": 3, image: 1, "host": ["http://backend:8000"], "endpoints": []}))
    set_file_field(tab, "url", f"/{image}")
    assert explain_it(tab) == "refused"
    assert image in tab.js(OUTCOME)
    assert tab.js("document.querySelectorAll('#outcome-body img').length") == 0
    assert tab.js("document.title") == "crossgate demo"


def test_what_cannot_be_explained_is_said(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=passes")
    set_file_field(tab, "url", "ftp://nowhere")
    assert explain_it(tab) == "problem"
    assert "is no URL" in tab.js(OUTCOME)


def test_tabs_are_walked_by_the_keyboard(tab: Tab, page_url: str) -> None:
    play(tab, page_url, "#file=passes")
    for key, chosen in (("ArrowRight", "calls"), ("ArrowLeft", "file"), ("ArrowLeft", "playground")):
        tab.js(
            f"document.activeElement.closest('[role=tab]') || document.getElementById('tab-file').focus();"
            f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}}))"
        )
        assert tab.js("document.activeElement.id") == f"tab-{chosen}"
        shown = tab.js("[...document.querySelectorAll('[role=tabpanel]')].filter((p) => !p.hidden).map((p) => p.id)")
        assert shown == [f"view-{chosen}"]
    tab.wait(FINISHED)
