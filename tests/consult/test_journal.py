"""The journal: each verb writes its step in its own transaction, and nothing takes it back."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from ballots import casting, codes, paper_entry, shares
from consult import (
    accounts,
    changes,
    consultations,
    days,
    initiatives,
    journal,
    keyholding,
    pages,
    paper_work,
    photos,
    plan_drafts,
    points,
    print_work,
    prints,
    proposals,
    rolls,
    stories,
    towns,
)
from consult.lifecycle import Verdict
from consult.models import Consultation, Initiative, PlanLink, Voucher
from consult.reasons import Aside
from tests.consult.conftest import ACTOR, BY_THREE, PASSWORD, ROLL, Place
from tests.consult.put_back import put_back

pytestmark = pytest.mark.both

Prepared = tuple[Callable[[], object], str]


def roll_uploaded(place: Place) -> Any:
    draft = consultations.start(place.session, place.plan(), ACTOR, place.now)
    rolls.upload(place.session, draft, "a.csv", ROLL.encode(), ACTOR, place.now)
    return draft


def frozen(place: Place) -> Any:
    draft = place.draft(place.plan())
    place.freeze(draft)
    return draft


def awarded(place: Place) -> Initiative:
    plan = place.plan(5_000_00)
    place.award(plan, 5_000_00)
    return plan


def voucher(place: Place) -> Voucher:
    plan = awarded(place)
    place.grant(plan, 5_000_00)
    return place.issue(plan)


def _town(place: Place) -> Callable[[], object]:
    given = ("Nieuwstad", "https://n.nl", "Plein", "14", "a@n.nl", "#000000", 1)
    return lambda: towns.add(place.session, *given, ACTOR, place.now)


def _theme(place: Place) -> Callable[[], object]:
    css = b":root { --nl-button-border-radius: 0 }"
    return lambda: towns.set_theme(place.session, place.town().name, css, ACTOR, place.now)


def _wijk(place: Place) -> Callable[[], object]:
    return lambda: towns.add_wijk(place.session, "Elders", "Verder", ACTOR, place.now)


def _languages(place: Place) -> Callable[[], object]:
    return lambda: towns.set_languages(place.session, place.wijk(), ["en", "ar"], ACTOR, place.now)


def _hand_in(place: Place) -> Callable[[], object]:
    return place.plan


def _hide(place: Place) -> Callable[[], object]:
    plan = place.plan()
    return lambda: initiatives.hide(place.session, plan, "Het beledigt iemand.", ACTOR, place.now)


def _show(place: Place) -> Callable[[], object]:
    plan = place.plan()
    initiatives.hide(place.session, plan, "Het beledigt iemand.", ACTOR, place.now)
    return lambda: initiatives.show(place.session, plan, ACTOR, place.now)


def _linked(place: Place, **fields: str) -> tuple[PlanLink, Initiative]:
    plan = place.plan(5_000_00)
    token = plan_drafts.begin(place.session, place.town(), fields, place.now, plan)
    link = plan_drafts.find(place.session, place.town(), token)
    assert link
    return link, plan


def _change(place: Place) -> Callable[[], object]:
    link, plan = _linked(place)
    plan_drafts.begin_change(place.session, link, plan, place.now)
    texts = {**plan_drafts.fields_of(plan), "title": "Iets anders"}
    return lambda: plan_drafts.change(place.session, link, plan, plan.wijk, plan.asked, texts, place.now)


def _take_plan_back(place: Place) -> Callable[[], object]:
    _, plan = _linked(place)
    return lambda: plan_drafts.withdraw(place.session, plan, place.now)


def _renew(place: Place) -> Callable[[], object]:
    _, plan = _linked(place)
    return lambda: plan_drafts.renew(place.session, plan, ACTOR, place.now)


def _remove_photo(place: Place) -> Callable[[], object]:
    plan = place.plan()
    place.session.add(plan_drafts.photo(photos.Made(b"1", b"2", 3, 4), "Een bankje", initiative=plan))
    place.session.commit()
    return lambda: plan_drafts.remove_public_photo(place.session, plan, ACTOR, place.now)


def _paid(place: Place) -> Initiative:
    plan = awarded(place)
    place.grant(plan, 5_000_00)
    stories.write(place.session, plan, "Het is klaar.", place.now)
    return plan


def _send_story(place: Place) -> Callable[[], object]:
    plan = _paid(place)
    return lambda: stories.send(place.session, plan, place.now)


def _show_story(place: Place) -> Callable[[], object]:
    plan = _paid(place)
    stories.send(place.session, plan, place.now)
    return lambda: stories.show(place.session, plan.stories[0], ACTOR, place.now)


def _return_story(place: Place) -> Callable[[], object]:
    plan = _paid(place)
    stories.send(place.session, plan, place.now)
    return lambda: stories.give_back(
        place.session, plan.stories[0], "Er staat een naam in.", ACTOR, place.now
    )


def _start(place: Place) -> Callable[[], object]:
    plan = place.plan()
    return lambda: consultations.start(place.session, plan, ACTOR, place.now)


def _edit(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    return lambda: consultations.edit(place.session, draft, {"question": "Iets anders?"}, ACTOR, place.now)


def _upload(place: Place) -> Callable[[], object]:
    draft = consultations.start(place.session, place.plan(), ACTOR, place.now)
    return lambda: rolls.upload(place.session, draft, "a.csv", ROLL.encode(), ACTOR, place.now)


def _import(place: Place) -> Callable[[], object]:
    draft = roll_uploaded(place)
    return lambda: rolls.import_roll(place.session, draft, ACTOR, place.now)


def _special(place: Place) -> Callable[[], object]:
    entry = rolls.worklist(place.session, place.draft(place.plan()))[0]
    return lambda: rolls.decide_special(place.session, entry, 0, "Gesloten.", ACTOR, place.now)


def _asking(place: Place) -> Consultation:
    """Return a draft of which points are asked, with one that was sent."""
    draft = place.draft(place.plan(), days=(20, 21))
    points.ask(place.session, draft, place.today, ACTOR, place.now)
    points.send(place.session, draft, "Er is geen plek om te spelen.", "0" * 32, place.now)
    return draft


def _ask(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    return lambda: points.ask(place.session, draft, place.today, ACTOR, place.now)


def _gather(place: Place) -> Callable[[], object]:
    draft = _asking(place)
    return lambda: points.gather(place.session, draft, {1: "Spelen"}, ACTOR, place.now)


def _sort(place: Place) -> Callable[[], object]:
    draft = _asking(place)
    (sent,) = draft.sent_points
    return lambda: points.sort(place.session, draft, {sent.id: Aside.UNCLEAR}, ACTOR, place.now)


def _sign(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    consultations.edit(place.session, draft, {"if_no": "Dan niet."}, ACTOR, place.now)
    return lambda: place.sign(draft)


def _forget_points(place: Place) -> Callable[[], object]:
    _asking(place)
    place.later(days=200)
    return lambda: points.forget(place.session, place.now)


def _freeze(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    return lambda: place.freeze(draft)


def _letters(place: Place) -> Callable[[], object]:
    draft = frozen(place)

    def make() -> None:
        with place.app.app_context():
            prints.letters(place.session, place.vault, draft, ACTOR, place.now)

    return make


def _printed(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    consultations.make_letters(place.session, draft, ACTOR, place.now)
    return lambda: consultations.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)


def _withdraw(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    return lambda: place.withdraw(draft)


def _lost(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    return lambda: changes.replace(place.session, place.vault, draft, [3], "Kwijt.", ACTOR, place.now)


def _returned(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    return lambda: changes.void(place.session, place.vault, draft, [3, 4], "Terug.", ACTOR, place.now)


def _contested(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    place.vote(place.freeze(draft), {"voor": 1})
    return lambda: changes.contest(place.session, place.vault, draft, [1], "Niet gestemd.", ACTOR, place.now)


PROPOSED: dict[str, dict[str, Any]] = {
    "withdraw": {},
    "restart": {},
    "lengthen": {"last_day": "2026-06-05"},
    "replace": {"serials": [3, 4]},
    "restored": {},
}


def _propose(kind: str) -> Callable[[Place], Callable[[], object]]:
    def prepare(place: Place) -> Callable[[], object]:
        draft = place.draft(place.plan(), lengthen=7)
        place.freeze(draft)
        return lambda: place.propose(draft, kind, **facts(place, draft, kind))

    return prepare


def _confirm(kind: str) -> Callable[[Place], Callable[[], object]]:
    def prepare(place: Place) -> Callable[[], object]:
        draft = place.draft(place.plan(), lengthen=7)
        place.freeze(draft)
        made = place.propose(draft, kind, **facts(place, draft, kind))
        return lambda: place.confirm(made)

    return prepare


def facts(place: Place, draft: Consultation, kind: str) -> dict[str, Any]:
    if kind == "restored":
        return {"note": put_back(place, draft)}
    return {"known": [[draft.roll[0].id, 2]], "new": []} if kind == "add" else PROPOSED[kind]


def _take_back(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    made = place.propose(draft, "withdraw")
    return lambda: proposals.take_back(place.session, made, place.staff("collega"), place.now)


def _open(place: Place) -> Callable[[], object]:
    frozen(place)
    return place.tick


def _close(place: Place) -> Callable[[], object]:
    frozen(place)
    place.tick()
    place.later(days=5)
    return place.tick


def _award(place: Place) -> Callable[[], object]:
    plan = place.plan(5_000_00)
    return lambda: place.award(plan, 5_000_00)


def _reject(place: Place) -> Callable[[], object]:
    plan = place.plan(5_000_00)
    return lambda: place.decide(plan, Verdict.REJECT, reasons="Nee.")


def _defer(place: Place) -> Callable[[], object]:
    plan = place.plan(5_000_00)
    return lambda: place.decide(plan, Verdict.DEFER)


def _grant(place: Place) -> Callable[[], object]:
    plan = awarded(place)
    return lambda: place.grant(plan, 5_000_00)


def _issue(place: Place) -> Callable[[], object]:
    plan = awarded(place)
    place.grant(plan, 5_000_00)
    return lambda: place.issue(plan)


def _redeem(place: Place) -> Callable[[], object]:
    made = voucher(place)
    return lambda: place.redeem(made)


def by_three(place: Place) -> Any:
    draft = place.draft(place.plan(), days=(3, 9), **BY_THREE)
    place.freeze(draft)
    return draft


def _assign(place: Place) -> Callable[[], object]:
    draft = by_three(place)
    by_part = dict(zip(keyholding.PARTS, place.keyholders(), strict=True))
    return lambda: keyholding.assign(place.session, draft, by_part, ACTOR, place.now)


def _print_share(place: Place) -> Callable[[], object]:
    draft, people = by_three(place), place.keyholders()
    by_part = dict(zip(keyholding.PARTS, people, strict=True))
    keyholding.assign(place.session, draft, by_part, ACTOR, place.now)
    return lambda: keyholding.print_share(place.session, place.vault, draft, people[1], ACTOR, place.now)


def _try(place: Place) -> Callable[[], object]:
    draft = by_three(place)
    one, other, _ = place.shared(draft, tried=False)
    return lambda: keyholding.try_pair(place.session, place.vault, draft, one, other, ACTOR, place.now)


def _confirm_sheets(place: Place) -> Callable[[], object]:
    draft = by_three(place)
    place.shared(draft)
    return lambda: keyholding.confirm_printed(place.session, place.vault, draft, ACTOR, place.now)


def _print_mix(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    return lambda: keyholding.print_mix(place.session, place.vault, draft, ACTOR, place.now)


def _seal_mix(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    keyholding.print_mix(place.session, place.vault, draft, ACTOR, place.now)
    return lambda: keyholding.seal_mix(place.session, draft, ACTOR, place.now)


def _restore_mix(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    id = place.poll(draft).id
    sheet = shares.mix_text(id, place.vault.read(id, "mix"))
    place.vault.destroy(id, "mix")
    return lambda: keyholding.restore_mix(place.session, place.vault, draft, sheet, ACTOR, place.now)


def _shred(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    keyholding.print_mix(place.session, place.vault, draft, ACTOR, place.now)
    place.later(days=5)
    place.tick()
    return lambda: keyholding.shred(place.session, draft, ACTOR, place.now)


def _to_paper(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    (code, *_) = place.freeze(draft)
    p = codes.proof(place.poll(draft).id, code)
    return lambda: paper_work.redeem(place.session, place.vault, draft, p, ACTOR, place.now)


def _settle(place: Place) -> Callable[[], object]:
    draft = place.draft(place.plan())
    (code, *_) = place.freeze(draft)
    poll = place.poll(draft)
    paper_work.redeem(place.session, place.vault, draft, codes.proof(poll.id, code), ACTOR, place.now)
    place.later(days=5)
    for hand, who in ((1, "gemeente"), (2, "collega")):
        by = str(place.staff(who).id)
        paper_entry.enter(place.session, poll, hand, by, 1, [["voor"]], place.now)
    return lambda: paper_work.settle(place.session, draft, ACTOR, place.now)


def _envelope(place: Place) -> Callable[[], object]:
    draft, chosen = frozen(place), print_work.Setup("c5-right", ("en", "ar"), "tr")
    return lambda: print_work.choose(place.session, draft, chosen, ACTOR, place.now)


def _batch(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    given = (1, 1, [1, 2, 3], 3, b"h" * 32)
    return lambda: print_work.hand_over(place.session, draft, *given, ACTOR, place.now)


def _control(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    to = ("Wim de Boer", "Geheimestraat 1", "4321 XY  VERSTOPDORP")
    return lambda: print_work.add_control(place.session, draft, *to, ACTOR, place.now)


def _control_came(place: Place) -> Callable[[], object]:
    draft = frozen(place)
    print_work.add_control(place.session, draft, "Wim", "Kade 1", "4321 XY  DORP", ACTOR, place.now)
    return lambda: print_work.arrived(place.session, draft, 1, place.today, ACTOR, place.now)


STEPS: dict[str, Callable[[Place], Callable[[], object]]] = {
    "add town": _town,
    "set theme": _theme,
    "add wijk": _wijk,
    "set languages": _languages,
    "hand in plan": _hand_in,
    "hide plan": _hide,
    "show plan": _show,
    "change plan": _change,
    "withdraw plan": _take_plan_back,
    "renew plan link": _renew,
    "remove photo": _remove_photo,
    "send story": _send_story,
    "show story": _show_story,
    "return story": _return_story,
    "start consultation": _start,
    "edit consultation": _edit,
    "upload roll": _upload,
    "import roll": _import,
    "decide address": _special,
    "ask for points": _ask,
    "gather points": _gather,
    "sort points": _sort,
    "sign off arguments": _sign,
    "delete sent points": _forget_points,
    "freeze consultation": _freeze,
    "make letters": _letters,
    "choose envelope": _envelope,
    "make batch": _batch,
    "add control letter": _control,
    "note control letter": _control_came,
    "confirm printing, destroy codes": _printed,
    "assign key sheets": _assign,
    "print key sheet": _print_share,
    "try key sheets": _try,
    "confirm key sheets, destroy copies": _confirm_sheets,
    "print mix sheet": _print_mix,
    "seal mix sheet": _seal_mix,
    "restore mix key": _restore_mix,
    "shred key sheets": _shred,
    "withdraw consultation": _withdraw,
    "restart consultation": _confirm("restart"),
    "replace letters": _lost,
    "void letters": _returned,
    "contest letters": _contested,
    "add letters": _confirm("add"),
    "lengthen voting": _confirm("lengthen"),
    "restore backup": _confirm("restored"),
    **{f"propose: {kind}": _propose(kind) for kind in (*PROPOSED, "add")},
    "take back proposal": _take_back,
    "redeem letter for paper": _to_paper,
    "settle papers": _settle,
    "open": _open,
    "close and count": _close,
    "decide: award": _award,
    "decide: reject": _reject,
    "decide: defer": _defer,
    "grant": _grant,
    "issue voucher": _issue,
    "redeem voucher": _redeem,
}


class PowerCut(BaseException):
    """The commit does not reach the disk, and nobody is there to make the best of it."""


def rows(place: Place) -> list[tuple[str, str]]:
    with place.engine.connect() as connection:
        found = connection.execute(text("SELECT action, actor FROM journal ORDER BY id"))
        return [(action, actor) for action, actor in found]


@pytest.mark.parametrize("action", list(STEPS))
def test_each_verb_writes_its_step_or_does_nothing(place: Place, action: str) -> None:
    verb = STEPS[action](place)
    place.look()
    before, steps = place.dump(), rows(place)

    def fail(*_: object) -> None:
        raise PowerCut

    event.listen(place.session, "before_commit", fail)
    with pytest.raises(PowerCut):
        verb()
    event.remove(place.session, "before_commit", fail)
    assert place.dump() == before

    verb()
    added = rows(place)[len(steps) :]
    assert [step for step, _ in added][:1] == [action]
    assert all(actor for _, actor in added)
    assert place.dump() != before


def test_every_step_has_dutch_words(place: Place) -> None:
    from consult.pages import action_words

    with place.app.app_context(), place.app.test_request_context():
        without = [action for action in [*STEPS, "recount, destroy keys"] if action_words(action) == action]
    assert without == []


def test_nothing_is_taken_back(place: Place) -> None:
    place.plan()
    before = place.dump()
    for statement in (
        "UPDATE journal SET actor = 'iemand anders'",
        "UPDATE journal SET at = at",
        "DELETE FROM journal",
        "INSERT INTO journal SELECT * FROM journal WHERE TRUE ON CONFLICT (id) DO UPDATE SET actor = 'x'",
    ):
        with pytest.raises(IntegrityError):
            place.execute(statement)
    assert place.dump() == before


def test_of_a_plan_in_order(place: Place) -> None:
    plan, other = place.plan(5_000_00), place.plan(5_000_00)
    place.award(plan, 5_000_00)
    place.award(other, 1_000_00)
    place.grant(plan, 5_000_00)
    found = journal.of(place.session, plan)
    assert [each.action for each in found] == ["hand in plan", "decide: award", "grant"]
    assert found[-1].detail["amount"] == 5_000_00
    assert found[0].at == place.now
    assert {each.town_id for each in found} == {place.town().id}


def test_of_letters_exchanged_for_paper_only_how_many_a_day(place: Place) -> None:
    """Neither their moment nor their place between other steps, in the journal and in what is told of it."""
    draft = place.draft(place.plan())
    used = place.freeze(draft)
    place.printed(draft)
    day, next_day = (days.day_of(place.now) + timedelta(days=n) for n in (0, 1))

    def redeem(code: str, actor: str) -> None:
        _, p = casting.find(place.session, code)
        paper_work.redeem(place.session, place.vault, draft, p, actor, place.now)

    redeem(used[0], "Balie: Meta")
    place.later(minutes=7)
    changes.void(place.session, place.vault, draft, [12], "Terug.", ACTOR, place.now)
    redeem(used[1], "Balie: Bram")
    redeem(used[2], "Balie: Meta")
    place.later(days=1)
    redeem(used[3], "Balie: Meta")
    kept = journal.of(place.session, draft)
    assert {each.at for each in kept if each.action == journal.REDEEMED} == {
        days.opens(day),
        days.opens(next_day),
    }
    steps = journal.told(kept)
    first, *others, last = steps
    assert (first.at, first.actor, first.detail) == (day, "Balie: Bram, Balie: Meta", {"letters": 3})
    assert (last.at, last.actor, last.detail) == (next_day, "Balie: Meta", {"letters": 1})
    assert {first.action, last.action} == {"redeem letters for paper"}
    assert [(each.at, each.action) for each in others] == [
        (each.at, each.action) for each in kept if each.action != journal.REDEEMED
    ]
    with place.app.app_context(), place.app.test_request_context():
        assert pages.journal_row(first) == (
            day.strftime("%d-%m-%Y"),
            "3 brieven ingewisseld voor papier (Balie: Bram, Balie: Meta)",
        )


def test_no_secret_is_written_down(place: Place) -> None:
    plan = place.plan(24_500_00)
    draft = place.draft(plan)
    used = place.freeze(draft)
    with place.app.app_context():
        prints.letters(place.session, place.vault, draft, ACTOR, place.now)
    print_work.add_control(place.session, draft, "Wim", "Geheimestraat 1", "4321XY DORP", ACTOR, place.now)
    place.printed(draft)
    place.vote(used, {"voor": 7, "tegen": 3})
    place.later(days=3)
    place.tick()
    place.award(plan, 24_500_00)
    place.grant(plan, 24_500_00)
    place.redeem(place.issue(plan))
    place.browser("gemeente")
    with place.engine.connect() as connection:
        written = json.dumps(
            [list(map(str, row)) for row in connection.execute(text("SELECT * FROM journal"))]
        )
    person = accounts.find(place.session, "samira@voorbeeld.nl")
    assert person
    squeezed = re.sub(r"[\s-]", "", written)
    for secret in (
        *(codes.read(code) for code in used),
        "Geheimestraat",
        "4321XY",
        "05992000",
        PASSWORD,
        str(person.password_hash),
        place.phones["gemeente"].secret,
        plan.email,
        plan.initiator,
    ):
        assert secret not in written
        assert secret not in squeezed
