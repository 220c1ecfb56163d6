"""A backup put back: what the office reads, and how two of its people open the booth again."""

import json
import secrets
from collections.abc import Callable

import pytest
from sqlalchemy import event

from ballots import guard, polls, records
from ballots.models import Poll, Record
from ballots.record import Kind, decode
from ballots.refusals import (
    AlreadyWithdrawn,
    BackupNone,
    BackupPutBack,
    CheckpointForged,
    CheckpointOther,
    CheckpointUnreadable,
)
from consult import changes, journal
from consult.models import Consultation, Proposal
from consult.refusals import SamePerson
from tests.consult.conftest import ACTOR, Place
from tests.consult.put_back import backup, board_note
from tests.consult.test_office_pages import sane

pytestmark = pytest.mark.both

WHY = "De schijf ging kapot; wij zetten de <b>kopie</b> van vannacht terug."


def begun(place: Place) -> tuple[Consultation, list[str], str]:
    """Return a consultation that is open, its codes and its page at the office."""
    draft = place.draft(place.plan(), days=(0, 9))
    used = place.freeze(draft)
    place.printed(draft)
    return draft, used, f"/kantoor/raadplegingen/{draft.id}"


def vote(place: Place, code: str) -> int:
    """Send a vote as a browser does; return the status."""
    form = {"code": code, "q1": "voor", "r": secrets.token_hex(32)}
    return place.anonymous().bare("/s/stem", form).status_code


def mark(place: Place, poll: Poll) -> str:
    return (place.folder / "board" / f"{poll.id.hex()}.json").read_text()


def lost(place: Place, used: list[str]) -> None:
    """Four vote, a backup is made, three vote, and the backup is put back."""
    assert [vote(place, code) for code in used[:4]] == [303] * 4
    restore = backup(place)
    assert [vote(place, code) for code in used[4:7]] == [303] * 3
    place.tick()
    restore()
    place.look()


def test_two_people_of_the_office_open_the_booth(place: Place) -> None:
    draft, used, of = begun(place)
    poll = place.poll(draft)
    published = place.anonymous().get(f"/bord/{poll.id.hex()}/controlepunt").text
    assert published == board_note(place, draft)
    office, colleague = place.browser("gemeente"), place.browser("collega")
    for page in ("/kantoor", of):
        assert "De stembus is dicht" not in office.get(page).text
    away = office.get(f"{of}/brieven/heropenen")
    assert (away.status_code, away.location) == (303, of)
    assert "De stembus is niet dicht" in office.get(of).text
    lost(place, used)
    # What it says, before any tick saw it, and without a trace of looking.
    before, kept = place.dump(), mark(place, poll)
    told = office.get(of).text
    sane(told)
    assert "Nu kan niemand stemmen." in told
    assert "In de kopie ontbreken 3 gebruikte brieven. Wat daarmee is gestemd, is weg." in told
    assert "Die brieven zijn weer geldig." in told
    assert f"{of}/brieven/heropenen" in told
    assert "De stembus is dicht" in office.get("/kantoor").text
    assert "De stembus is dicht" not in place.browser("elders").get("/kantoor").text
    assert (place.dump()["redemption"], mark(place, poll)) == (before["redemption"], kept)
    assert [vote(place, code) for code in (used[5], used[10])] == [503, 503]
    # What cannot be, in a sentence and with nothing changed.
    form = {"note": published, "reason": WHY}
    for wrong, sentence in (
        ({"note": ""}, "Plak het controlepunt."),
        ({"note": "onzin"}, "Dit is geen controlepunt"),
        (
            {"note": published.replace("\n0\n", "\n1\n", 1)},
            "De handtekening onder dit controlepunt klopt niet",
        ),
        ({"reason": ""}, "Schrijf op waarom."),
    ):
        answer = office.post(f"{of}/brieven/heropenen", {**form, **wrong})
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
        sane(answer.text)
    look = office.post(f"{of}/brieven/heropenen", form)
    assert look.status_code == 200
    assert "Gebruikte brieven die ontbreken" in look.text
    assert place.session.query(Proposal).count() == 0
    # One proposes; nothing is open before another confirms.
    done = office.post(f"{of}/brieven/heropenen", {**form, "sure": "yes"})
    made = place.session.query(Proposal).one()
    to = f"{of}/brieven/voorstel/{made.id}"
    assert done.location == to
    assert (made.kind, made.facts["note"].strip().splitlines()) == (
        "restored",
        published.strip().splitlines(),
    )
    assert to in office.get(of).text
    assert f"{of}/brieven/heropenen" not in office.get(of).text
    mine = office.get(to).text
    assert "U stelde dit zelf voor." in mine
    assert "<b>kopie</b>" not in mine
    with pytest.raises(SamePerson):
        place.confirm(made, by="gemeente")
    again = office.post(f"{of}/brieven/heropenen", {**form, "sure": "yes"})
    assert (again.status_code, "wacht al op een collega" in again.text) == (422, True)
    assert vote(place, used[5]) == 503
    seen = colleague.get(to).text
    assert "Bevestig alleen als dit het laatste controlepunt is" in seen
    assert published.splitlines()[2] in seen
    assert colleague.post(to, {"do": "confirm"}).location == of
    # Open: the lost voter can vote again, and everybody can read of it.
    assert [vote(place, code) for code in (used[5], used[10], used[0])] == [303, 303, 409]
    (step,) = [each for each in journal.of(place.session, draft) if each.action == "restore backup"]
    assert (step.actor, step.detail["missing"]) == ("gemeente: Samira, gemeente: Noor", 3)
    record = decode(place.session.query(Record).one().body)
    assert (record.kind, record.facts, record.people, record.reason) == (
        Kind.RESTORED,
        {"missing": 3},
        2,
        WHY,
    )
    assert "De stembus is dicht" not in office.get(of).text
    assert "Daarin ontbraken 3 gebruikte brieven" in place.anonymous().get(f"/raadplegingen/{draft.id}").text
    sane(office.get(to).text)
    place.tick()
    assert json.loads(mark(place, poll))["used"] == 6
    assert not json.loads(mark(place, poll))["shut"]


def test_when_the_record_is_not_committed_the_booth_stays_shut(place: Place) -> None:
    """The mark names the record before it is there: cut off in between, the booth is as shut as it was."""
    draft, used, _ = begun(place)
    note = board_note(place, draft)
    lost(place, used)
    made = place.propose(draft, "restored", note=note)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(place.session, "before_commit", cut)
    with pytest.raises(KeyboardInterrupt):
        place.confirm(made)
    event.remove(place.session, "before_commit", cut)
    assert json.loads(mark(place, place.poll(draft)))["opens"]
    with pytest.raises(BackupPutBack):
        guard.compare(place.session, place.vault, place.poll(draft))
    assert vote(place, used[5]) == 503
    place.confirm(made)
    assert vote(place, used[5]) == 303
    assert records.standing(place.session, place.poll(draft)).missing == 3


def test_a_copy_from_before_it_was_opened_shuts_it_again(place: Place) -> None:
    draft, used, _ = begun(place)
    note = board_note(place, draft)
    lost(place, used)
    restore = backup(place)
    place.confirm(place.propose(draft, "restored", note=note))
    assert vote(place, used[5]) == 303
    restore()
    assert vote(place, used[5]) == 503
    assert guard.lost(place.session, place.vault, place.poll(draft)) == guard.Lost(3, False)


def test_after_its_last_day_what_was_lost_stays_lost(place: Place) -> None:
    draft, used, of = begun(place)
    note = board_note(place, draft)
    lost(place, used)
    place.later(days=12)
    with pytest.raises(BackupPutBack):
        place.tick()
    office = place.browser("gemeente")
    told = office.get(of).text
    sane(told)
    assert "De stemming wordt niet geteld tot twee mensen" in told
    assert "opnieuw stemmen kan niet meer" in told
    assert "Vertel het daarna in de wijk." not in told
    place.confirm(place.propose(draft, "restored", note=note))
    assert place.tick()[0].startswith("gesloten")
    assert polls.turnout(place.session, place.poll(draft)).used == 4


def test_a_copy_that_lacks_what_stood_on_the_board_opens_nothing(place: Place) -> None:
    """A record since the copy: the page says at once that a newer copy is needed, and asks nobody to propose."""
    draft, used, of = begun(place)
    restore = backup(place)
    assert vote(place, used[0]) == 303
    changes.void(place.session, place.vault, draft, [12], "Kwam terug.", ACTOR, place.now)
    place.tick()
    newer = board_note(place, draft)
    restore()
    place.look()
    assert guard.lost(place.session, place.vault, place.poll(draft)) == guard.Lost(1, True)
    office = place.browser("gemeente")
    told = office.get(of).text
    sane(told)
    assert "Met deze kopie kan de stemming niet verder." in told
    assert "Die brieven zijn weer geldig." not in told
    assert f"{of}/brieven/heropenen" not in told
    for note in (newer, board_note(place, draft)):
        answer = office.post(f"{of}/brieven/heropenen", {"note": note, "reason": WHY})
        assert (answer.status_code, "Zet een nieuwere kopie terug." in answer.text) == (422, True)


WRONG: dict[str, tuple[Callable[[Place, str], str], type[Exception]]] = {
    "no checkpoint": (lambda place, note: note[:40], CheckpointUnreadable),
    "not signed so": (lambda place, note: note.replace("\n0\n", "\n1\n", 1), CheckpointForged),
    "of another poll": (lambda place, note: board_note(place, begun(place)[0]), CheckpointOther),
    "while it is open": (lambda place, note: note, BackupNone),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_what_cannot_open_it_is_not_proposed(place: Place, what: str) -> None:
    draft, _, _ = begun(place)
    change, refused = WRONG[what]
    with pytest.raises(refused):
        place.propose(draft, "restored", note=change(place, board_note(place, draft)))
    assert place.session.query(Proposal).count() == 0


def test_of_what_was_withdrawn_nothing_is_opened(place: Place) -> None:
    draft, _, of = begun(place)
    note = board_note(place, draft)
    place.withdraw(draft)
    with pytest.raises(AlreadyWithdrawn):
        place.propose(draft, "restored", note=note)
    with pytest.raises(AlreadyWithdrawn):
        guard.reopen(place.session, place.vault, place.poll(draft), note, WHY, place.now)
    assert "De stembus is dicht" not in place.browser("gemeente").get(of).text
