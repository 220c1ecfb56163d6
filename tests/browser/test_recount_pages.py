"""The pages that recount and that find a vote back, as a resident uses them, under the policy they need."""

import hashlib
import json
import random
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, render_template
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect

from app import HEADERS
from ballots.codes import fingerprint, mint, proof
from tests.browser import lab
from tests.trust import bundles
from tests.trust.bundles import CASES, Files, canonical, made, rebuilt, signed

POLICY = f"{HEADERS['Content-Security-Policy']}; connect-src 'self'; worker-src 'self'"
PATIENCE = 20_000
EARLY = ("definition.json", "definition.sha256", "records.json", "commitments.csv")  # before close
FILES = (*EARLY, "openings.csv", "redemptions.csv", "outcome.json")


@dataclass
class Site:
    """A folder that is served: its files can be changed while pages look."""

    base: str
    folder: Path
    app: Flask

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Put these files on the board, and render the pages for them."""
        for old in (self.folder / "bord").iterdir():
            old.unlink()
        for name, data in files.items():
            (self.folder / "bord" / name).write_bytes(data)
        names = [name for name in FILES if name in files]
        given = {
            "title": "Speelplek",
            "files_url": "/bord/",
            "closed": "outcome.json" in files,
            "names": names,
        }
        with self.app.test_request_context():
            for page in ("recount", "find"):
                text = render_template(f"ballots/board/{page}.html", post_url="/zoek", **given)
                (self.folder / f"{page}.html").write_text(text)


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    (folder / "bord").mkdir(parents=True)
    (folder / "static").symlink_to(lab.STATIC)
    (folder / "favicon.ico").touch()
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    with lab.served(folder, headers) as base:
        yield Site(base, folder, app)


@dataclass
class Heard:
    """What a page asked for and complained of."""

    requests: list[Request]
    complaints: list[str]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL") as context:
        yield context
        assert context.cookies() == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def heard(page: Page) -> Iterator[Heard]:
    page.set_default_timeout(PATIENCE)
    heard = Heard([], [])
    page.on("request", lambda request: heard.requests.append(request))
    page.on("pageerror", lambda error: heard.complaints.append(str(error)))
    page.on(
        "console", lambda message: heard.complaints.append(message.text) if message.type == "error" else None
    )
    yield heard
    assert heard.complaints == []


def on_letter(files: Mapping[str, bytes]) -> str:
    hash = hashlib.sha256(files["definition.json"]).hexdigest()
    return " ".join(hash[at : at + 4] for at in range(0, 64, 4)).upper()


def recount(page: Page) -> None:
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-end")).to_be_visible(timeout=PATIENCE)


# Reken zelf na


@pytest.mark.parametrize("name", ["yes or no, and records", "several", "weighed", "lots"])
def test_a_resident_recounts(site: Site, page: Page, heard: Heard, name: str) -> None:
    files, _ = made(CASES[name])
    site.publish(files)
    page.goto(f"{site.base}/recount.html")
    page.get_by_label("De code van de stemming op uw brief").fill(on_letter(files))
    recount(page)
    expect(page.locator(".js-end")).to_contain_text("Alles klopt.")
    steps = page.locator(".js-steps").inner_text()
    assert "opnieuw geteld, en de uitslag klopt" in steps
    assert "{" not in page.locator("main").inner_text()
    assert {request.method for request in heard.requests} == {"GET"}
    assert all(request.url.startswith(site.base) for request in heard.requests)
    assert not [request for request in heard.requests if request.post_data]


def test_without_a_code_it_says_that_it_has_shown_less(site: Site, page: Page, heard: Heard) -> None:
    files, _ = made(CASES["yes or no"])
    site.publish(files)
    page.goto(f"{site.base}/recount.html")
    recount(page)
    expect(page.locator(".js-end")).to_contain_text("Zonder de code van een brief")
    expect(page.locator(".js-steps")).to_contain_text(on_letter(files).lower())
    page.get_by_label("De code van de stemming op uw brief").fill("12ab")
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-end")).to_contain_text("64 tekens")
    page.get_by_label("De code van de stemming op uw brief").fill("0" * 64)
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-end")).to_contain_text("is niet die van deze stemming")
    expect(page.locator(".js-end")).to_contain_text("Er klopt iets niet")


def test_what_was_changed_is_said_in_a_sentence(site: Site, page: Page, heard: Heard) -> None:
    files, key = made(CASES["yes or no"])
    outcome = json.loads(files["outcome.json"])
    outcome[0]["votes"]["voor"] += 1
    site.publish(signed(files | {"outcome.json": canonical(outcome)}, key))
    page.goto(f"{site.base}/recount.html")
    recount(page)
    expect(page.locator(".js-end")).to_contain_text(
        "Vraag 1: in outcome.json staat een andere uitslag (votes)"
    )
    expect(page.locator(".js-end")).to_have_class(re.compile("notice--wrong"))


def test_a_checkpoint_and_a_dossier_of_ones_own(site: Site, page: Page, heard: Heard, tmp_path: Path) -> None:
    files, _ = made(CASES["several, and records"])
    site.publish({})
    page.goto(f"{site.base}/recount.html")
    page.get_by_text("Meer mogelijkheden").click()
    page.get_by_label("Een controlepunt dat u").fill(json.loads(files["checkpoints.json"])[1])
    page.get_by_label("Een dossier op uw computer").set_input_files(packed(tmp_path, files))
    before = len(heard.requests)
    recount(page)
    expect(page.locator(".js-steps")).to_contain_text("bij uw controlepunt stond, staat er nog")
    expect(page.locator(".js-end")).to_contain_text("Alles past bij elkaar")
    assert all("/static/" in request.url for request in heard.requests[before:])
    (tmp_path / "wrong.zip").write_bytes(b"no zip")
    page.get_by_label("Een dossier op uw computer").set_input_files(tmp_path / "wrong.zip")
    page.get_by_role("button", name="Reken na").click()
    expect(page.locator(".js-end")).to_contain_text("Dit bestand is niet te lezen")


def packed(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Return a zip as the service packs it."""
    with zipfile.ZipFile(folder / "dossier.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return folder / "dossier.zip"


def test_a_title_made_to_harm_is_only_text(site: Site, page: Page, heard: Heard) -> None:
    files, key = made(CASES["yes or no"])
    definition = json.loads(files["definition.json"])
    definition["terms"]["title"] = "<img src=x onerror=alert(1)>\u202e {number} {hash}"
    site.publish(rebuilt(files | {"definition.json": canonical(definition)}, key))
    page.goto(f"{site.base}/recount.html")
    recount(page)
    expect(page.locator(".js-steps")).to_contain_text("<img src=x onerror=alert(1)>? {number} {hash}")
    assert page.locator("img").count() == 0


def test_files_that_are_not_there(site: Site, page: Page) -> None:
    site.publish({})
    page.goto(f"{site.base}/recount.html")
    expect(page.locator("main")).to_contain_text("nog niet geteld")
    recount(page)
    expect(page.locator(".js-end")).to_contain_text("niet op te halen")


# Vind uw stem terug


@dataclass
class Letter:
    code: str
    h: str


def with_letters(files: Files, key: Ed25519PrivateKey) -> tuple[Files, list[Letter]]:
    """Return the poll with letters of which the codes are known: used by web, on paper, contested, void, unused."""
    definition = json.loads(files["definition.json"])
    poll = bytes.fromhex(definition["poll"])
    codes = [mint(bytes(32), serial) for serial in range(5)]
    proofs = [proof(poll, code) for code in codes]
    hs = [fingerprint(poll, p).hex() for p in proofs]
    definition["letters"] = sorted([*definition["letters"], *hs])
    rows = bundles.rows(files, "redemptions.csv")
    channels = [row[1] for row in rows]
    web, paper = channels.index("web"), channels.index("paper")
    rows[web][0], rows[paper][0] = proofs[0].hex(), proofs[1].hex()
    rows[channels.index("web", web + 1)][0] = proofs[2].hex()
    at = "2026-06-02T12:00:00+00:00"
    told = [("contest", hs[2]), ("void", hs[3])]
    records = [
        {"record": {"kind": kind, "facts": {"letters": [h]}, "people": 1, "reason": "Post terug.", "at": at}}
        for kind, h in told
    ]
    changed = {
        "definition.json": canonical(definition),
        "redemptions.csv": bundles.table("p;channel", [";".join(row) for row in rows]),
        "records.json": canonical(records),
    }
    letters = [Letter(code, h) for code, h in zip(codes, hs, strict=True)]
    return rebuilt(files | changed, key), letters


def look(page: Page, label: str, typed: str, button: str) -> str:
    page.get_by_label(label).fill(typed)
    page.get_by_role("button", name=button).click()
    form = page.locator("form", has=page.get_by_label(label))
    expect(form.locator(".js-answer")).to_be_visible()
    expect(form.get_by_role("button")).to_be_enabled()
    return form.locator(".js-answer").inner_text()


def vote(page: Page, typed: str) -> str:
    return look(page, "Uw controlecode", typed, "Zoek mijn stem")


def letter(page: Page, typed: str) -> str:
    return look(page, "De stemcode van uw brief", typed, "Kijk naar mijn brief")


def test_a_vote_is_found_back(site: Site, page: Page, heard: Heard) -> None:
    files, _ = made(CASES["several"])
    site.publish(files)
    page.goto(f"{site.base}/find.html")
    definition = json.loads(files["definition.json"])
    seen = set()
    for number, control, _, _, marking in bundles.rows(files, "openings.csv"):
        question = definition["terms"]["questions"][int(number) - 1]
        labels = {option["id"]: option["label"] for option in question["options"]}
        said = vote(page, chance_typed(control))
        assert question["text"] in said
        if marking == "blanco":
            assert "blanco" in said
            continue
        expected = [mark.partition(":") for mark in marking.split(",")]
        lines = [labels[id] + (f": {points} punten" if points else "") for id, _, points in expected]
        assert [line for line in said.split("\n")[1:] if line] == lines
        seen.add(number)
    assert seen == {"1", "2", "3"}
    assert {request.method for request in heard.requests} == {"GET"}
    assert len([request for request in heard.requests if "/bord/" in request.url]) == len(FILES)


def chance_typed(code: str) -> str:
    """Return a code as somebody may type it."""
    chance = random.Random(code)
    text = chance.choice([code, code.lower(), code.replace(" ", "-"), code.replace(" ", "")])
    return text.replace("0", chance.choice("0Oo")).replace("1", chance.choice("1Il"))


def test_a_vote_that_is_not_there(site: Site, page: Page, heard: Heard) -> None:
    files, _ = made(CASES["yes or no"])
    receipt = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    definition = json.loads(files["definition.json"])
    definition["keys"]["receipt"] = receipt.public_key().public_bytes_raw().hex()
    _, key = made(CASES["yes or no"])
    files = rebuilt(files | {"definition.json": canonical(definition)}, key)
    site.publish(files)
    page.goto(f"{site.base}/find.html")
    poll, gone = bytes.fromhex(definition["poll"]), hashlib.sha256(b"gone").digest()
    control = bundles.opening(1, gone, bytes(32), "voor").split(";")[1]
    assert "typte er 3" in vote(page, "ABC")
    assert "‘U’" in vote(page, "UUUU")
    expect(page.locator(".js-receipt")).to_be_hidden()
    assert "staat niet in de lijst" in vote(page, control)
    signature = receipt.sign(bundles.hashed("bon", poll, gone)).hex()
    whole = page.get_by_label("De volledige code van uw stem")
    whole.fill(" ".join(gone.hex().upper()[at : at + 8] for at in range(0, 64, 8)))
    check = "Kijk het bewijs na"
    assert "128 cijfers" in page.locator(".js-receipt").inner_text()
    assert "heeft 128 tekens" in look(page, "De handtekening", "ab", check)
    assert "is echt" in look(page, "De handtekening", signature, check)
    wrong = ("1" if signature[0] != "1" else "2") + signature[1:]
    assert "niet van deze stemming" in look(page, "De handtekening", wrong, check)
    whole.fill("00" * 32)
    assert "hoort niet bij de controlecode" in look(page, "De handtekening", signature, check)


def test_a_vote_that_is_sealed_still_or_not_on_the_board_yet(site: Site, page: Page, heard: Heard) -> None:
    files, _ = made(CASES["yes or no"])
    control = bundles.rows(files, "openings.csv")[0][1]
    early = {name: files[name] for name in EARLY}
    site.publish(early)
    page.goto(f"{site.base}/find.html")
    assert "verzegeld" in vote(page, control)
    other = control.replace(control[0], "Z" if control[0] != "Z" else "Y")
    assert "nog niet op het stembord" in vote(page, other)


def test_an_answer_that_does_not_fit_its_code(site: Site, page: Page, heard: Heard) -> None:
    files, _ = made(CASES["yes or no"])
    rows = bundles.rows(files, "openings.csv")
    rows[0][4] = "tegen" if rows[0][4] != "tegen" else "voor"
    lines = [";".join(row) for row in rows]
    site.publish(files | {"openings.csv": bundles.table("question;control;commitment;r_q;marking", lines)})
    page.goto(f"{site.base}/find.html")
    assert "past er niet bij" in vote(page, rows[0][1])


def test_letters_used_and_unused(site: Site, page: Page, heard: Heard) -> None:
    files, key = made(CASES["quorum, web and paper"])
    files, (web, paper, contested, void, unused) = with_letters(files, key)
    site.publish(files)
    page.goto(f"{site.base}/find.html")
    assert "via internet" in letter(page, web.code)
    assert "op papier" in letter(page, paper.code)
    assert "zegt dat het niet stemde" in letter(page, contested.code)
    assert "ongeldig gemaakt" in letter(page, void.code)
    assert "is niet gebruikt" in letter(page, chance_typed(unused.code))
    assert "staat niet op de lijst" in letter(page, mint(bytes(32), 99))
    typo = ("Z" if unused.code[0] != "Z" else "Y") + unused.code[1:]
    assert "groepje 1" in letter(page, typo)
    assert not [
        request for request in heard.requests if request.method != "GET" or unused.code in request.url
    ]
    early = {name: files[name] for name in EARLY}
    site.publish(early)
    page.goto(f"{site.base}/find.html")
    assert "Na het sluiten" in letter(page, unused.code)


# Whoever looks


@pytest.mark.parametrize("name", ["recount", "find"])
@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (1280, False)])
def test_anybody_can_use_it(browser: Browser, site: Site, name: str, width: int, dark: bool) -> None:
    files, _ = made(CASES["several"])
    site.publish(files)
    viewport: ViewportSize = {"width": width, "height": 800}
    with browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light") as context:
        page = context.new_page()
        page.goto(f"{site.base}/{name}.html")
        if name == "recount":
            page.get_by_text("Meer mogelijkheden").click()
            recount(page)
        else:
            vote(page, bundles.rows(files, "openings.csv")[0][1])
            letter(page, mint(bytes(32), 1))
            vote(page, "0" * 16)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["recount", "find"])
def test_without_script_it_says_what_to_do(browser: Browser, site: Site, name: str) -> None:
    site.publish(made(CASES["yes or no"])[0])
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.base}/{name}.html")
        if name == "recount":
            expect(page.locator("main")).to_contain_text("narekenen.py en Python")
            expect(page.get_by_role("button", name="Reken na")).to_be_hidden()
            return
        page.get_by_role("textbox", name="Uw controlecode").fill("X")
        with page.expect_request("**/zoek") as asked:
            page.get_by_role("button", name="Zoek mijn stem").click()
        assert asked.value.method == "POST"
        assert asked.value.post_data == "control=X"


def test_every_sentence_is_there_and_used(site: Site) -> None:
    """What the scripts can say has a sentence on the page, and no sentence is never said."""
    site.publish({})
    stored = set(re.findall('data-key="([^"]+)"', (site.folder / "recount.html").read_text()))
    js = lab.STATIC / "js"
    scripts = [
        *(js / "recount").glob("*.js"),
        js / "sentences.js",
        js / "recount-page.js",
        js / "find-page.js",
    ]
    text = "\n".join(path.read_text() for path in scripts)
    quoted = set(re.findall("['\"]([a-z]+(?:-[a-z]+)*)['\"]", text)) | {
        f"contested-{could}" for could in ("yes", "no", "unknown")
    }
    says = r"(?:say|show)\('\w+', '([\w-]+)'|(?:Wrong|wrong|tell)\((?:\w+, )?'([\w-]+)'|(?:key|problem): '([\w-]+)'"
    needs = r"need\((?:[^;]|\n)*?, '([\w-]+)'(?:, \{[^;]*\})?\);"
    said = {key for found in re.findall(f"{says}|{needs}", text) for key in found if key}
    assert len(said) > 60
    assert said - stored == set()
    assert stored - quoted == set()
    for key in ("marking-cost", "record-letter", "lengthened-twice"):
        assert key in stored
