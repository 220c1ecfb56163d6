"""The verbs of the address list, on a real database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from ballots.database import Base, prepare, url, writing
from ballots.models import Poll
from consult import journal, rolls
from consult.models import Consultation, Initiative, JournalEntry, RollEntry, RollUpload, Town, Wijk
from consult.refusals import (
    AddressReasonMissing,
    LettersWrong,
    RollChanged,
    RollEmpty,
    RollFaulty,
    RollFrozen,
    RollNothingWaiting,
)
from consult.rolls import RollTotals

pytestmark = pytest.mark.both

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
LATER = datetime(2026, 5, 4, 11, tzinfo=UTC)
ACTOR = "gemeente: A. de Wit"
HEADER = b"nummeraanduiding;straat;huisnummer;postcode;plaats;aantal;gebruiksdoel\n"
GOOD = HEADER + (
    b"0599200000000003;Dorpsstraat;10;1234AB;Herten;;woonfunctie\n"
    b"0599200000000001;Dorpsstraat;2;1234AB;Herten;3;gezondheidszorgfunctie\n"
    b"0599200000000002;Dorpsstraat;3;;Herten;1;kantoorfunctie\n"
)
OTHER = HEADER + b"0599200000000009;Kerkplein;1;1234AC;Herten;;\n"
FAULTY = GOOD + b"0599200000000003;Kerkplein;1;1234AC;Herten;;\n"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(url(database_url))
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def consultation(session: Session) -> Consultation:
    town = Town(
        name="Voorbeeldstad",
        accent="#1f5c48",
        base_url="https://stem.example",
        address="",
        phone="",
        email="",
        limit=10_000_00,
    )
    plan = Initiative(
        wijk=Wijk(town=town, name="Oost", slug="oost"),
        title="Speeltuin",
        what="",
        for_whom="",
        place="",
        asked=12_000_00,
        initiator="",
        email="",
        handed_in_at=NOW,
    )
    days = {"first_day": date(2026, 6, 1), "last_day": date(2026, 6, 14)}
    made = Consultation(wijk=plan.wijk, initiative=plan, **days)
    with writing(session):
        session.add(made)
    return made


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Everything in the database."""
    with engine.connect() as connection:
        return {
            name: list(connection.execute(select(table).order_by(*table.primary_key)))
            for name, table in Base.metadata.tables.items()
        }


def fill(session: Session, consultation: Consultation, data: bytes = GOOD) -> None:
    rolls.upload(session, consultation, "lijst.csv", data, ACTOR, NOW)
    rolls.import_roll(session, consultation, ACTOR, NOW)


def roll(session: Session) -> list[tuple[int, int, int]]:
    rows = session.scalars(select(RollEntry).order_by(RollEntry.position))
    return [(entry.position, entry.number, entry.letters) for entry in rows]


def freeze(session: Session, consultation: Consultation) -> None:
    with writing(session):
        consultation.poll = Poll(
            id=b"p" * 16, definition=b"", hash=b"h" * 32, opens=NOW, closes=LATER, frozen_at=NOW
        )


def test_an_upload_waits_and_changes_no_roll(session: Session, consultation: Consultation) -> None:
    found = rolls.upload(session, consultation, "lijst.csv", GOOD, ACTOR, NOW)
    assert found.sound
    waits = rolls.waiting(session, consultation)
    assert waits is not None
    assert (waits.name, waits.uploaded_at, rolls.read(waits)) == ("lijst.csv", NOW, found)
    assert roll(session) == []


def test_an_upload_replaces_the_one_before(session: Session, consultation: Consultation) -> None:
    rolls.upload(session, consultation, "een.csv", GOOD, ACTOR, NOW)
    rolls.upload(session, consultation, "twee.csv", OTHER, ACTOR, LATER)
    assert [(file.name, file.data) for file in session.scalars(select(RollUpload))] == [("twee.csv", OTHER)]


def test_import_is_in_postal_order_and_deletes_the_upload(
    session: Session, consultation: Consultation
) -> None:
    assert consultation.roll == []
    fill(session, consultation)
    assert roll(session) == [(1, 2, 3), (2, 10, 1), (3, 3, 1)]  # without postcode comes last
    assert [entry.number for entry in consultation.roll] == [2, 10, 3]
    assert rolls.waiting(session, consultation) is None
    assert rolls.totals(session, consultation) == RollTotals(3, 5, 0, 2)


def test_the_journal_holds_counts_and_no_address(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    steps = list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))
    assert [(step.action, step.actor) for step in steps] == [("upload roll", ACTOR), ("import roll", ACTOR)]
    for step in steps:
        assert step.detail == {"addresses": 3, "letters": 5, "left_out": 0, "special": 2, "warnings": 1}


def test_a_second_import_replaces_the_roll(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    fill(session, consultation, OTHER)
    assert roll(session) == [(1, 1, 1)]


@pytest.mark.parametrize("data", [FAULTY, HEADER + b"x", GOOD[:-40] + b'"\n'])
def test_a_faulty_roll_changes_nothing(
    engine: Engine, session: Session, consultation: Consultation, data: bytes
) -> None:
    fill(session, consultation)
    rolls.upload(session, consultation, "goed.csv", OTHER, ACTOR, NOW)
    before = dump(engine)
    found = rolls.upload(session, consultation, "fout.csv", data, ACTOR, LATER)
    assert found.faults
    assert dump(engine) == before


def test_no_list_changes_nothing(engine: Engine, session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    before = dump(engine)
    with pytest.raises(RollEmpty):
        rolls.upload(session, consultation, "leeg.csv", b"", ACTOR, LATER)
    with pytest.raises(RollNothingWaiting):
        rolls.import_roll(session, consultation, ACTOR, LATER)
    assert dump(engine) == before


def test_a_list_without_any_address_left_is_not_kept(session: Session, consultation: Consultation) -> None:
    data = b"nummeraanduiding;straat;huisnummer;plaats;nevenadres\n0599200000000001;Dorpsstraat;2;Herten;t\n"
    found = rolls.upload(session, consultation, "neven.csv", data, ACTOR, NOW)
    assert (found.sound, len(found.left_out)) == (False, 1)
    assert rolls.waiting(session, consultation) is None


def test_a_faulty_file_that_waits_is_not_imported(
    engine: Engine, session: Session, consultation: Consultation
) -> None:
    """It cannot get there by the verbs; the import does not trust that."""
    fill(session, consultation)
    with writing(session):
        session.add(
            RollUpload(consultation_id=consultation.id, name="fout.csv", data=FAULTY, uploaded_at=NOW)
        )
    before = dump(engine)
    with pytest.raises(RollFaulty):
        rolls.import_roll(session, consultation, ACTOR, LATER)
    assert dump(engine) == before


def test_an_import_that_breaks_halfway_changes_nothing(
    engine: Engine, session: Session, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(session, consultation)
    rolls.upload(session, consultation, "lijst.csv", OTHER, ACTOR, NOW)
    before = dump(engine)

    broken = Mock(side_effect=OSError("no space left on device"))
    monkeypatch.setattr(journal, "write", broken)
    with pytest.raises(OSError, match="no space"):
        rolls.import_roll(session, consultation, ACTOR, LATER)
    assert dump(engine) == before


def test_a_file_that_was_not_shown_is_not_imported(session: Session, consultation: Consultation) -> None:
    rolls.upload(session, consultation, "een.csv", GOOD, ACTOR, NOW)
    rolls.upload(session, consultation, "twee.csv", OTHER, ACTOR, LATER)
    with pytest.raises(RollChanged):
        rolls.import_roll(session, consultation, ACTOR, LATER, shown=NOW)
    assert roll(session) == []
    rolls.import_roll(session, consultation, ACTOR, LATER, shown=LATER)
    assert roll(session) == [(1, 1, 1)]


def test_a_frozen_roll_does_not_change(engine: Engine, session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    rolls.upload(session, consultation, "lijst.csv", OTHER, ACTOR, NOW)
    freeze(session, consultation)
    entry = consultation.roll[0]
    before = dump(engine)
    with pytest.raises(RollFrozen):
        rolls.upload(session, consultation, "lijst.csv", OTHER, ACTOR, LATER)
    with pytest.raises(RollFrozen):
        rolls.import_roll(session, consultation, ACTOR, LATER)
    with pytest.raises(RollFrozen):
        rolls.decide_special(session, entry, 2, "Twee gezinnen", ACTOR, LATER)
    assert dump(engine) == before


def test_decisions_about_special_addresses(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    care, office = rolls.worklist(session, consultation)
    assert (care.number, office.number) == (2, 3)
    rolls.decide_special(session, care, 80, " Zorghuis met 80 bewoners ", ACTOR, LATER)
    assert (care.letters, care.reason) == (80, "Zorghuis met 80 bewoners")
    assert rolls.totals(session, consultation) == RollTotals(3, 82, 0, 1)
    assert rolls.worklist(session, consultation) == [office, care]
    rolls.decide_special(session, office, 0, "Hier woont niemand", ACTOR, LATER)
    assert rolls.totals(session, consultation) == RollTotals(2, 81, 1, 0)
    step = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert step is not None
    assert (step.action, step.detail) == ("decide address", {"letters_before": 1, "letters": 0})


def test_any_address_can_be_decided_about(session: Session, consultation: Consultation) -> None:
    """A student house looks like any other dwelling."""
    fill(session, consultation)
    (found,) = rolls.find(session, consultation, "dorps 10 1234 ab")
    assert not found.special
    rolls.decide_special(session, found, 6, "Studentenhuis", ACTOR, LATER)
    assert found in rolls.worklist(session, consultation)
    assert rolls.find(session, consultation, " ") == []
    assert rolls.find(session, consultation, "%") == []


@pytest.mark.parametrize("letters", [-1, 501])
def test_so_many_letters_cannot_be_sent(session: Session, consultation: Consultation, letters: int) -> None:
    fill(session, consultation)
    with pytest.raises(LettersWrong, match="0 tot en met 500"):
        rolls.decide_special(session, consultation.roll[0], letters, "Daarom", ACTOR, LATER)


def test_a_decision_has_a_reason(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    with pytest.raises(AddressReasonMissing):
        rolls.decide_special(session, consultation.roll[0], 2, "  ", ACTOR, LATER)


def test_serials_are_consecutive_in_postal_order(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)
    rolls.decide_special(session, consultation.roll[1], 0, "Sloop", ACTOR, LATER)
    with writing(session):
        rolls.assign_serials(session, consultation)
        assert [entry.first_serial for entry in consultation.roll] == [1, None, 4]
    assert list(rolls.envelopes(session, consultation)) == [
        (1, ("Dorpsstraat 2", "1234 AB  HERTEN")),
        (2, ("Dorpsstraat 2", "1234 AB  HERTEN")),
        (3, ("Dorpsstraat 2", "1234 AB  HERTEN")),
        (4, ("Dorpsstraat 3", "HERTEN")),
    ]
    assert rolls.totals(session, consultation).letters == 4


def test_nothing_is_numbered_when_freezing_fails(session: Session, consultation: Consultation) -> None:
    fill(session, consultation)

    def number_and_fail() -> None:
        with writing(session):
            rolls.assign_serials(session, consultation)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        number_and_fail()
    assert [entry.first_serial for entry in consultation.roll] == [None] * 3


def test_an_empty_roll(session: Session, consultation: Consultation) -> None:
    rolls.assign_serials(session, consultation)
    assert rolls.totals(session, consultation) == RollTotals(0, 0, 0, 0)
    assert list(rolls.envelopes(session, consultation)) == []
