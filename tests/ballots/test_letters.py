"""Letters can be printed again until printing is confirmed, and never after."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ballots import codes, letters, polls
from ballots.database import db, writing
from ballots.models import Letter, Poll, PrintRun
from ballots.refusals import KeyMissing, SeedMissing
from ballots.vault import Vault
from tests.conftest import START, Held, yes_no

pytestmark = pytest.mark.both


def printable(vault: Vault, poll: Poll) -> list[tuple[int, str]]:
    return list(letters.printable(db.session, vault, poll))


def files(vault: Vault) -> list[Path]:
    return sorted(vault.folder.glob("*.seed-*"))


def test_printing_again_gives_the_same_letters(held: Held, vault: Vault) -> None:
    first = printable(vault, held.poll)
    assert [serial for serial, _ in first] == list(range(1, 13))
    assert [code for _, code in first] == held.codes
    assert len(set(held.codes)) == 12
    assert printable(Vault(vault.folder), held.poll) == first  # also after a restart


def test_every_letter_opens_with_its_own_code(held: Held) -> None:
    for serial, code in enumerate(held.codes, 1):
        h = codes.fingerprint(held.poll.id, codes.proof(held.poll.id, code))
        letter = db.session.get(Letter, h)
        assert letter
        assert letter.serial == serial


def test_two_polls_have_letters_of_their_own(held: Held, vault: Vault) -> None:
    other = polls.freeze(db.session, vault, yes_no(), 12, START)
    assert not set(held.codes) & {code for _, code in printable(vault, other)}
    assert len(files(vault)) == 2


def test_after_confirmation_nothing_can_be_printed(held: Held, vault: Vault) -> None:
    assert letters.printed(db.session, held.poll, START) is True
    assert letters.forget(db.session, vault) == 1
    assert files(vault) == []
    assert printable(vault, held.poll) == []
    with pytest.raises(KeyMissing):
        vault.read(held.poll.id, "seed-1")
    assert letters.printed(db.session, held.poll, START + timedelta(1)) is False
    assert letters.forget(db.session, vault) == 0
    (run,) = letters.runs(db.session, held.poll)
    assert (run.first, run.last, run.printed_at) == (1, 12, START)


def test_a_lost_seed_is_said_so(held: Held, vault: Vault) -> None:
    files(vault)[0].unlink()
    with pytest.raises(SeedMissing):
        printable(vault, held.poll)


def test_a_crash_after_confirming_heals_at_the_next_tick(held: Held, vault: Vault) -> None:
    id = held.poll.id
    letters.printed(db.session, held.poll, START)
    db.session.remove()  # here the service stops
    assert len(files(vault)) == 1
    poll = db.session.get_one(Poll, id)
    assert printable(vault, poll) == []  # confirmed is confirmed, whatever is still on disk
    assert letters.forget(db.session, vault) == 1
    assert files(vault) == []


def test_a_crash_before_confirming_keeps_the_seed(held: Held, vault: Vault) -> None:
    def crash() -> None:
        with writing(db.session):
            letters.printed(db.session, held.poll, START)
            raise OSError("power cut")

    with pytest.raises(OSError, match="power"):
        crash()
    assert letters.forget(db.session, vault) == 0
    assert [code for _, code in printable(vault, held.poll)] == held.codes


def test_forget_leaves_polls_that_are_not_printed_alone(held: Held, vault: Vault) -> None:
    other = polls.freeze(db.session, vault, yes_no(), 3, START)
    letters.printed(db.session, held.poll, START)
    assert letters.forget(db.session, vault) == 1
    assert [serial for serial, _ in printable(vault, other)] == [1, 2, 3]


def test_the_seed_is_overwritten_before_it_goes(
    app: Flask, held: Held, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = files(vault)
    assert file.read_bytes() != bytes(32)
    seen = []
    monkeypatch.setattr(Path, "unlink", lambda path: seen.append(path.read_bytes()))
    vault.destroy(held.poll.id, "seed-1")
    assert seen == [bytes(32)]


def test_a_later_run_goes_on_counting(held: Held, vault: Vault) -> None:
    more = letters.mint(vault.make(held.poll.id, "seed-2"), held.poll.id, range(13, 16))
    letters.issue(db.session, held.poll.id, 2, more)
    assert [(run.first, run.last) for run in letters.runs(db.session, held.poll)] == [(1, 12), (13, 15)]
    assert [serial for serial, _ in printable(vault, held.poll)] == list(range(1, 16))
    run = db.session.get_one(PrintRun, (held.poll.id, 1))
    with writing(db.session):
        run.printed_at = START
    assert [serial for serial, _ in printable(vault, held.poll)] == [13, 14, 15]
    stored = set(db.session.scalars(select(Letter.h).where(Letter.serial > 12)))
    assert stored == set(more)


def test_a_seed_is_never_made_twice(vault: Vault) -> None:
    made = vault.make(bytes(16), "seed-1")
    with pytest.raises(FileExistsError):
        vault.make(bytes(16), "seed-1")
    assert vault.read(bytes(16), "seed-1") == made
