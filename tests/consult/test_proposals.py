"""Two people: one proposes, another confirms, and only then anything changes."""

from typing import Any

import pytest
from pyotp import TOTP
from sqlalchemy.exc import IntegrityError

from ballots import letters, polls, records
from ballots.models import Record
from ballots.record import Kind, decode
from ballots.refusals import (
    AlreadyClosed,
    AlreadyWithdrawn,
    LengthenNever,
    LengthenTooLong,
    LettersUsed,
    LetterVoid,
    NoLetters,
    ReasonMissing,
    Withdrawn,
)
from ballots.terms import terms
from consult import accounts, changes, consultations, initiatives, proposals, rolls
from consult.addresses import lines
from consult.lifecycle import Stage
from consult.models import Consultation, ExtraLetter, Proposal, Role
from consult.refusals import (
    AddressKnown,
    ConfirmerNew,
    LettersWrong,
    NotFrozen,
    ProposalDone,
    ProposalStale,
    ProposalWaits,
    SamePerson,
)
from consult.secrets import SecretBox
from tests.consult.conftest import ACTOR, BUDGET, KEY, LETTERS, Place
from tests.consult.put_back import put_back

pytestmark = pytest.mark.both

NEW = {
    **{
        "nummeraanduiding": "0599200000000777",
        "street": "Nieuwstraat",
        "number": 7,
        "letter": "",
        "addition": "",
    },
    **{"postcode": "4321XZ", "place": "Verstopdorp", "letters": 2, "special": ""},
}


def held(place: Place, **fields: Any) -> tuple[Consultation, list[str]]:
    draft = place.draft(place.plan(), days=(0, 9), **{"lengthen": 7, **fields})
    return draft, place.freeze(draft)


def facts(place: Place, draft: Consultation, kind: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "add": {"known": [[draft.roll[0].id, 1]], "new": [NEW]},
        "lengthen": {"last_day": "2026-06-13"},
        "replace": {"serials": [2, 3]},
    }
    return {"note": put_back(place, draft)} if kind == "restored" else given.get(kind, {})


@pytest.mark.parametrize("kind", proposals.KINDS)
def test_nothing_changes_before_a_second_person_says_so(place: Place, kind: Kind) -> None:
    draft, _ = held(place)
    poll = place.poll(draft)
    made = place.propose(draft, kind, **facts(place, draft, kind))
    assert records.standing(place.session, poll).number == 0
    assert proposals.waiting(place.session, draft, place.now) == [made]
    assert proposals.waiting_in(place.session, place.town().id, place.now) == [made]
    assert proposals.waiting_in(place.session, place.town("Elders").id, place.now) == []
    before = place.dump()
    with pytest.raises(SamePerson):
        place.confirm(made, by="gemeente")
    assert place.dump() == before
    place.confirm(made)
    assert records.standing(place.session, poll).number == 1
    row = place.session.query(Proposal).one()
    assert (row.proposed_by_id, row.confirmed_by_id) == (
        place.staff("gemeente").id,
        place.staff("collega").id,
    )
    record = decode(place.session.query(Record).one().body)
    assert (record.kind, record.people, record.reason) == (kind, 2, "Het moet.")
    assert proposals.waiting(place.session, draft, place.now) == []
    with pytest.raises(ProposalDone):
        place.confirm(made)
    with pytest.raises(ProposalDone):
        proposals.take_back(place.session, made, place.staff("collega"), place.now)


def reset(place: Place, function: str) -> None:
    """The beheerder sets somebody's account anew, and uses the invitation."""
    person, admin = place.staff(function), place.staff("beheerder")
    accounts.reset(place.session, person, admin, place.now)
    token, begun = accounts.invitation(KEY, person, place.now), accounts.begin_totp(person)
    code = TOTP(begun.secret).at(place.now)
    box, kept = SecretBox(KEY), accounts.hashed(person, "drie gele fietsen")
    accounts.accept(place.session, box, KEY, token, kept, begun.secret, code, place.now)


def able(place: Place, proposal: Proposal) -> list[str]:
    return [each.name for each in proposals.confirmers(place.session, proposal)]


def test_whoever_gives_access_is_not_both_people(place: Place) -> None:
    """Not by an account set anew after the proposal or just before, nor by a new one; and nobody stays stuck."""
    draft, _ = held(place)
    place.later(days=1)
    reset(place, "collega")
    place.later(days=3, seconds=-1)
    made = place.propose(draft, "replace", serials=[2, 3])
    before = place.dump()
    with pytest.raises(ConfirmerNew, match="minder dan 3 dagen voor dit voorstel"):
        place.confirm(made)
    assert place.dump() == before
    assert able(place, made) == []
    seen = proposals.obstacle(place.session, place.vault, made, place.staff("collega"), place.now)
    assert isinstance(seen, ConfirmerNew)
    assert proposals.obstacle(place.session, place.vault, made, place.staff("gemeente"), place.now) is None
    place.later(seconds=1)
    again = place.propose(draft, "replace", serials=[4, 5])
    assert able(place, again) == ["Noor"]
    place.confirm(again)
    with pytest.raises(ConfirmerNew):  # waiting does not help what was proposed before
        place.confirm(made)
    late = place.propose(draft, "replace", serials=[6, 7])
    place.later(seconds=60)
    reset(place, "collega")
    with pytest.raises(ConfirmerNew):
        place.confirm(late)
    new = accounts.add(
        place.session, place.town(), None, "Nep", "nep@voorbeeld.nl", Role.GEMEENTE, "test", place.now
    )
    with pytest.raises(ConfirmerNew):
        proposals.confirm(place.session, place.vault, late, new, place.now)
    assert records.standing(place.session, place.poll(draft)).number == 1


@pytest.mark.parametrize("by", ["gemeente", "collega"])
def test_a_proposal_is_taken_back(place: Place, by: str) -> None:
    draft, _ = held(place)
    made = place.propose(draft, "withdraw")
    proposals.take_back(place.session, made, place.staff(by), place.now)
    assert proposals.waiting(place.session, draft, place.now) == []
    with pytest.raises(ProposalDone):
        place.confirm(made)
    assert place.poll(draft).withdrawn_at is None


def test_one_at_a_time_but_for_letters(place: Place) -> None:
    draft, _ = held(place)
    for kind in ("withdraw", "restart", "lengthen", "restored"):
        place.propose(draft, kind, **facts(place, draft, kind))
        with pytest.raises(ProposalWaits):
            place.propose(draft, kind, by="collega", **facts(place, draft, kind))
    place.propose(draft, "replace", serials=[2, 3])
    place.propose(draft, "replace", serials=[4, 5])
    assert len(proposals.waiting(place.session, draft, place.now)) == 6


def test_what_cannot_be_is_not_proposed(place: Place) -> None:
    draft, used = held(place)
    place.vote(used, {"voor": 1})
    for reason in ("", " \n"):
        with pytest.raises(ReasonMissing):
            place.propose(draft, "withdraw", reason=reason)
    with pytest.raises(LettersUsed):
        place.propose(draft, "replace", serials=[1, 2])
    with pytest.raises(LengthenTooLong):
        place.propose(draft, "lengthen", last_day="2026-09-01")
    with pytest.raises(NoLetters):
        place.propose(draft, "add", known=[], new=[])
    with pytest.raises(LettersWrong):
        place.propose(draft, "add", known=[[draft.roll[0].id, 0]], new=[])
    known = {**NEW, "nummeraanduiding": draft.roll[0].nummeraanduiding}
    with pytest.raises(AddressKnown, match="Geheimestraat 1"):
        place.propose(draft, "add", known=[], new=[known])
    with pytest.raises(NotFrozen):
        place.propose(place.draft(place.plan()), "withdraw")
    with pytest.raises(ValueError, match="one person"):
        place.propose(draft, "void", serials=[2])
    never, _ = held(place, lengthen=0)
    with pytest.raises(LengthenNever):
        place.propose(never, "lengthen", **facts(place, never, "lengthen"))
    assert place.session.query(Proposal).count() == 0


@pytest.mark.parametrize("kind", [kind for kind in proposals.KINDS if kind is not Kind.RESTORED])
@pytest.mark.parametrize("happened", ["over", "counted", "withdrawn"])
def test_a_proposal_goes_stale_when_the_poll_moved_on(place: Place, kind: Kind, happened: str) -> None:
    draft, _ = held(place)
    made = place.propose(draft, kind, **facts(place, draft, kind))
    if happened == "withdrawn":
        place.withdraw(draft)
    else:
        place.later(days=20)
    if happened == "counted":
        place.tick()
    assert proposals.waiting(place.session, draft, place.now) == []
    assert isinstance(
        proposals.obstacle(place.session, place.vault, made, place.staff("collega"), place.now), ProposalStale
    )
    before = place.dump()
    with pytest.raises(ProposalStale):
        place.confirm(made)
    assert place.dump() == before
    with pytest.raises((AlreadyClosed, AlreadyWithdrawn)):
        place.propose(draft, kind, **facts(place, draft, kind))


def test_what_was_used_meanwhile_is_not_replaced(place: Place) -> None:
    draft, used = held(place)
    made = place.propose(draft, "replace", serials=[1, 2, 3])
    place.vote(used[1:], {"voor": 1})
    assert isinstance(
        proposals.obstacle(place.session, place.vault, made, place.staff("collega"), place.now), LettersUsed
    )
    before = place.dump()
    with pytest.raises(LettersUsed, match=": 2"):
        place.confirm(made)
    assert place.dump() == before
    assert proposals.waiting(place.session, draft, place.now) == [made]


def test_the_database_holds_to_two_people(place: Place) -> None:
    draft, _ = held(place)
    made = place.propose(draft, "withdraw")
    me = place.staff("gemeente").id
    id, other = made.id, place.staff("collega").id
    for statement in (
        f"UPDATE proposal SET confirmed_by_id = {me}, confirmed_at = proposed_at WHERE id = {id}",
        f"UPDATE proposal SET proposed_by_id = {other} WHERE id = {id}",
        f"UPDATE proposal SET reason = 'iets anders' WHERE id = {id}",
        f"DELETE FROM proposal WHERE id = {id}",
    ):
        with pytest.raises(IntegrityError):
            place.execute(statement)
    place.confirm(place.session.get_one(Proposal, id))
    with pytest.raises(IntegrityError):
        place.execute(f"UPDATE proposal SET confirmed_at = NULL WHERE id = {id}")


# What each does


def test_replaced_letters_go_to_the_same_addresses(place: Place) -> None:
    draft, used = held(place)
    place.printed(draft)
    place.confirm(place.propose(draft, "replace", serials=[2, 9]))
    session, poll = place.session, place.poll(draft)
    went = dict(rolls.envelopes(session, draft))
    assert (went[13], went[14]) == (went[2], went[9])
    entries = rolls.entries_of(session, draft, [2, 13, 14, 99])
    assert entries[13] is entries[2]
    assert 99 not in entries
    assert rolls.letters_of(session, entries[2]) == [2, 13]
    fresh = dict(letters.printable(session, place.vault, poll))
    assert list(fresh) == [13, 14]
    place.cast(fresh[13], [["voor"]])
    with pytest.raises(LetterVoid):
        place.cast(used[1], [["voor"]])
    changes.replace(session, place.vault, draft, [14], "Weer kwijt.", ACTOR, place.now)
    assert rolls.letters_of(session, entries[14]) == [9, 10, 11, 12, 14, 15]


def test_added_letters_go_to_known_and_new_addresses(place: Place) -> None:
    draft, _ = held(place)
    place.printed(draft)
    home = draft.roll[0]
    place.confirm(place.propose(draft, "add", known=[[home.id, 2]], new=[NEW]))
    place.look()
    session, poll = place.session, place.poll(draft)
    went = dict(rolls.envelopes(session, draft))
    assert sorted(went) == list(range(1, LETTERS + 5))
    assert went[13] == went[14] == lines(home)
    assert went[15] == went[16] == ("Nieuwstraat 7", "4321 XZ  VERSTOPDORP")
    for _, code in letters.printable(session, place.vault, poll):
        place.cast(code, [["voor"]])
    cast = polls.turnout(session, poll)
    assert (cast.issued, cast.sent, cast.used) == (16, 16, 4)


def test_a_left_out_address_gets_a_letter_after_all(place: Place) -> None:
    draft = place.draft(place.plan(), days=(0, 9))
    entry = draft.roll[2]
    rolls.decide_special(place.session, entry, 0, "Staat leeg.", ACTOR, place.now)
    place.freeze(draft)
    assert rolls.letters_of(place.session, entry) == []
    place.confirm(place.propose(draft, "add", known=[[entry.id, 1]], new=[]))
    assert rolls.letters_of(place.session, entry) == [12]
    assert dict(rolls.envelopes(place.session, draft))[12] == lines(entry)


def test_lengthened(place: Place) -> None:
    draft, used = held(place)
    poll = place.poll(draft)
    before = poll.ends
    place.confirm(place.propose(draft, "lengthen", **facts(place, draft, "lengthen")))
    assert poll.lengthened_text == "tot en met zaterdag 13 juni 2026"
    assert (poll.ends - before).days == 3
    assert draft.ends_on is not None
    assert draft.ends_on.isoformat() == "2026-06-13"
    place.later(days=11)
    assert place.tick() == ["geopend: Speelplek aan de Lindelaan"]  # and not closed
    place.cast(used[0], [["voor"]])
    place.later(days=3)
    assert place.tick()[0].startswith("gesloten")


def test_lengthening_past_the_end_of_summer_time(place: Place) -> None:
    """The last day ends an hour later by the sun; the frozen number of days still fits."""
    place.clock["now"] = place.now.replace(month=10, day=19)
    draft = place.draft(place.plan(), days=(0, 3), lengthen=7)
    place.freeze(draft)
    place.confirm(place.propose(draft, "lengthen", last_day="2026-10-29"))
    assert place.poll(draft).lengthened_text == "tot en met donderdag 29 oktober 2026"


def test_restarted(place: Place) -> None:
    draft, used = held(place)
    place.vote(used, {"voor": 2})
    entry = draft.roll[0]
    place.confirm(place.propose(draft, "replace", serials=[5, 6]))
    place.confirm(place.propose(draft, "add", known=[[entry.id, 1]], new=[NEW]))
    place.confirm(place.propose(draft, "restart", reason="De vraag klopte niet."))
    place.look()
    poll, new = place.poll(draft), draft.followed_by
    assert poll.withdrawn_why == "De vraag klopte niet."
    assert records.standing(place.session, poll).ended is Kind.RESTART
    assert new is not None
    assert new.follows is draft
    assert (new.poll, new.first_day, new.last_day) == (None, None, None)
    for name in (
        "question",
        "summary",
        "in_favour",
        "against",
        "if_no",
        "upkeep",
        "majority",
        "quorum",
        "lengthen",
    ):
        assert getattr(new, name) == getattr(draft, name), name
    written = [(each.street, each.number, each.letters) for each in new.roll]
    assert (entry.street, entry.number, entry.letters + 1) in written
    assert ("Nieuwstraat", 7, 2) in written
    assert sum(number for *_, number in written) == LETTERS + 3
    assert new.initiative is not None
    assert initiatives.live_consultation(new.initiative) is new
    assert initiatives.where(new.initiative, place.now) is Stage.DRAFTING
    with pytest.raises(Withdrawn):
        place.cast(used[5], [["voor"]])
    consultations.edit(
        place.session, new, {"first_day": place.today, "last_day": place.today}, ACTOR, place.now
    )
    fresh = place.freeze(new)
    assert len(fresh) == LETTERS + 3
    place.cast(fresh[0], [["voor"]])


def test_a_buurtstemming_starts_over_with_its_questions(place: Place) -> None:
    ballot = place.ballot(BUDGET)
    place.freeze(ballot)
    place.confirm(place.propose(ballot, "restart"))
    place.look()
    new = ballot.followed_by
    assert new is not None
    assert (new.title, new.questions) == (ballot.title, ballot.questions)
    day = {"first_day": place.today, "last_day": place.today}
    consultations.edit(place.session, new, day, ACTOR, place.now)
    place.freeze(new)
    assert terms(place.poll(new)).questions == terms(place.poll(ballot)).questions


def test_a_quorum_stays_that_of_the_letters_sent(place: Place) -> None:
    """Six of twelve is half, also when two of the six came on a letter that took the place of another."""
    plan = place.plan()
    draft = place.draft(
        plan, quorum="turnout", quorum_percent=50, blank_in_turnout=True, missed_quorum="bars"
    )
    used = place.freeze(draft)
    place.printed(draft)
    place.vote(used, {"voor": 4})
    place.confirm(place.propose(draft, "replace", serials=[11, 12]))
    for _, code in letters.printable(place.session, place.vault, place.poll(draft)):
        place.cast(code, [["voor"]])
    place.printed(draft)
    place.later(days=3)
    place.tick()
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert found.outcome is not None
    assert found.outcome.quorum_met
    assert found.counts


@pytest.mark.parametrize(("serials", "counts"), [([11], True), ([11, 12], False)])
def test_letters_that_were_never_printed(place: Place, serials: list[int], counts: bool) -> None:
    """One lost letter bars no plan; letters that were replaced together and never sent do."""
    draft, _ = held(place)
    place.printed(draft)
    people = len(serials)
    changes.replace(place.session, place.vault, draft, serials, "Nat.", ACTOR, place.now, people)
    place.later(days=20)
    place.tick()
    found = consultations.evidence(place.session, draft)
    assert found is not None
    assert found.counts is counts


def test_a_contested_letter_after_the_count_is_in_the_kept_bundle(place: Place) -> None:
    draft, used = held(place)
    place.printed(draft)
    place.vote(used, {"voor": 7, "tegen": 4})
    place.later(days=20)
    place.tick()
    bundle = place.folder / "bundles" / f"{place.poll(draft).id.hex()}.zip"
    before = bundle.read_bytes()
    changes.contest(place.session, place.vault, draft, [2], "Wij stemden niet.", ACTOR, place.now)
    assert bundle.read_bytes() != before


def test_a_serial_is_of_one_address_only(place: Place) -> None:
    draft, _ = held(place)
    place.confirm(place.propose(draft, "replace", serials=[2, 3]))
    with pytest.raises(IntegrityError):
        place.execute("UPDATE extra_letter SET roll_entry_id = 1")
    assert place.session.query(ExtraLetter).count() == 2
