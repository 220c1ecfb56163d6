"""What must be gone after a poll, and is not at the first try: every tick tries again, and nothing else waits."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ballots import archive, polls
from ballots.database import wipe
from ballots.models import Poll
from ballots.refusals import KeyStays
from consult import changes, consultations, keyholding
from consult.models import Consultation
from tests.consult.conftest import ACTOR, BY_THREE, Place

pytestmark = pytest.mark.both

DESTROYED = "recount, destroy keys"


def held(place: Place, **fields: Any) -> tuple[Consultation, Poll]:
    """Return a consultation that runs for two days, with a few votes."""
    draft = place.draft(place.plan(), **fields)
    place.vote(place.freeze(draft), {"voor": 2})
    return draft, place.poll(draft)


def files(place: Place, poll: Poll) -> set[str]:
    return {path.name.partition(".")[2] for path in place.vault.folder.glob(f"{poll.id.hex()}.*")}


def stuck(place: Place, poll: Poll, name: str) -> Path:
    """Put something in the place of a key file that cannot be overwritten, nor removed as a file is."""
    path = place.vault.folder / f"{poll.id.hex()}.{name}"
    path.unlink(missing_ok=True)
    path.mkdir()
    return path


def test_keys_that_cannot_be_destroyed_are_tried_at_every_tick(place: Place) -> None:
    first, poll = held(place)
    second, other = held(place)
    place.printed(second)
    path = stuck(place, poll, "share-1")
    place.later(days=3)
    for _ in range(2):
        with pytest.raises(KeyStays, match=f"{poll.id.hex()}.share-1 kon niet worden vernietigd"):
            place.tick()
        place.look()
        assert poll.closed_at
        assert poll.forgotten_at is None
        assert DESTROYED not in place.actions(first.initiative)
        assert files(place, poll) == {"sign", "share-1"}  # the others did not wait for it
        assert files(place, other) == {"sign"}
        assert other.forgotten_at
    path.rmdir()
    place.tick()
    place.look()
    assert poll.forgotten_at == place.now
    assert place.actions(first.initiative).count(DESTROYED) == 1
    assert files(place, poll) == {"sign"}


def test_the_same_after_a_withdrawal(place: Place) -> None:
    draft, poll = held(place)
    path = stuck(place, poll, "share-1")
    place.withdraw(draft)
    with pytest.raises(KeyStays):
        place.tick()
    assert poll.forgotten_at is None
    path.rmdir()
    place.tick()
    assert poll.forgotten_at
    assert files(place, poll) == {"sign"}


def test_a_seed_that_cannot_be_destroyed_bars_no_other(place: Place) -> None:
    draft, poll = held(place)
    second, other = held(place)
    path = stuck(place, poll, "seed-1")
    for each in (draft, second):
        consultations.make_letters(place.session, each, ACTOR, place.now)
        with pytest.raises(KeyStays):
            consultations.confirm_printed(place.session, place.vault, each, ACTOR, place.now)
    assert "seed-1" not in files(place, other)
    with pytest.raises(KeyStays):
        place.tick()
    path.rmdir()
    (path.parent / path.name).write_bytes(bytes(32))
    assert "codes vernietigd van 1 bevestigde druk" in place.tick()
    assert "seed-1" not in files(place, poll)


def test_seeds_that_nobody_confirmed_go_with_the_keys(place: Place) -> None:
    """Also those of a poll that was forgotten before they did."""
    _, poll = held(place)
    changes.replace(
        place.session, place.vault, place.session.query(Consultation).one(), [5], "Kwijt.", ACTOR, place.now
    )
    assert {"seed-1", "seed-2"} <= files(place, poll)
    place.later(days=3)
    place.tick()
    assert files(place, poll) == {"sign"}
    place.vault.make(poll.id, "seed-2")
    place.tick()
    assert files(place, poll) == {"sign"}


def test_a_tick_sweeps_away_what_a_freeze_that_was_cut_off_left(place: Place) -> None:
    _, poll = held(place)
    before = files(place, poll)
    cut_off = bytes(range(16))
    archive.begin(place.vault, cut_off)
    place.vault.make(cut_off, "mix")
    assert "sleutels vernietigd van 1 stemming die niet werd vastgezet" in place.tick()
    assert not place.vault.has(cut_off, "mix")
    assert files(place, poll) == before
    assert archive.begun(place.vault) == []


@pytest.mark.parametrize("ends", ["count", "withdrawal", "two key sheets"])
def test_the_database_is_cleaned_until_it_could(
    place: Place, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a withdrawal, and where keyholders open the box."""
    if ends == "two key sheets":
        draft = place.draft(place.plan(), days=(1, 2), **BY_THREE)
        used = place.freeze(draft)
        sheets = place.shared(draft)
        keyholding.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
        place.later(days=2)
        place.vote(used, {"voor": 2})
        poll = place.poll(draft)
    else:
        draft, poll = held(place)
    can = False

    def sometimes(session: Any) -> bool:
        return can and wipe(session)

    monkeypatch.setattr(polls, "wipe", sometimes)
    busy = "de database kon nog niet worden schoongemaakt; start de dienst een keer opnieuw"
    if ends == "withdrawal":
        place.withdraw(draft)
    else:
        place.later(days=3)
    if ends == "two key sheets":
        place.tick()
        consultations.unseal(place.session, place.vault, draft, sheets[0], sheets[2], ACTOR, place.now)
        assert poll.closed_at
    for _ in range(2):
        assert place.tick()[-1] == busy
        place.look()
        assert poll.cleaned_at is None
    can = True
    assert busy not in place.tick()
    place.look()
    assert poll.cleaned_at == place.now
    monkeypatch.setattr(polls, "wipe", lambda session: pytest.fail("it was clean"))
    place.tick()
    with pytest.raises(IntegrityError):
        place.execute("UPDATE poll SET cleaned_at = NULL")
