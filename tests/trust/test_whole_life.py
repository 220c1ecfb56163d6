"""A poll lives its whole life in any order of steps: one letter, one vote, all along, and the recount agrees."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select

from app import create_app
from ballots import (
    archive,
    board,
    casting,
    letters,
    mixing,
    paper_votes,
    polls,
    published,
    replacing,
    web,
)
from ballots.casting import Receipt
from ballots.database import db
from ballots.lifecycle import Phase
from ballots.models import Box, Checkpoint, Inbox, Leaf, PaperBox
from ballots.refusals import (
    LetterUsed,
    LetterVoid,
    PaperWaits,
    Refusal,
    TooEarly,
    TooLate,
    Withdrawn,
)
from ballots.terms import keys as public_keys
from ballots.vault import Vault
from tests.conftest import START, postgres_copy, put, yes_no
from tests.trust import weak
from tests.trust.helpers import FULL

pytestmark = pytest.mark.both

LETTERS = 14
MARKINGS = ("voor", "tegen", "blanco")
LETTER = st.integers(0, 2 * LETTERS)  # of those there are by then
CLOSED = (TooLate, Withdrawn, LetterVoid, LetterUsed, TooEarly)

Fresh = Callable[[], AbstractContextManager[str]]  # yields the address of an empty database of its own
Cast = tuple[str, int, str, Receipt]  # code, r, marking, and the receipt that was given


class WholeLife(RuleBasedStateMachine):
    """What a voter, the desk, the office and the clock may do, in any order; and what is always so."""

    fresh: Fresh

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        url = self.stack.enter_context(self.fresh())
        made = {"SECRET_KEY": "x", "DATA_DIR": str(folder), "DATABASE_URL": url, "TESTING": True}
        self.stack.enter_context(create_app(made).app_context())
        self.stack.enter_context(patch.object(mixing, "CROWD", 2))
        self.now = START - timedelta(days=1)
        self.cast: list[Cast] = []
        self.on_paper: list[str] = []
        self.leaves: list[tuple[int, bytes]] = []
        self.notes: list[str] = []

    def teardown(self) -> None:
        try:
            self.ends()
        finally:
            db.session.remove()
            db.engine.dispose()
            self.stack.close()

    def ends(self) -> None:
        """Whatever came before, it can be closed now, and recounts."""
        self.now = max(self.now, self.poll.ends)
        if not self.poll.withdrawn_at:
            self.enter_papers()
            polls.close(db.session, self.vault, self.poll, self.now)
            self.counted_once()
        else:
            assert self.number(Inbox) == self.number(Box) == 0
        archive.keep(self.vault, self.poll.id, published.bundled(db.session, self.vault, self.poll))

    def counted_once(self) -> None:
        # Where they were too few to be kept apart, papers are among the others.
        joined = 0 if self.number(PaperBox) else len(self.on_paper)
        commitments = db.session.scalars(select(Box.commitment).where(Box.poll_id == self.poll.id)).all()
        assert len(set(commitments)) == len(commitments) == len(self.cast) + joined
        assert {receipt.commitments[0] for *_, receipt in self.cast} <= set(commitments)

    # What happens

    @initialize()
    def freeze(self) -> None:
        self.vault: Vault = web.vault()
        terms = replace(yes_no(), lengthen=5)
        self.poll = polls.freeze(db.session, self.vault, terms, LETTERS, self.now)
        self.codes = [
            code for _, code in letters.printable(db.session, self.vault, self.poll)
        ]  # by serial - 1
        self.void: set[str] = set()

    @property
    def used(self) -> set[str]:
        return {code for code, *_ in self.cast} | set(self.on_paper)

    def may_vote(self, code: str) -> bool:
        return self.poll.phase(self.now) is Phase.OPEN and code not in self.used | self.void

    def vote(self, code: str, r: int, marking: str) -> Receipt:
        poll, p = casting.find(db.session, code)
        return put(poll, p, [[marking]], r.to_bytes(32, "big"), self.now)

    @rule(letter=LETTER, marking=st.sampled_from(MARKINGS))
    def votes(self, letter: int, marking: str) -> None:
        code, r = self.codes[letter % len(self.codes)], 1000 + len(self.cast)
        may = self.may_vote(code)
        try:
            receipt = self.vote(code, r, marking)
        except CLOSED:
            assert not may
        else:
            assert may
            self.cast.append((code, r, marking, receipt))

    @precondition(lambda self: self.cast)
    @rule(data=st.data())
    def sends_again(self, data: Any) -> None:
        """The same vote gets the same receipt, mixed or not, also when the doors are closed."""
        code, r, marking, receipt = data.draw(st.sampled_from(self.cast))
        if self.poll.withdrawn_at:
            with pytest.raises(Withdrawn) if receipt.commitments[0] not in self.board else ExitStack():
                self.vote(code, r, marking)
        else:
            assert self.vote(code, r, marking) == receipt

    @precondition(lambda self: self.cast)
    @rule(data=st.data(), marking=st.sampled_from(MARKINGS), same=st.booleans())
    def sends_something_else(self, data: Any, marking: str, same: bool) -> None:
        """Another marking, or another r, on a letter that was used is no vote."""
        code, r, before, _ = data.draw(st.sampled_from(self.cast))
        assume(not same or marking != before)
        with pytest.raises(CLOSED):
            self.vote(code, r if same else r + 5000, marking)

    @rule(letter=LETTER)
    def redeems_for_paper(self, letter: int) -> None:
        code = self.codes[letter % len(self.codes)]
        may = self.may_vote(code)
        poll, p = casting.find(db.session, code)
        try:
            paper_votes.redeem(db.session, poll, p, self.now)
        except CLOSED:
            assert not may
        else:
            assert may
            self.on_paper.append(code)

    @rule()
    def mixes(self) -> None:
        assume(self.poll.phase(self.now) is Phase.OPEN)
        waiting = self.number(Inbox)
        moved = mixing.mix(db.session, self.vault, self.poll, self.now)
        assert moved == (waiting - 2 if waiting >= 4 else 0)

    @rule(hours=st.sampled_from((1, 30, 200)))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # What life demands, each with a record on the board

    def changes(self) -> bool:
        """Say whether letters and days can still change."""
        return self.poll.phase(self.now) in (Phase.FROZEN, Phase.OPEN)

    def refused(self, allowed: bool) -> AbstractContextManager[object]:
        return ExitStack() if allowed else pytest.raises(Refusal)

    def printed(self) -> None:
        """Read the letters of the last print run."""
        run = letters.runs(db.session, self.poll)[-1].number
        fresh = list(letters.printable(db.session, self.vault, self.poll, run))
        assert [serial for serial, _ in fresh] == list(
            range(len(self.codes) + 1, len(self.codes) + 1 + len(fresh))
        )
        self.codes += [code for _, code in fresh]

    @rule(letter=LETTER, again=st.booleans())
    def a_letter_is_lost(self, letter: int, again: bool) -> None:
        """It is made void, and where asked for another one is sent."""
        serial = letter % len(self.codes) + 1
        code = self.codes[serial - 1]
        with self.refused(self.changes() and code not in self.used | self.void):
            if again:
                people = 1 if replacing.alone(db.session, self.poll, self.now) else 2
                why = "Brief kwijt."
                replacing.replace(db.session, self.vault, self.poll, [serial], why, people, self.now)
            else:
                replacing.void(db.session, self.vault, self.poll, [serial], "Kwam terug.", self.now)
            self.void.add(code)
            if again:
                self.printed()

    @rule(count=st.integers(1, 2))
    def an_address_was_forgotten(self, count: int) -> None:
        with self.refused(self.changes()):
            replacing.add(db.session, self.vault, self.poll, count, "Vergeten.", self.now)
            self.printed()

    @rule(days=st.integers(0, 6))
    def voting_goes_on_longer(self, days: int) -> None:
        """Once, and by no more days than was frozen."""
        closes, before = self.poll.closes + timedelta(days=days), self.poll.lengthened_to
        with self.refused(self.changes() and before is None and 0 < days <= 5):
            replacing.lengthen(db.session, self.vault, self.poll, closes, "later", "De post.", self.now)
            assert self.poll.ends == closes

    @precondition(lambda self: len(self.cast) > 4)
    @rule(again=st.booleans())
    def withdraws(self, again: bool) -> None:
        phase = self.poll.phase(self.now)
        if phase in (Phase.FROZEN, Phase.OPEN):
            polls.withdraw(db.session, self.vault, self.poll, "De vraag klopte niet.", self.now, again)
        else:
            with pytest.raises(Refusal):
                polls.withdraw(db.session, self.vault, self.poll, "Te laat.", self.now, again)

    def enter_papers(self) -> None:
        if self.on_paper and self.poll.mixed_at is None:
            papers = [[[MARKINGS[n % 3]]] for n in range(len(self.on_paper))]
            paper_votes.enter(db.session, self.poll, papers, self.now)

    @rule(entered=st.booleans())
    def closes(self, entered: bool) -> None:
        phase = self.poll.phase(self.now)
        if phase is not Phase.DUE:
            with pytest.raises(Refusal) if phase is not Phase.CLOSED else ExitStack():
                assert polls.close(db.session, self.vault, self.poll, self.now) is False
            return
        if entered:
            self.enter_papers()
        elif self.on_paper and not paper_votes.entered(db.session, self.poll, 1):
            with pytest.raises(PaperWaits):
                polls.close(db.session, self.vault, self.poll, self.now)
            return
        assert polls.close(db.session, self.vault, self.poll, self.now)
        self.counted_once()

    # What is always so

    def number(self, table: type[Any]) -> int:
        return db.session.scalar(select(func.count()).where(table.poll_id == self.poll.id)) or 0

    @property
    def board(self) -> set[bytes]:
        return {commitment for _, commitment in self.leaves}

    @invariant()
    def letters_add_up(self) -> None:
        cast = polls.turnout(db.session, self.poll)
        assert (cast.issued, cast.web, cast.paper) == (len(self.codes), len(self.cast), len(self.on_paper))
        assert cast.issued == cast.used + cast.open + cast.void
        unused = len(self.codes) - len(self.used) - len(self.void)
        assert cast.open == (0 if self.poll.withdrawn_at else unused)

    @invariant()
    def ballots_are_used_letters(self) -> None:
        answers = self.number(Inbox) + self.number(Leaf)
        if self.poll.withdrawn_at:
            assert answers <= len(self.cast)
        else:
            joined = len(self.on_paper) if self.poll.mixed_at and not self.number(PaperBox) else 0
            assert answers == len(self.cast) + joined

    @invariant()
    def the_board_only_grows(self) -> None:
        query = select(Leaf.question, Leaf.commitment).where(Leaf.poll_id == self.poll.id)
        now = [(q, c) for q, c in db.session.execute(query.order_by(Leaf.position))]
        assert now[: len(self.leaves)] == self.leaves
        self.leaves = now
        self.each_checkpoint_is_a_prefix_of_the_next()

    def each_checkpoint_is_a_prefix_of_the_next(self) -> None:
        query = select(Checkpoint.note).where(Checkpoint.poll_id == self.poll.id).order_by(Checkpoint.number)
        notes, key = list(db.session.scalars(query)), public_keys(self.poll).board
        assert notes[: len(self.notes)] == self.notes
        for note in notes[max(len(self.notes) - 1, 0) :]:
            checkpoint = board.read_note(note, self.poll.id, key)
            leaves = [board.leaf(q, c) for q, c in self.leaves[: checkpoint.size]]
            assert len(leaves) == checkpoint.size
            assert board.root(leaves) == checkpoint.root
        assert board.read_note(notes[-1], self.poll.id, key).size == len(self.leaves)
        self.notes = notes


@contextmanager
def sqlite_copy(empty: Path) -> Iterator[str]:
    """Yield the address of a copy of an SQLite database, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{shutil.copy(empty, folder)}"


@pytest.fixture
def fresh(backend: str, request: pytest.FixtureRequest) -> Fresh:
    """Return what makes a database for each life: a copy, for nothing that voting wrote can be taken out again."""
    given = request.getfixturevalue
    if backend == "postgresql":
        return partial(postgres_copy, given("cluster"), given("empty_template"))
    return partial(sqlite_copy, given("empty_database"))


def life(fresh: Fresh, examples: int, *phases: hypothesis.Phase) -> None:
    """Let so many polls live; raise what one of them breaks."""
    given = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=phases or tuple(hypothesis.Phase),
    )
    run(type("Life", (WholeLife,), {"fresh": fresh}), settings=given)


# On PostgreSQL a life takes about twice as long, so fewer are lived.
LIVES = {"sqlite": 20, "postgresql": 6}


def test_one_letter_is_one_vote_whatever_happens_in_whatever_order(fresh: Fresh, backend: str) -> None:
    if FULL:  # with all the time it takes to find the shortest way to what is wrong
        life(fresh, 50 * LIVES[backend])
    else:
        life(fresh, LIVES[backend], hypothesis.Phase.generate)


@pytest.mark.parametrize("name", weak.LIVES)
def test_a_weak_variant_does_not_live_through_it(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    weak.LIVES[name](monkeypatch.setattr)
    with pytest.raises((AssertionError, Refusal)):
        life(fresh, 100, hypothesis.Phase.generate)
