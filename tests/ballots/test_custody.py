"""Who holds the key: three sheets of which any two open, trials, and the copy of the key that mixes."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ballots import casting, codes, custody, keys, mixing, polls, shares
from ballots.database import db
from ballots.definition import Custody
from ballots.lifecycle import Phase
from ballots.models import Box, Inbox, Leaf, Poll
from ballots.refusals import (
    KeysNotReady,
    MixKeyGone,
    MixKeyOther,
    MixKeyStrange,
    MixKeyThere,
    Refusal,
    SheetsOther,
    SheetsPrinted,
    SheetsUntried,
    SheetsWait,
)
from ballots.shares import (
    NotAShare,
    NotTheMixKey,
    Share,
    SheetOfAnotherPoll,
    SheetTwice,
    SheetTypo,
)
from ballots.vault import Vault
from tests.conftest import START, Held, hold, put, yes_no

pytestmark = pytest.mark.both

TERMS = replace(yes_no(START + timedelta(days=2)), custody=Custody.KEYHOLDERS)


@pytest.fixture
def kept(app: object, vault: Vault) -> Held:
    """A poll that opens in two days, whose key three people keep."""
    return hold(vault, TERMS)


def try_all(vault: Vault, poll: Poll, sheets: list[str]) -> None:
    for one, other in combinations(sheets, 2):
        custody.tried(db.session, vault, poll, one, other, START)


def ready(vault: Vault, held: Held) -> list[str]:
    """Print, try and confirm; return what the three sheets say."""
    sheets = custody.sheets(vault, held.poll)
    try_all(vault, held.poll, sheets)
    assert custody.sheets_printed(db.session, vault, held.poll, START)
    return sheets


def voted(held: Held, number: int = 5) -> None:
    for n, code in enumerate(held.codes[:number]):
        p = codes.proof(held.poll.id, codes.read(code))
        put(held.poll, p, [["voor" if n % 2 else "tegen"]], bytes([n]) * 32, held.poll.opens)


def in_the_vault(vault: Vault, poll: Poll) -> set[str]:
    return {path.name.partition(".")[2] for path in vault.folder.glob(f"{poll.id.hex()}.*")}


def test_it_opens_after_three_trials_and_without_a_copy(vault: Vault, kept: Held) -> None:
    poll, sheets = kept.poll, custody.sheets(vault, kept.poll)
    p = codes.proof(poll.id, codes.read(kept.codes[0]))
    assert "open" not in in_the_vault(vault, poll)
    for number, (one, other) in enumerate(combinations(sheets, 2)):
        with pytest.raises(SheetsUntried):
            custody.sheets_printed(db.session, vault, poll, START)
        assert custody.sheets(vault, poll) == sheets  # a sheet that fails can be printed again
        assert custody.tried(db.session, vault, poll, other, one, START) == custody.tried(
            db.session, vault, poll, one, other, START
        )
        assert len(custody.trials(db.session, poll)) == number + 1
        assert poll.phase(poll.opens) is Phase.FROZEN
    with pytest.raises(KeysNotReady):
        put(poll, p, [["voor"]], bytes(32), poll.opens)
    assert custody.sheets_printed(db.session, vault, poll, START)
    assert not any(name.startswith("share") for name in in_the_vault(vault, poll))
    with pytest.raises(SheetsPrinted):
        custody.sheets(vault, poll)
    assert not custody.sheets_printed(db.session, vault, poll, START)
    assert poll.phase(poll.opens) is Phase.OPEN
    put(poll, p, [["voor"]], bytes(32), poll.opens)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_one_sheet_lost_loses_nothing(vault: Vault, kept: Held, lost: int) -> None:
    sheets = ready(vault, kept)
    voted(kept)
    after = kept.poll.closes
    with pytest.raises(SheetsWait):
        polls.close(db.session, vault, kept.poll, after)
    assert len(db.session.scalars(select(Leaf)).all()) == 5  # sealed on the board, and no further
    assert not db.session.scalars(select(Box)).all()
    one, other = (sheet for number, sheet in enumerate(sheets) if number != lost)
    assert polls.close(db.session, vault, kept.poll, after, custody.joined(kept.poll, one, other))
    (outcome,) = polls.outcomes(db.session, kept.poll)
    assert (outcome.votes["voor"], outcome.votes["tegen"]) == (2, 3)
    assert in_the_vault(vault, kept.poll) == {"mix", "sign", "seed-1"}  # what opened it was kept nowhere


def test_two_sheets_lost_open_nothing(vault: Vault, kept: Held) -> None:
    """Neither one sheet twice, nor one with a made-up other, nor all that the service holds."""
    sheets = ready(vault, kept)
    voted(kept)
    poll, after = kept.poll, kept.poll.closes
    invented = [shares.text(poll.id, Share(x, bytes(range(x, x + 32)))) for x in (2, 3)]
    for other in (sheets[0], *invented):
        with pytest.raises((SheetTwice, SheetsOther)):
            custody.joined(poll, sheets[0], other)
    with pytest.raises(SheetsWait):
        polls.close(db.session, vault, poll, after)
    for name in in_the_vault(vault, poll):
        with pytest.raises(Refusal):
            polls.close(db.session, vault, poll, after, vault.read(poll.id, name))
    assert poll.phase(after) is Phase.DUE
    assert not db.session.scalars(select(Box)).all()


def test_a_wrong_sheet_is_refused_and_nothing_changes(vault: Vault, kept: Held) -> None:
    poll, sheets = kept.poll, custody.sheets(vault, kept.poll)
    other = hold(vault, replace(TERMS, title="Een andere stemming"))
    strange = custody.sheets(vault, other.poll)
    typo = sheets[1][:20] + ("0" if sheets[1][20] != "0" else "1") + sheets[1][21:]
    mix = shares.mix_text(poll.id, vault.read(poll.id, "mix"))
    for wrong, refusal in (
        (strange[1], SheetOfAnotherPoll),
        (typo, SheetTypo),
        (mix, NotAShare),
        (sheets[0], SheetTwice),
    ):
        with pytest.raises(refusal):
            custody.tried(db.session, vault, poll, sheets[0], wrong, START)
    with pytest.raises(SheetTypo) as refused:
        custody.joined(poll, typo, sheets[0])
    assert refused.value.values == {"group": 5}
    assert custody.trials(db.session, poll) == set()


def test_nobody_voted_so_nobody_comes_with_a_sheet(vault: Vault, kept: Held) -> None:
    """Also a poll that never opened, whose sheets may be anywhere, ends."""
    assert kept.poll.phase(kept.poll.closes) is Phase.DUE
    assert polls.close(db.session, vault, kept.poll, kept.poll.closes)
    (outcome,) = polls.outcomes(db.session, kept.poll)
    assert outcome.votes["voor"] == 0


def test_progress_tells_how_far_and_nothing_of_what_was_chosen(vault: Vault, kept: Held) -> None:
    sheets = ready(vault, kept)
    voted(kept)
    poll, after = kept.poll, kept.poll.closes
    assert polls.progress(db.session, poll) == polls.Progress(5, 0, 0, 0)
    with pytest.raises(SheetsWait):
        polls.close(db.session, vault, poll, after)
    assert polls.progress(db.session, poll) == polls.Progress(5, 5, 0, 0)
    polls.close(db.session, vault, poll, after, custody.joined(poll, *sheets[:2]))
    assert polls.progress(db.session, poll) == polls.Progress(5, 5, 5, 0)


# The key that mixes


def lose(vault: Vault, poll: Poll) -> str:
    """Lose the mix key; return what its sheet says."""
    sheet = shares.mix_text(poll.id, vault.read(poll.id, "mix"))
    (vault.folder / f"{poll.id.hex()}.mix").unlink()
    assert not custody.mix_key_there(vault, poll)
    return sheet


@pytest.mark.parametrize("votes", [0, 3])
def test_a_lost_mix_key_comes_back_from_its_sheet(vault: Vault, held: Held, votes: int) -> None:
    voted(held, votes)
    before = vault.read(held.poll.id, "mix")
    sheet = lose(vault, held.poll)
    custody.mix_restored(db.session, vault, held.poll, sheet.lower().replace(" ", "-"))
    assert vault.read(held.poll.id, "mix") == before
    assert polls.close(db.session, vault, held.poll, held.poll.closes)


def test_what_is_left_of_a_broken_file_is_replaced(vault: Vault, held: Held) -> None:
    sheet = lose(vault, held.poll)
    (vault.folder / f"{held.poll.id.hex()}.mix").write_bytes(b"half")
    custody.mix_restored(db.session, vault, held.poll, sheet)
    assert custody.mix_key_there(vault, held.poll)


def test_another_key_is_not_taken_for_it(vault: Vault, held: Held) -> None:
    voted(held, 1)
    other, row = hold(vault, yes_no()), db.session.scalars(select(Inbox)).one()
    strange = shares.mix_text(other.poll.id, vault.read(other.poll.id, "mix"))
    sound = shares.mix_text(held.poll.id, bytes(range(32)))  # a sheet of this poll, of no key of it
    part = shares.text(held.poll.id, Share(1, bytes(32)))
    sheet = lose(vault, held.poll)
    for typed, refusal in ((strange, SheetOfAnotherPoll), (sound, MixKeyOther), (part, NotTheMixKey)):
        with pytest.raises(refusal):
            custody.mix_restored(db.session, vault, held.poll, typed)
        assert not custody.mix_key_there(vault, held.poll)
    custody.mix_restored(db.session, vault, held.poll, sheet)
    assert keys.mix_keys(vault.read(held.poll.id, "mix"))
    assert row.sealed


def planted(vault: Vault, poll: Poll) -> bytes:
    """Another key in the place of the one that mixes, before anybody voted; return the right one."""
    right = vault.read(poll.id, "mix")
    vault.destroy(poll.id, "mix")
    vault.make(poll.id, "mix", bytes(range(32)))
    return right


def test_a_key_that_was_planted_mixes_nothing_and_takes_no_vote(app: Flask, vault: Vault, held: Held) -> None:
    right = planted(vault, held.poll)
    assert not custody.mix_key_there(vault, held.poll)
    sent = casting.Sent(held.codes[0], {"q1": ["voor"]}, bytes(32))
    answers = casting.cast_sent(db.engine, vault, [sent], lambda: START)
    assert [type(each) for each in answers] == [MixKeyStrange]
    assert db.session.scalars(select(Inbox)).all() == []
    with pytest.raises(MixKeyStrange, match="hoort niet bij deze stemming"):
        mixing.mix(db.session, vault, held.poll, START)
    forged = shares.mix_text(held.poll.id, bytes(range(32)))
    with pytest.raises(MixKeyOther):  # also while the inbox is empty
        custody.mix_restored(db.session, vault, held.poll, forged)
    custody.mix_restored(db.session, vault, held.poll, shares.mix_text(held.poll.id, right))
    assert vault.read(held.poll.id, "mix") == right
    answers = casting.cast_sent(db.engine, vault, [sent], lambda: START)
    assert [type(each) for each in answers] == [casting.Receipt]


def test_a_planted_key_does_not_close(vault: Vault, held: Held) -> None:
    voted(held, 1)
    right = planted(vault, held.poll)
    with pytest.raises(MixKeyStrange):
        polls.close(db.session, vault, held.poll, held.poll.closes)
    custody.mix_restored(db.session, vault, held.poll, shares.mix_text(held.poll.id, right))
    assert polls.close(db.session, vault, held.poll, held.poll.closes)


def test_a_poll_from_before_has_no_check_and_none_is_added(vault: Vault, held: Held) -> None:
    secret = vault.read(held.poll.id, "mix")
    assert custody.mix_secret(vault, held.poll.id, None) == secret
    for change in ("NULL", "x'00'" if db.engine.dialect.name == "sqlite" else "decode('00', 'hex')"):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(f"UPDATE poll SET mix_check = {change}"))


def test_a_key_that_is_there_or_was_destroyed_is_not_put_back(vault: Vault, held: Held) -> None:
    sheet = shares.mix_text(held.poll.id, vault.read(held.poll.id, "mix"))
    with pytest.raises(MixKeyThere):
        custody.mix_restored(db.session, vault, held.poll, sheet)
    polls.close(db.session, vault, held.poll, held.poll.closes)
    polls.forget(db.session, vault, held.poll, held.poll.closes)
    with pytest.raises(MixKeyGone):
        custody.mix_restored(db.session, vault, held.poll, sheet)
    assert "mix" not in in_the_vault(vault, held.poll)
