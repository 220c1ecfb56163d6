"""A vote on a phone with bad reception, or in two hands at once: nothing is lost, nothing counts twice."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from ballots import polls, serving
from ballots.database import db
from ballots.models import Poll
from tests.browser.conftest import Opens
from tests.browser.test_papers import Papers, enter
from tests.browser.town import settings
from tests.browser.walk import to_question
from tests.conftest import migrated
from tests.trust.helpers import PAPERS

IN_THE_BOX = "Uw stem zit in de stembus"


class Phones(Papers):
    """A served database whose server can be stopped and started again."""

    stack: ExitStack
    poll: bytes

    def start(self) -> None:
        port = int(self.base.rpartition(":")[2]) if self.base else 0
        self.stack = ExitStack()
        port = self.stack.enter_context(serving.served("app:create_app", settings(self.folder), port))
        self.base = f"http://127.0.0.1:{port}"

    def new(self) -> list[str]:
        """Freeze a poll, and return the codes of its letters."""
        self.poll, found = self.hold(PAPERS["yes or no"])
        return found

    def used(self) -> int:
        with self.inside():
            return polls.turnout(db.session, db.session.get_one(Poll, self.poll)).used


@pytest.fixture(scope="module")
def phones(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    folder = tmp_path_factory.mktemp("phones")
    made = Phones("", migrated(folder, SECRET_KEY=settings(folder)["SECRET_KEY"]), folder)
    made.start()
    yield made
    made.stack.close()


def choose(page: Page, option: str) -> str:
    """Choose, and return the control code that the review promises."""
    page.get_by_text(option, exact=True).last.click()
    page.get_by_role("button", name="Controleer uw keuze").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt uw keuze?")
    return page.locator(".control").inner_text()


def send(page: Page) -> None:
    page.get_by_role("button", name="Verstuur mijn stem").click()


def says(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def lost(context: BrowserContext) -> list[str]:
    """Let the first vote arrive, and its answer get lost; return what happened."""
    happened: list[str] = []

    def route(one: Route) -> None:
        if happened:
            one.continue_()
            return
        happened.append(str(one.fetch(max_redirects=0).status))
        one.abort("internetdisconnected")

    context.route("**/s/stem", route)
    return happened


def test_no_answer_came_and_the_page_is_loaded_again(opens: Opens, phones: Phones) -> None:
    context, (code, *_) = opens(phones), phones.new()
    page, happened = context.new_page(), lost(context)
    enter(page, code)
    promised = choose(page, "Voor")
    send(page)
    page.wait_for_url("chrome-error://**")
    assert (happened, phones.used()) == (["303"], 1)
    page.reload()
    says(page, IN_THE_BOX)
    expect(page.locator(".control")).to_have_text(promised)
    assert phones.used() == 1


def test_no_answer_came_and_the_letter_is_scanned_again(opens: Opens, phones: Phones) -> None:
    context, (code, *_) = opens(phones), phones.new()
    page, happened = context.new_page(), lost(context)
    enter(page, code)
    choose(page, "Voor")
    send(page)
    page.wait_for_url("chrome-error://**")
    page.goto(f"/s#{code}")
    says(page, "Met deze brief is al gestemd")
    expect(page.locator(".brief")).to_contain_text("Dan is het gelukt. U hoeft niets te doen.")
    assert (happened, phones.used()) == (["303"], 1)


def test_the_vote_did_not_leave_the_phone(opens: Opens, phones: Phones) -> None:
    context, (code, *_) = opens(phones), phones.new()
    page = context.new_page()
    enter(page, code)
    promised = choose(page, "Tegen")
    context.set_offline(True)
    send(page)
    page.wait_for_url("chrome-error://**")
    context.set_offline(False)
    page.reload()
    says(page, IN_THE_BOX)
    expect(page.locator(".control")).to_have_text(promised)
    assert phones.used() == 1


def test_back_after_the_vote_and_once_more(opens: Opens, phones: Phones) -> None:
    page, (code, *_) = opens(phones).new_page(), phones.new()
    enter(page, code)
    choose(page, "Voor")
    send(page)
    says(page, IN_THE_BOX)
    page.go_back()
    expect(page.get_by_label("Uw stemcode")).to_have_value("")
    enter_again(page, code)
    says(page, "Met deze brief is al gestemd")
    assert phones.used() == 1


def enter_again(page: Page, code: str) -> None:
    page.get_by_label("Uw stemcode").fill(code)
    page.get_by_role("button", name="Verder").click()


def test_a_phone_that_was_locked_goes_on(opens: Opens, phones: Phones) -> None:
    context, (code, *_) = opens(phones), phones.new()
    page = context.new_page()
    session = context.new_cdp_session(page)

    def locked() -> None:
        for state in ("frozen", "active"):
            session.send("Page.setWebLifecycleState", {"state": state})

    enter(page, code)
    page.get_by_text("Tegen", exact=True).last.click()
    locked()
    expect(page.get_by_label("Tegen", exact=True)).to_be_checked()
    page.get_by_role("button", name="Controleer uw keuze").click()
    promised = page.locator(".control").inner_text()
    locked()
    send(page)
    says(page, IN_THE_BOX)
    expect(page.locator(".control")).to_have_text(promised)
    assert phones.used() == 1


def test_the_server_starts_again_between_review_and_sending(opens: Opens, phones: Phones) -> None:
    page, (code, *_) = opens(phones).new_page(), phones.new()
    enter(page, code)
    promised = choose(page, "Voor")
    phones.stack.close()
    send(page)
    page.wait_for_url("chrome-error://**")
    phones.start()
    page.reload()
    says(page, IN_THE_BOX)
    expect(page.locator(".control")).to_have_text(promised)
    assert phones.used() == 1


@pytest.mark.parametrize("script", [True, False])
def test_two_phones_with_one_letter(script: bool, opens: Opens, phones: Phones) -> None:
    (code, *_) = phones.new()
    one, other = (opens(phones, java_script_enabled=script).new_page() for _ in range(2))
    for page, option in ((one, "Voor"), (other, "Tegen")):
        enter(page, code)
        choose(page, option)
    send(one)
    send(other)
    says(one, IN_THE_BOX)
    says(other, "Met deze brief is al gestemd")
    assert phones.used() == 1


def test_two_letters_on_one_phone(opens: Opens, phones: Phones) -> None:
    page, given = opens(phones).new_page(), phones.new()
    seen = set()
    for code in given[:2]:
        enter(page, code)
        seen.add(choose(page, "Voor"))
        send(page)
        says(page, IN_THE_BOX)
        page.get_by_role("link", name="Klaar, volgende persoon").click()
        expect(page.get_by_label("Uw stemcode")).to_have_value("")
    assert (len(seen), phones.used()) == (2, 2)


def test_a_control_code_that_is_taken_is_made_anew(opens: Opens, phones: Phones) -> None:
    """The phone would come back with the same random number each time, and could never vote."""
    (first, second, *_) = phones.new()
    page = opens(phones).new_page()
    enter(page, first)
    copied = page.locator("[name=r]").input_value()
    taken = choose(page, "Voor")
    send(page)
    says(page, IN_THE_BOX)
    enter(page, second)
    page.evaluate(
        """(copied) => {
            const kept = sessionStorage.getItem('wijkstem-r');
            sessionStorage.setItem('wijkstem-r', kept.split(':')[0] + ':' + copied);
            document.querySelector('.js-r').value = copied;
        }""",
        copied,
    )
    assert choose(page, "Voor") == taken
    send(page)
    says(page, "Uw stem is niet verstuurd")
    expect(page.locator(".lead")).to_have_text(
        "Uw controlecode was al van een andere stem. Vul uw stemcode nog een keer in, dan krijgt u een nieuwe."
    )
    page.get_by_role("link", name="Probeer opnieuw").click()
    enter_again(page, second)
    to_question(page)
    assert choose(page, "Voor") != taken
    send(page)
    says(page, IN_THE_BOX)
    assert phones.used() == 2


REFUSES = """
    for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
    }
    Object.defineProperty(document, 'cookie', { get() { throw new DOMException('no', 'SecurityError'); } });
"""


def test_a_phone_that_keeps_nothing_votes_too(opens: Opens, phones: Phones) -> None:
    context, (code, *_) = opens(phones), phones.new()
    context.add_init_script(REFUSES)
    page = context.new_page()
    enter(page, code)
    promised = choose(page, "Voor")
    send(page)
    says(page, IN_THE_BOX)
    expect(page.locator(".control")).to_have_text(promised)
    assert phones.used() == 1
