"""The board as it is served: nothing axe finds or that sticks out, all downloads by keyboard, every vote found."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

from ballots import archive, casting, letters, mixing, polls, published, replacing, sealing, serving
from ballots.database import db
from ballots.digest import ALPHABET
from ballots.models import Poll
from ballots.terms import frozen
from ballots.vault import Vault
from tests.browser.conftest import Opens
from tests.browser.test_pages import AXE, COLOURS, SIZES, STICKS_OUT, violations
from tests.browser.town import Place, settings
from tests.conftest import migrated, yes_no
from tests.trust.bundles import unpacked

VOTES = 104  # two crowds and a few: some are mixed while the poll is open, and some wait
STATES = ("to come", "open", "closed", "few", "withdrawn")
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
NARROW: ViewportSize = {"width": 320, "height": 640}
FOCUSED = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const ring = getComputedStyle(at);
    if (ring.outlineStyle === 'none' && ring.boxShadow === 'none') throw new Error('no ring: ' + at.outerHTML);
    return (at.getAttribute('href') ?? '').split('/').pop();
}"""
PAGES = {"board": "", "find": "/vind-uw-stem", "recount": "/reken-zelf-na"}


@dataclass
class Shown:
    """A poll on the board: its id, and what its voters know."""

    id: str
    codes: list[str]
    controls: list[str]

    def at(self, page: str = "") -> str:
        return f"/bord/{self.id}{page}"


@dataclass
class Boards:
    """The served board, and a poll in each of the states."""

    place: Place
    polls: dict[str, Shown]


@pytest.fixture(scope="module")
def boards(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boards]:
    """A service with these polls only; none of its people, and no town."""
    folder = tmp_path_factory.mktemp("boards")
    app = migrated(folder)
    with serving.served("app:create_app", settings(folder)) as port:
        place = Place(f"http://127.0.0.1:{port}", app, folder)
        with place.inside():
            found = {state: _held(folder, state) for state in STATES}
        yield Boards(place, found)


def _held(folder: Path, state: str) -> Shown:
    session, vault, now = db.session, Vault(folder / "keys"), datetime.now(UTC)
    opens = now - timedelta(days=20 if state in ("closed", "few") else 2)
    asked = replace(yes_no(opens), title=f"Een speelplek aan de Lindelaan ({state})")
    if state == "to come":
        asked = replace(asked, opens=now + timedelta(days=3), closes=now + timedelta(days=17))
    poll = polls.freeze(session, vault, asked, 110, min(opens, now))
    codes = [code for _, code in letters.printable(session, vault, poll)]
    controls = [] if state == "to come" else _voted(vault, codes[: 2 if state == "few" else VOTES], opens)
    if state in ("open", "closed"):
        replacing.void(session, vault, poll, [110], "De brief kwam ongeopend terug.", opens)
        replacing.replace(session, vault, poll, [109], "De bewoner was de brief kwijt.", 1, opens)
        mixing.mix(session, vault, poll, opens + timedelta(hours=1))
    if state in ("closed", "few"):
        polls.close(session, vault, poll, now)
        replacing.contest(session, vault, poll, [1], "De bewoner zegt dat zij niet stemde.", now)
        archive.keep(vault, poll.id, published.bundled(session, vault, poll))
    if state == "withdrawn":
        why = "De vraag op de brief klopte niet. U krijgt een nieuwe brief."
        polls.withdraw(session, vault, poll, why, now)
    return Shown(poll.id.hex(), codes, controls)


def _voted(vault: Vault, codes: list[str], now: datetime) -> list[str]:
    """Cast a vote with each of these letters, every third against; return the control codes."""
    controls = []
    for number, code in enumerate(codes):
        poll, p = casting.find(db.session, code)
        marking = "voor" if number % 3 else "tegen"
        vote = casting.sealed(
            casting.mix_keys(vault, poll.id), frozen(poll), p, [[marking]], secrets.token_bytes(32)
        )
        controls.append(sealing.shown(casting.cast(db.session, vote, now).commitments[0]))
    return controls


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", PAGES)
def test_the_board_suits_everybody(opens: Opens, boards: Boards, state: str, name: str) -> None:
    page, poll = opens(boards.place, *SIZES["phone"]).new_page(), boards.polls[state]
    page.goto(poll.at(PAGES[name]), wait_until="networkidle")
    assert not wrong_with(page)
    assert page.context.cookies() == []


@pytest.mark.parametrize("state", STATES)
def test_the_board_suits_who_has_no_script(opens: Opens, boards: Boards, state: str) -> None:
    poll = boards.polls[state]
    plain = opens(boards.place, *SIZES["phone"], java_script_enabled=False).new_page()
    plain.set_viewport_size(NARROW)
    for path in PAGES.values():
        plain.goto(poll.at(path), wait_until="networkidle")
        assert plain.evaluate(STICKS_OUT) == []
        assert plain.locator(":focus, main form:visible, main a:visible").count()


def wrong_with(page: Page) -> list[str]:
    """Return what axe finds, on a phone and a desktop, in light and dark, and what sticks out at 320 pixels."""
    found = []
    page.evaluate(AXE_SCRIPT)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            rules = AXE if scheme == "light" else COLOURS
            found += [f"{size} {scheme}: {line}" for line in violations(page, rules)]
    page.set_viewport_size(NARROW)
    return found + page.evaluate(STICKS_OUT)


@pytest.mark.parametrize("state", STATES)
def test_every_download_is_reached_by_keyboard(opens: Opens, boards: Boards, state: str) -> None:
    """Tab comes past each, with a ring around it, and Enter fetches what is on the board now."""
    page, poll = opens(boards.place, *SIZES["desktop"]).new_page(), boards.polls[state]
    with boards.place.inside():
        found = db.session.get_one(Poll, bytes.fromhex(poll.id))
        names = {*published.names(db.session, found), "controlepunt"}
        names |= {"bundel.zip"} if published.is_over(found) else set()
    seen = {name: by_keyboard(page, poll, name) for name in names}
    if "bundel.zip" in seen:
        packed = unpacked(seen.pop("bundel.zip"))
        assert packed.items() >= {name: data for name, data in seen.items() if name != "controlepunt"}.items()
    (sha256,) = re.findall(r"[0-9a-f]{64}", seen["definition.sha256"].decode())
    assert hashlib.sha256(seen["definition.json"]).hexdigest() == sha256
    assert sha256 in page.locator(".code").inner_text().replace(" ", "").replace("\n", "")
    assert json.loads(seen["checkpoints.json"])[-1] == seen["controlepunt"].decode()


def by_keyboard(page: Page, poll: Shown, name: str) -> bytes:
    """Go to a download with Tab alone; return what Enter fetches."""
    page.goto(poll.at())
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            with page.expect_download() as caught:
                page.keyboard.press("Enter")
            return Path(caught.value.path()).read_bytes()
    pytest.fail(f"no Tab comes to {name}")


# Find a vote, and a letter, back


def look(page: Page, label: str, typed: str, button: str) -> None:
    """Type a code, by keyboard alone, and send it."""
    field = page.get_by_label(label, exact=True).locator("visible=true")
    field.focus()
    page.keyboard.type(typed)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=button).locator("visible=true")).to_be_focused()
    page.keyboard.press("Enter")


VOTE = ("Uw controlecode", "Zoek mijn stem")
LETTER = ("De stemcode van uw brief", "Kijk naar mijn brief")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize(
    ("state", "vote", "letter"),
    [
        ("open", "staat op het stembord", "staat op de lijst"),
        ("closed", "Uw stem staat in de lijst en is geteld", "Niemand heeft"),
        ("few", "verzegeld", "gestemd"),
        ("withdrawn", "ingetrokken", "ingetrokken"),
    ],
)
def test_what_is_sought_is_found(
    opens: Opens, boards: Boards, state: str, vote: str, letter: str, script: bool
) -> None:
    """With script nothing that is typed leaves the browser; without, it goes where no log is kept."""
    poll = boards.polls[state]
    page = opens(boards.place, *SIZES["phone"], java_script_enabled=script).new_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    on_board = poll.controls
    if state == "open":  # some are there, and some wait: which, only the board knows
        with boards.place.inside():
            found = db.session.get_one(Poll, bytes.fromhex(poll.id))
            on_board = [each for each in on_board if published.found(db.session, found, unshown(each))]
        assert 0 < len(on_board) < len(poll.controls)
    code = poll.codes[0 if state == "few" else 106]
    for (label, button), typed, said in ((VOTE, on_board[0], vote), (LETTER, code, letter)):
        page.goto(poll.at(PAGES["find"]), wait_until="networkidle")
        look(page, label, typed, button)
        answer = page.locator("main .notice:visible").first
        expect(answer).to_contain_text(said)
        assert "{" not in answer.inner_text()
        if script:
            assert not wrong_with(page)
        else:
            page.set_viewport_size(NARROW)
            assert page.evaluate(STICKS_OUT) == []
    posted = [request.url for request in sent if request.method == "POST"]
    assert posted == ([] if script else [f"{boards.place.base}/s/terug/{poll.id}"] * 2)
    if script:
        loose = typed.replace(" ", "")
        assert not [each.url for each in sent if loose in each.url.replace("%20", "")]


def unshown(control: str) -> bytes:
    """Return the ten bytes of a control code."""
    number = 0
    for symbol in control.replace(" ", ""):
        number = number << 5 | ALPHABET.index(symbol)
    return number.to_bytes(10, "big")


@pytest.mark.parametrize(("state", "said"), [("closed", "Alles klopt"), ("few", "De rest klopt")])
def test_what_is_served_recounts(opens: Opens, boards: Boards, state: str, said: str) -> None:
    page, poll = opens(boards.place, *SIZES["phone"]).new_page(), boards.polls[state]
    page.goto(poll.at(), wait_until="networkidle")
    code = page.locator(".code").inner_text()
    page.get_by_role("link", name="Reken zelf na").click()
    page.get_by_label("De code van de stemming op uw brief").fill(code)
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-end")).to_contain_text(said, timeout=30_000)
    assert not wrong_with(page)
