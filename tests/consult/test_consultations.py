"""A wijkraadpleging from draft to count: what cannot be frozen, and what nothing can change afterwards."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ballots import casting, codes, letters, polls
from ballots.definition import decode, digest
from ballots.lifecycle import Phase
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    DatesWrong,
    KeyMissing,
    NoLetters,
    NotReconciled,
    ReasonMissing,
    Withdrawn,
)
from consult import asked, consultations, days, initiatives, rolls
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative
from consult.refusals import (
    ConsultationExists,
    DraftChanged,
    FieldMissing,
    IsFrozen,
    LettersNotMade,
    NotFrozen,
    RollFrozen,
    SpecialsOpen,
    TickFailed,
)
from tests.consult.conftest import ACTOR, KEPT, LETTERS, QUORUM, ROLL, RULE, TEXTS, Place

pytestmark = pytest.mark.both

AMSTERDAM = days.AMSTERDAM
NEEDED = {**asked.OF_A_PLAN, "majority": "de meerderheid", "quorum": "de drempel"}


def edit(place: Place, draft: Consultation, **fields: object) -> None:
    consultations.edit(place.session, draft, fields, ACTOR, place.now)


# Drafts


def test_an_empty_draft_names_everything_that_is_missing(place: Place) -> None:
    draft = consultations.start(place.session, place.plan(), ACTOR, place.now)
    assert list(map(str, asked.missing(draft))) == [*NEEDED.values(), asked.SIGNATURE]
    with pytest.raises(FieldMissing, match=r"de vraag, in het kort, .*de drempel"):
        place.freeze(draft)
    assert draft.poll_id is None


@pytest.mark.parametrize(
    ("name", "empty"),
    [(name, "" if name in TEXTS else None) for name in NEEDED] + [("majority", ""), ("quorum", "")],
)
def test_whatever_is_left_open_cannot_be_frozen(place: Place, name: str, empty: Any) -> None:
    draft = place.draft(place.plan(), **{name: empty})
    unsigned = [asked.SIGNATURE] if name in asked.ARGUMENTS else []
    assert list(map(str, asked.missing(draft))) == [NEEDED[name], *unsigned]
    before = place.dump()
    with pytest.raises(FieldMissing, match=NEEDED[name]):
        place.freeze(draft)
    assert place.dump() == before
    assert not place.vault.folder.exists()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"majority": "absolute"}, "waarvan de meerderheid"),
        ({"majority": "two-thirds"}, "waarvan de meerderheid"),
        ({"majority": "absolute", "base": "votes"}, "blanco meetelt voor de meerderheid"),
        ({**QUORUM, "quorum_percent": None}, "percentage"),
        ({**QUORUM, "blank_in_turnout": None}, "blanco meetelt voor de opkomst"),
        ({**QUORUM, "missed_quorum": None}, "drempel niet wordt gehaald"),
        ({**QUORUM, "quorum": "in-favour", "missed_quorum": None}, "drempel niet wordt gehaald"),
        ({**QUORUM, "quorum": "in-favour", "quorum_percent": None}, "percentage"),
    ],
)
def test_what_a_choice_brings_along_has_no_default_either(
    place: Place, fields: dict[str, Any], named: str
) -> None:
    draft = place.draft(place.plan(), **fields)
    assert [named in str(each) for each in asked.missing(draft)] == [True]
    with pytest.raises(FieldMissing, match=named):
        place.freeze(draft)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"majority": "absolute", "base": "letters"},
        {"majority": "two-thirds", "base": "votes", "blank_in_majority": False},
        QUORUM,
        {**QUORUM, "quorum": "in-favour", "blank_in_turnout": None},
    ],
)
def test_each_choice_made_is_what_is_frozen(place: Place, fields: dict[str, Any]) -> None:
    draft = place.draft(place.plan(), **fields)
    place.freeze(draft)
    frozen: Any = decode(place.poll(draft).definition).terms.rules[0]
    for name, value in {**RULE, **fields}.items():
        if name == "quorum_percent":
            assert frozen.quorum_share * 100 == (value or 0)
        elif value is not None:
            assert getattr(frozen, name) == value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {
            "majority": st.sampled_from([None, "", "simple", "absolute", "two-thirds"]),
            "base": st.sampled_from([None, "votes", "letters"]),
            "blank_in_majority": st.sampled_from([None, True, False]),
            "quorum": st.sampled_from([None, "", "none", "turnout", "in-favour"]),
            "quorum_percent": st.sampled_from([None, 1, 50, 100]),
            "blank_in_turnout": st.sampled_from([None, True, False]),
            "missed_quorum": st.sampled_from([None, "bars", "reasons"]),
        }
    )
)
def test_no_rule_is_frozen_with_a_choice_nobody_made(chosen: dict[str, Any]) -> None:
    """What the counting rule reads for its kind of majority and quorum was chosen, each of them."""
    draft = Consultation(
        initiative=Initiative(), first_day=date(2026, 6, 1), last_day=date(2026, 6, 2), **TEXTS, **chosen
    )
    if asked.missing(draft):
        return
    read = {"majority", "quorum"}
    if chosen["majority"] != "simple":
        read.add("base")
        if chosen["base"] == "votes":
            read.add("blank_in_majority")
    if chosen["quorum"] != "none":
        read |= {"quorum_percent", "missed_quorum"}
        if chosen["quorum"] == "turnout":
            read.add("blank_in_turnout")
    assert all(chosen[name] not in (None, "") for name in read)


def test_one_draft_a_plan_and_none_after_a_decision(place: Place) -> None:
    plan, small = place.plan(), place.plan(5_000_00)
    place.draft(plan)
    with pytest.raises(ConsultationExists):
        consultations.start(place.session, plan, ACTOR, place.now)
    place.award(small, 5_000_00)
    with pytest.raises(ConsultationExists):
        consultations.start(place.session, small, ACTOR, place.now)


# Freezing


def test_freezing(place: Place) -> None:
    draft = place.draft(place.plan(24_500_00), days=(3, 9))
    used = place.freeze(draft)
    poll = place.poll(draft)
    definition = decode(poll.definition)
    assert digest(poll.definition) == poll.hash
    assert draft.amount == 24_500_00
    assert len(used) == len(set(used)) == LETTERS == rolls.totals(place.session, draft).letters
    assert len(definition.letters) == LETTERS
    assert polls.turnout(place.session, poll).issued == LETTERS
    assert sorted(
        codes.fingerprint(poll.id, codes.proof(poll.id, codes.read(code))) for code in used
    ) == sorted(definition.letters)
    serials = [serial for serial, _ in rolls.envelopes(place.session, draft)]
    assert serials == list(range(1, LETTERS + 1))
    assert definition.terms.questions[0].text == TEXTS["question"]
    assert definition.terms.summary == tuple(TEXTS["summary"].splitlines())
    assert [each.text for each in definition.terms.texts] == [
        TEXTS[name] for name in ("in_favour", "against", "if_no", "upkeep")
    ]
    assert definition.terms.about["amount"] == "€ 24.500"
    assert definition.terms.closes_text == "tot en met woensdag 10 juni 2026"
    assert poll.phase(place.now) is Phase.FROZEN


def test_the_journal_knows_the_hash_and_no_address(place: Place) -> None:
    draft = place.draft(place.plan())
    place.freeze(draft)
    journal = "".join(place.dump()["journal"])
    assert place.poll(draft).hash.hex() in journal
    assert "Geheimestraat" not in journal
    assert "4321" not in journal


def test_several_letters_at_one_address(place: Place) -> None:
    draft = place.draft(place.plan())
    place.freeze(draft)
    home = next(each for each in draft.roll if each.number == 90)
    assert home.letters == 4
    at_home = [serial for serial, lines in rolls.envelopes(place.session, draft) if "90" in lines[0]]
    assert home.first_serial is not None
    assert at_home == list(range(home.first_serial, home.first_serial + 4))


def test_special_addresses_block(place: Place) -> None:
    draft = place.draft(place.plan())
    rolls.upload(place.session, draft, "a.csv", ROLL.encode(), ACTOR, place.now)
    rolls.import_roll(place.session, draft, ACTOR, place.now)
    with pytest.raises(SpecialsOpen, match="nog 1"):
        place.freeze(draft)
    (entry,) = rolls.worklist(place.session, draft)
    rolls.decide_special(place.session, entry, 0, "Gesloten.", ACTOR, place.now)
    assert len(place.freeze(draft)) == 8
    assert entry.first_serial is None


def test_no_addresses_no_letters(place: Place) -> None:
    draft = consultations.start(place.session, place.plan(), ACTOR, place.now)
    edit(place, draft, **TEXTS, **RULE, **KEPT, first_day=place.today, last_day=place.today)
    place.sign(draft)
    before = place.dump()
    with pytest.raises(NoLetters):
        place.freeze(draft)
    assert place.dump() == before


@pytest.mark.parametrize("days", [(-1, 3), (3, 1), (-3, -1)])
def test_days_that_cannot_be(place: Place, days: tuple[int, int]) -> None:
    draft = place.draft(place.plan(), days=days)
    before = place.dump()
    with pytest.raises(DatesWrong):
        place.freeze(draft)
    assert place.dump() == before
    assert not list(place.vault.folder.glob("*"))


def test_a_first_day_that_is_today_opens_at_once(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 0))
    used = place.freeze(draft)
    poll = place.poll(draft)
    assert poll.opens == place.now
    assert poll.phase(place.now) is Phase.OPEN
    place.vote(used, {"voor": 1})


def test_just_past_midnight_in_the_netherlands_is_today(place: Place) -> None:
    place.clock["now"] = datetime(2026, 6, 9, 22, 30, tzinfo=UTC)
    draft = place.draft(place.plan(), first_day=date(2026, 6, 10), last_day=date(2026, 6, 10))
    place.freeze(draft)
    assert place.poll(draft).opens == place.now
    assert place.poll(draft).closes == datetime(2026, 6, 10, 22, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2026, 3, 28), "2026-03-27T23:00", "2026-03-28T23:15"),
        (date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T22:15"),  # the clock goes forward
        (date(2026, 10, 24), "2026-10-23T22:00", "2026-10-24T22:15"),
        (date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T23:15"),  # and back
        (date(2026, 12, 31), "2026-12-30T23:00", "2026-12-31T23:15"),
    ],
)
def test_a_day_is_a_day_in_the_netherlands(day: date, opens: str, closes: str) -> None:
    assert days.opens(day) == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    found = days.closes(day)
    assert found == datetime.fromisoformat(closes).replace(tzinfo=UTC)
    here = found.astimezone(AMSTERDAM)
    assert (here.date(), here.hour, here.minute) == (day + timedelta(days=1), 0, 15)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_votes_until_a_quarter_past_midnight_when_the_clock_changes(place: Place, day: date) -> None:
    place.clock["now"] = datetime(day.year, day.month, day.day - 2, 12, tzinfo=UTC)
    draft = place.draft(place.plan(), first_day=day, last_day=day)
    place.freeze(draft)
    poll = place.poll(draft)
    midnight = datetime(day.year, day.month, day.day + 1 if day.day < 31 else 1, tzinfo=AMSTERDAM)
    for minutes, phase in ((14, Phase.OPEN), (15, Phase.DUE)):
        assert poll.phase(midnight.astimezone(UTC) + timedelta(minutes=minutes)) is phase


# After freezing nothing changes


def test_no_verb_changes_what_is_frozen(place: Place) -> None:
    draft = place.draft(place.plan())
    place.freeze(draft)
    before = place.dump()
    with pytest.raises(IsFrozen):
        edit(place, draft, question="Iets heel anders?")
    with pytest.raises(IsFrozen):
        place.freeze(draft)
    with pytest.raises(RollFrozen):
        rolls.upload(place.session, draft, "a.csv", ROLL.encode(), ACTOR, place.now)
    with pytest.raises(RollFrozen):
        rolls.decide_special(place.session, draft.roll[0], 0, "Weg ermee.", ACTOR, place.now)
    assert draft.initiative is not None
    with pytest.raises(ConsultationExists):
        consultations.start(place.session, draft.initiative, ACTOR, place.now)
    assert place.dump() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE poll SET definition = hash",
        "UPDATE poll SET hash = id",
        "UPDATE poll SET opens = '2020-01-01 00:00:00.000000'",
        "UPDATE poll SET closes = '2030-01-01 00:00:00.000000'",
        "UPDATE poll SET frozen_at = '2020-01-01 00:00:00.000000'",
        "DELETE FROM poll",
        "UPDATE journal SET detail = '{}'",
        "DELETE FROM journal",
    ],
)
def test_nor_does_the_database(place: Place, statement: str) -> None:
    place.freeze(place.draft(place.plan()))
    before = place.dump()
    with pytest.raises(IntegrityError, match="only added to, never changed"):
        place.execute(statement)
    assert place.dump() == before


def test_what_ended_does_not_end_again(place: Place) -> None:
    closed = place.held(place.plan(), {"voor": 7, "tegen": 3})
    with pytest.raises(AlreadyClosed):
        place.withdraw(closed)
    with pytest.raises(IntegrityError, match="never changed"):
        place.execute("UPDATE poll SET closed_at = NULL")
    with pytest.raises(IntegrityError, match="never changed"):
        place.execute("UPDATE poll SET withdrawn_at = '2020-01-01 00:00:00.000000'")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE initiative SET title = 'Casino'",
        "UPDATE initiative SET what = 'Gokken'",
        "UPDATE initiative SET asked = 1",
        "UPDATE consultation SET question = 'Wilt u een casino?'",
        "UPDATE consultation SET amount = 90000000",
        "UPDATE consultation SET poll_id = NULL",
        "DELETE FROM consultation",
    ],
)
def test_nor_the_plan_and_the_consultation_it_is_about(place: Place, statement: str) -> None:
    place.freeze(place.draft(place.plan(), days=(0, 5)))
    before = place.dump()
    with pytest.raises(IntegrityError, match="only added to, never changed"):
        place.execute(statement)
    assert place.dump() == before


def test_voters_read_the_frozen_words_whatever_else_is_changed_by_hand(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 5))
    used = place.freeze(draft)
    place.force("UPDATE initiative SET title = 'Casino', what = 'Gokken', asked = 1")
    place.force(
        "UPDATE consultation SET question = 'Wilt u een casino?', summary = 'Gokken', majority = 'two-thirds'"
    )
    client = place.app.test_client()
    page = client.post("/s", data={"code": used[0]}).text
    assert TEXTS["question"] in page
    for shown in (page, client.get(f"/raadplegingen/{draft.id}").text.replace(">Casino</a>", "")):
        assert "asino" not in shown
        assert "Gokken" not in shown
        assert "twee derde" not in shown


# Printing


def test_printing_confirmed_once_the_codes_are_gone(place: Place) -> None:
    draft = place.draft(place.plan())
    with pytest.raises(NotFrozen):
        place.printed(draft)
    place.freeze(draft)
    assert list(place.vault.folder.glob("*.seed-*"))
    with pytest.raises(LettersNotMade):
        consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    assert list(place.vault.folder.glob("*.seed-*"))
    place.printed(draft)
    consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)
    assert not list(place.vault.folder.glob("*.seed-*"))
    assert place.actions(draft.initiative).count("confirm printing, destroy codes") == 1
    with pytest.raises(KeyMissing):
        place.vault.read(place.poll(draft).id, "seed-1")
    assert list(letters.printable(place.session, place.vault, place.poll(draft))) == []


def test_what_a_colleague_changed_is_not_frozen(place: Place) -> None:
    draft = place.draft(place.plan())
    seen = asked.fingerprint(place.session, draft)
    edit(place, draft, question="Bent u voor of tegen iets heel anders?")
    with pytest.raises(DraftChanged):
        consultations.freeze(place.session, place.vault, draft, ACTOR, place.now, seen)
    assert draft.poll_id is None
    place.sign(draft)
    seen = asked.fingerprint(place.session, draft)
    assert consultations.freeze(place.session, place.vault, draft, ACTOR, place.now, seen)


def test_letters_that_were_never_made_ask_nobody_and_leave_room_to_ask_again(place: Place) -> None:
    plan = place.plan()
    draft = place.draft(plan)
    place.freeze(draft)
    place.later(days=30)
    place.tick()
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert not found.counts
    place.printed(draft)  # too late: the doors are closed
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert not found.counts
    assert consultations.start(place.session, plan, ACTOR, place.now) is not draft


# Withdrawing


def test_withdrawn_with_a_reason_that_everybody_reads(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 5))
    used = place.freeze(draft)
    place.vote(used, {"voor": 3, "tegen": 2})
    with pytest.raises(ReasonMissing):
        place.withdraw(draft, " \n")
    place.withdraw(draft, " Brieven van <b>Noord</b> kwamen te laat. ")
    poll = place.poll(draft)
    assert poll.withdrawn_why == "Brieven van <b>Noord</b> kwamen te laat."
    cast = polls.turnout(place.session, poll)
    assert (cast.used, cast.void, cast.open) == (5, LETTERS - 5, 0)
    assert not list(place.vault.folder.glob("*.seed-*"))
    client = place.app.test_client()
    for code in (used[0], used[-1]):
        page = client.post("/s", data={"code": code})
        assert page.status_code == 410
        assert "Brieven van &lt;b&gt;Noord&lt;/b&gt; kwamen te laat." in page.text
    shown = client.get(f"/raadplegingen/{draft.id}").text
    assert "Brieven van &lt;b&gt;Noord&lt;/b&gt; kwamen te laat." in shown
    with pytest.raises(Withdrawn):
        casting.admit(place.session, *casting.find(place.session, codes.read(used[-1])), place.now)
    entry = [row for row in place.dump()["journal"] if "withdraw consultation" in row]
    assert len(entry) == 1
    assert "kwamen te laat" in entry[0]
    assert ACTOR in entry[0]


def test_withdrawn_is_never_counted(place: Place) -> None:
    draft = place.draft(place.plan())
    place.vote(place.freeze(draft), {"voor": 11})
    place.withdraw(draft)
    place.later(days=9)
    assert place.tick() == ["nagerekend en sleutels vernietigd: Speelplek aan de Lindelaan"]
    assert place.tick() == []
    poll = place.poll(draft)
    assert poll.closed_at is None
    evidence = consultations.evidence(place.session, draft)
    assert evidence is not None
    assert evidence.outcome is None
    assert evidence.withdrawn
    assert not evidence.counts
    with pytest.raises(AlreadyWithdrawn):
        polls.close(place.session, place.vault, poll, place.now)
    with pytest.raises(AlreadyWithdrawn):
        place.withdraw(draft)
    with pytest.raises(NotFrozen):
        place.withdraw(place.draft(place.plan()))


# The clock


def test_tick_does_what_is_due_once(place: Place) -> None:
    draft = place.draft(place.plan(title="Bankjes"), days=(1, 2))
    used = place.freeze(draft)
    place.printed(draft)
    assert place.tick() == []
    place.clock["now"] = place.poll(draft).opens
    assert place.tick() == ["geopend: Bankjes"]
    place.vote(used, {"voor": 7, "tegen": 3})
    before = place.dump()
    assert place.tick() == []
    assert place.dump() == before
    place.clock["now"] = place.poll(draft).closes - timedelta(seconds=1)
    assert place.tick() == []
    place.clock["now"] = place.poll(draft).closes
    assert place.tick() == ["gesloten en geteld: Bankjes", "nagerekend en sleutels vernietigd: Bankjes"]
    before = place.dump()
    place.later(days=1)
    assert place.tick() == []
    assert place.dump() == before
    assert polls.outcomes(place.session, place.poll(draft))[0].votes == {"voor": 7, "tegen": 3, "blanco": 0}


def test_tick_catches_up_after_days_without_power(place: Place) -> None:
    drafts = [place.draft(place.plan(title=name), days=(1, 2)) for name in ("Een", "Twee")]
    for draft in drafts:
        place.freeze(draft)
        place.printed(draft)
    place.later(days=30)
    assert place.tick() == [
        "geopend: Een",
        "gesloten en geteld: Een",
        "geopend: Twee",
        "gesloten en geteld: Twee",
        "nagerekend en sleutels vernietigd: Een",
        "nagerekend en sleutels vernietigd: Twee",
    ]
    for draft in drafts:
        assert place.actions(draft.initiative)[-3:] == ["open", "close and count", "recount, destroy keys"]
        assert place.poll(draft).closed_at == place.now


def test_one_count_that_does_not_add_up_holds_up_no_other(place: Place) -> None:
    broken, sound = place.draft(place.plan(title="Stuk")), place.draft(place.plan(title="Heel"))
    place.vote(place.freeze(broken), {"voor": 3})
    place.vote(place.freeze(sound), {"voor": 3})
    id = place.poll(broken).id
    with place.engine.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM inbox WHERE poll_id = :id AND id IN (SELECT id FROM inbox WHERE poll_id = :id LIMIT 1)"
            ),
            {"id": id},
        )
    place.later(days=5)
    with pytest.raises(NotReconciled, match="12 brieven, waarvan 3 gebruikt"):
        place.tick()
    place.look()
    assert place.poll(broken).closed_at is None
    assert place.poll(sound).closed_at is not None


def test_what_nobody_foresaw_stops_only_its_own_poll(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Before it is counted: what is kept beside the database is spoiled. After: its bundle cannot be written."""
    titles = ("Stuk", "Heel", "Vol", "Goed")
    made = {title: place.draft(place.plan(title=title)) for title in titles}
    for draft in made.values():
        place.vote(place.freeze(draft), {"voor": 3})
    polls = {title: place.poll(draft).id for title, draft in made.items()}
    mark = place.vault.folder.parent / "board" / f"{polls['Stuk'].hex()}.json"
    mark.parent.mkdir(exist_ok=True)
    mark.write_text('{"note": ')
    full = place.vault.folder.parent / "bundles" / f"{polls['Vol'].hex()}.zip"
    (full / "folder").mkdir(parents=True)
    place.later(days=5)
    found = consultations.ticked(place.session, place.vault, place.now)
    assert [(of, type(refusal)) for of, refusal in found.waits] == [("Stuk", TickFailed), ("Vol", TickFailed)]
    assert [line for line in found.done if not line.startswith("geopend")] == [
        *(f"gesloten en geteld: {title}" for title in titles[1:]),
        *(f"nagerekend en sleutels vernietigd: {title}" for title in ("Heel", "Goed")),
    ]
    assert [record.getMessage() for record in caplog.records] == ["tick, Stuk", "tick, Vol"]
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        json.JSONDecodeError,
        IsADirectoryError,
    ]
    mark.unlink()
    (full / "folder").rmdir()
    full.rmdir()
    assert place.tick() == [
        "gesloten en geteld: Stuk",
        "nagerekend en sleutels vernietigd: Stuk",
        "nagerekend en sleutels vernietigd: Vol",
    ]
    full.write_bytes(full.read_bytes()[:100])  # half a bundle on disk is none
    assert place.tick() == ["bundel vernieuwd: Vol"]


def test_two_ticks_at_once_close_once(place: Place) -> None:
    draft = place.draft(place.plan())
    place.vote(place.freeze(draft), {"voor": 7, "tegen": 3})
    place.printed(draft)
    place.later(days=5)
    place.look()
    start = threading.Barrier(4)
    done: list[list[str]] = []

    def tick() -> None:
        with Session(place.engine) as session:
            session.execute(text("SELECT 1 FROM poll"))  # an old snapshot in hand
            start.wait()
            done.append(consultations.tick(session, place.vault, place.now))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(done) == 4
    assert sum(line.startswith("gesloten") for lines in done for line in lines) == 1
    assert place.actions(draft.initiative).count("close and count") == 1
    assert place.actions(draft.initiative).count("open") == 1


# Evidence


def test_evidence_of_each_state(place: Place) -> None:
    draft = place.draft(place.plan(24_500_00))
    assert consultations.evidence(place.session, draft) is None
    used = place.freeze(draft)
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert (found.asked_all, found.outcome, found.counts) == (False, None, False)
    place.printed(draft)
    place.vote(used, {"voor": 7, "tegen": 3})
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert (found.asked_all, found.reconciled, found.outcome, found.counts) == (True, True, None, False)
    place.later(days=5)
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert found.outcome is None  # due, not counted
    place.tick()
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert found.counts
    assert found.consulted == 24_500_00
    assert found.outcome is not None
    assert found.outcome.passed is True


def test_never_printed_never_counts(place: Place) -> None:
    draft = place.draft(place.plan())
    place.vote(place.freeze(draft), {"voor": 7, "tegen": 3})
    place.later(days=5)
    place.tick()
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert found.outcome is not None
    assert not found.counts


def test_after_a_count_no_second_consultation_is_asked(place: Place) -> None:
    plan = place.plan()
    place.held(plan, {"voor": 3, "tegen": 7})
    with pytest.raises(ConsultationExists):
        consultations.start(place.session, plan, ACTOR, place.now)
    place.decide(plan, Verdict.DEFER)
    with pytest.raises(ConsultationExists):
        consultations.start(place.session, plan, ACTOR, place.now)
    assert initiatives.live_consultation(plan) is plan.consultations[0]
