"""Counter: what the office changes once letters are out: search, replace, void, contest, add, lengthen, stop.

Each goes in two steps: fill in, look at what will be done, then do it. What two people decide becomes a
proposal there, which a colleague confirms.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field

from ballots import board_words, guard, replacing
from ballots.access import open_to
from ballots.database import db
from ballots.models import Poll
from ballots.record import Kind
from ballots.refusals import BackupNone, Refusal, ReplacedAlone
from ballots.replacing import State
from ballots.serials import shown
from ballots.terms import in_force, terms
from ballots.web import now, said, vault
from consult import addresses, changes, lost_letters, print_work, prints, proposals, rolls
from consult.addresses import Address, in_a_line
from consult.changes import frozen
from consult.days import closes, closes_text
from consult.desk import actor, consultation_or_404, tell
from consult.letter_forms import (
    AddForm,
    LengthenForm,
    LettersForm,
    MoreForm,
    ReasonForm,
    ReopenForm,
    StopForm,
)
from consult.models import Consultation, Proposal, Role, RollEntry
from consult.pages import moment, proposal_words
from consult.staff import me, wrong

letter = Blueprint("letter", __name__, url_prefix="/kantoor/raadplegingen/<int:id>/brieven")

MOST_FOUND = 25  # addresses that a search shows
MOST_NAMED = 12  # addresses written out on a page that asks whether somebody is sure

Page = str | AnyResponse | tuple[str, int]
Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Found:
    """A letter on the page: its serial, where it went, and how it stands ("", "web", "paper", "void")."""

    serial: int
    address: str
    channel: str


@letter.get("")
@open_to(Role.GEMEENTE)
def show(id: int) -> str:
    """Search a letter by its number or its address; all that can be changed starts here."""
    consultation, poll = _frozen_or_404(id)
    words = request.args.get("q", "").strip()
    found, empty = _search(consultation, poll, words)
    there = print_work.controls(db.session, consultation)
    return render_template(
        "consult/letters/show.html",
        consultation=consultation,
        poll=poll,
        words=words,
        found=found,
        empty=empty,
        live=_live(poll),
        may_lengthen=_may_lengthen(poll),
        told=board_words.told(db.session, poll),
        controls=prints.control_words(there) if there else "",
        most=MOST_FOUND,
    )


def _search(consultation: Consultation, poll: Poll, words: str) -> tuple[list[Found], list[RollEntry]]:
    """Return the letters that match a number or an address, and the addresses that never got one."""
    if words.isascii() and words.isdecimal() and len(words) <= 9:
        serials = [int(words)]
        if replacing.states(db.session, poll, serials):
            return _found(consultation, poll, serials), []
    entries = rolls.find(db.session, consultation, words, MOST_FOUND)
    by_entry = {entry.id: rolls.letters_of(db.session, entry) for entry in entries}
    found = _found(consultation, poll, [serial for each in by_entry.values() for serial in each])
    return found, [entry for entry in entries if not by_entry[entry.id]]


def _found(consultation: Consultation, poll: Poll, serials: Collection[int]) -> list[Found]:
    states: dict[int, State] = replacing.states(db.session, poll, serials)
    entries = rolls.entries_of(db.session, consultation, serials)
    return [
        Found(serial, in_a_line(entries[serial]) if serial in entries else "", state.channel or "")
        for serial, state in sorted(states.items())
    ]


@letter.route("/vervangen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def replace(id: int) -> Page:
    consultation, poll = _frozen_or_404(id)
    form = LettersForm(data={"serials": request.args.get("nummers", "")})

    def two() -> bool:
        return len(form.read) > 1 or not replacing.alone(db.session, poll, now())

    def done() -> AnyResponse:
        if two():
            return _propose(consultation, Kind.REPLACE, {"serials": list(form.read)}, form)
        fresh = changes.replace(
            db.session, vault(), consultation, form.read, form.reason.data, actor(), now()
        )
        flash(
            gettext(
                "Brief %(old)s is ongeldig. Brief %(new)s komt ervoor in de plaats. Maak die nu en doe hem op de post.",
                old=form.read[0],
                new=fresh[form.read[0]],
            ),
            "success",
        )
        return redirect(url_for("wizard.show", id=id), 303)

    return _steps(
        consultation,
        form,
        title=gettext("Vervang brieven"),
        lead=gettext(
            "De oude brief wordt ongeldig. De nieuwe gaat met de post naar hetzelfde adres. "
            "Met een brief waarmee al is gestemd, kan dit niet."
        ),
        button=lambda: gettext("Stel voor om te vervangen") if two() else gettext("Vervang"),
        rows=lambda: _letter_rows(consultation, form.read),
        two=two,
        why_two=lambda: (
            said(ReplacedAlone(most=replacing.MOST_ALONE, days=replacing.ALONE_IN.days))
            if len(form.read) == 1
            else ""
        ),
        check=lambda: replacing.open_letters(db.session, poll, form.read),
        done=done,
        culprit=form.serials,
    )


@letter.route("/ongeldig", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def void(id: int) -> Page:
    consultation, poll = _frozen_or_404(id)
    form = LettersForm(data={"serials": request.args.get("nummers", "")})

    def done() -> AnyResponse:
        changes.void(db.session, vault(), consultation, form.read, form.reason.data, actor(), now())
        number = len(form.read)
        flash(ngettext("%(num)s brief is ongeldig.", "%(num)s brieven zijn ongeldig.", number), "success")
        return redirect(url_for("letter.show", id=id), 303)

    return _steps(
        consultation,
        form,
        title=gettext("Maak brieven ongeldig"),
        lead=gettext(
            "Voor post die ongeopend terugkwam, en voor brieven die bij het drukken zijn mislukt. "
            "Niemand kan er daarna nog mee stemmen. Dit kan niet worden teruggedraaid."
        ),
        button=lambda: gettext("Maak ongeldig"),
        rows=lambda: _letter_rows(consultation, form.read),
        check=lambda: replacing.open_letters(db.session, poll, form.read),
        done=done,
        culprit=form.serials,
    )


@letter.route("/betwist", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def contest(id: int) -> Page:
    consultation, poll = _frozen_or_404(id)
    form = LettersForm(data={"serials": request.args.get("nummers", "")})

    def done() -> AnyResponse:
        changes.contest(db.session, vault(), consultation, form.read, form.reason.data, actor(), now())
        flash(gettext("Dit staat nu op het stembord. De stem blijft meetellen."), "success")
        return redirect(url_for("letter.show", id=id), 303)

    return _steps(
        consultation,
        form,
        title=gettext("Noteer een betwiste brief"),
        lead=gettext(
            "Met een brief is gestemd, maar het adres zegt dat het dat niet deed. De stem kan niet uit de stembus: "
            "niemand weet welke het is. Bij de uitslag staat straks of dit gevolgen kan hebben."
        ),
        button=lambda: gettext("Noteer als betwist"),
        rows=lambda: _letter_rows(consultation, form.read),
        check=lambda: replacing.used_letters(db.session, poll, form.read),
        done=done,
        culprit=form.serials,
        late=True,
    )


@letter.route("/verlengen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def lengthen(id: int) -> Page:
    consultation, poll = _frozen_or_404(id)
    form = LengthenForm()

    def day() -> date:
        assert form.last_day.data
        chosen: date = form.last_day.data
        return chosen

    return _steps(
        consultation,
        form,
        title=gettext("Verleng de stemming"),
        lead=gettext(
            "Stemmen kan nu %(closes)s. U kunt de stemming één keer verlengen, met hoogstens %(days)d dagen. Dat is "
            "vooraf vastgezet.",
            closes=in_force(poll).closes_text,
            days=terms(poll).lengthen,
        ),
        button=lambda: gettext("Stel voor om te verlengen"),
        rows=lambda: [(gettext("Stemmen kan dan"), closes_text(day()))],
        two=lambda: True,
        check=lambda: replacing.may_lengthen(db.session, poll, closes(day())),
        done=lambda: _propose(consultation, Kind.LENGTHEN, {"last_day": day().isoformat()}, form),
        culprit=form.last_day,
    )


@letter.route("/toevoegen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def add(id: int) -> Page:
    """Letters for addresses that were forgotten."""
    consultation, _ = _frozen_or_404(id)
    form = AddForm()
    new: list[Address] = []

    def facts() -> dict[str, Any]:
        return {"known": [], "new": [asdict(each) for each in new]}

    def check() -> None:
        read = addresses.parse((form.typed.data or "").encode(), gettext("uw lijst"))
        if not read.sound:
            why = [*read.faults, *read.left_out][:3]
            form.typed.errors = [
                gettext("Rij %(row)s: %(why)s", row=each.row, why=gettext(each.text) % each.values)
                for each in why
            ]
            return
        new.extend(read.entries)
        proposals.check(db.session, vault(), consultation, Kind.ADD, facts(), now())

    return _steps(
        consultation,
        form,
        title=gettext("Voeg vergeten adressen toe"),
        lead=gettext("Elk adres krijgt een brief met de post, en kan meteen daarna stemmen."),
        button=lambda: gettext("Stel voor om toe te voegen"),
        rows=lambda: _new_rows(new),
        two=lambda: True,
        check=check,
        done=lambda: _propose(consultation, Kind.ADD, facts(), form),
        culprit=form.typed,
    )


@letter.route("/erbij/<int:entry_id>", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def more(id: int, entry_id: int) -> Page:
    """More letters for an address that is on the roll already."""
    consultation, _ = _frozen_or_404(id)
    entry = db.session.get(RollEntry, entry_id)
    if entry is None or entry.consultation_id != id:
        abort(404)
    form = MoreForm()

    def facts() -> dict[str, Any]:
        return {"known": [[entry_id, form.letters.data]], "new": []}

    return _steps(
        consultation,
        form,
        title=gettext("Geef een adres brieven erbij"),
        lead=in_a_line(entry),
        button=lambda: gettext("Stel voor om toe te voegen"),
        rows=lambda: [
            (gettext("Adres"), in_a_line(entry)),
            (gettext("Brieven erbij"), str(form.letters.data)),
        ],
        two=lambda: True,
        check=lambda: proposals.check(db.session, vault(), consultation, Kind.ADD, facts(), now()),
        done=lambda: _propose(consultation, Kind.ADD, facts(), form),
        culprit=form.letters,
    )


@letter.route("/stoppen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def stop(id: int) -> Page:
    consultation, _poll = _frozen_or_404(id)
    form = StopForm()

    def after() -> str:
        labels = {value: label for value, label, *_ in form.how.iter_choices()}
        return str(labels.get(form.how.data, ""))

    return _steps(
        consultation,
        form,
        title=gettext("Stop de stemming"),
        lead=gettext(
            "Alle brieven worden ongeldig. Wat al gestemd is, wordt nooit geteld. Dit kan niet worden teruggedraaid."
        ),
        button=lambda: gettext("Stel voor om te stoppen"),
        rows=lambda: [(gettext("Daarna"), after())],
        two=lambda: True,
        check=lambda: proposals.check(db.session, vault(), consultation, Kind(form.how.data), {}, now()),
        done=lambda: _propose(consultation, Kind(form.how.data), {}, form),
        culprit=form.how,
        danger=True,
    )


@letter.route("/heropenen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def reopen(id: int) -> Page:
    """Open the booth that is shut since an older database was put back."""
    consultation, poll = _frozen_or_404(id)
    form = ReopenForm()
    if guard.lost(db.session, vault(), poll) is None:
        tell(BackupNone())
        return redirect(url_for("wizard.show", id=id), 303)

    def facts() -> dict[str, Any]:
        return {"note": form.note.data}

    return _steps(
        consultation,
        form,
        title=gettext("Open de stembus weer"),
        lead=gettext(
            "De dienst vergelijkt deze database met het laatste controlepunt dat van het openbare stembord is "
            "bewaard. Staat alles van toen er nog in, dan kan de stembus weer open."
        ),
        button=lambda: gettext("Stel voor om te openen"),
        rows=lambda: _missing_rows(poll),
        two=lambda: True,
        check=lambda: proposals.check(db.session, vault(), consultation, Kind.RESTORED, facts(), now()),
        done=lambda: _propose(consultation, Kind.RESTORED, facts(), form),
        culprit=form.note,
        late=True,
    )


@letter.route("/voorstel/<int:proposal_id>", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def proposal(id: int, proposal_id: int) -> Page:
    """What a colleague proposed: confirm it or let it go."""
    consultation, poll = _frozen_or_404(id)
    found = db.session.get(Proposal, proposal_id)
    if found is None or found.consultation_id != id:
        abort(404)
    form = FlaskForm()
    if form.validate_on_submit():
        return _decided(consultation, found, request.form.get("do", ""))
    obstacle = proposals.obstacle(db.session, vault(), found, me(), now())
    return render_template(
        "consult/letters/proposal.html",
        consultation=consultation,
        proposal=found,
        form=form,
        title=proposal_words(found.kind),
        rows=_proposal_rows(consultation, found),
        confirmers=", ".join(each.name for each in proposals.confirmers(db.session, found)),
        mine=found.proposed_by_id == me().id,
        over=bool(found.confirmed_at or found.taken_back_at),
        obstacle=said(obstacle) if obstacle else "",
        danger=found.kind in (Kind.WITHDRAW, Kind.RESTART),
        poll=poll,
    )


def _decided(consultation: Consultation, found: Proposal, do: str) -> AnyResponse:
    here = url_for("letter.proposal", id=consultation.id, proposal_id=found.id)
    kind = Kind(found.kind)
    try:
        if do == "confirm":
            proposals.confirm(db.session, vault(), found, me(), now())
            flash(gettext("Bevestigd. Dit is gedaan en staat op het stembord."), "success")
        elif do == "back":
            proposals.take_back(db.session, found, me(), now())
            flash(gettext("Het voorstel is ingetrokken. Er is niets veranderd."), "success")
        else:
            abort(400)
    except Refusal as refusal:
        tell(refusal)
        return redirect(here, 303)
    draft = consultation.followed_by if do == "confirm" and kind is Kind.RESTART else None
    return redirect(url_for("wizard.show", id=draft.id if draft else consultation.id), 303)


def _proposal_rows(consultation: Consultation, found: Proposal) -> Rows:
    facts, rows = found.facts, list[tuple[str, str]]()
    match Kind(found.kind):
        case Kind.LENGTHEN:
            rows = [(gettext("Stemmen kan dan"), closes_text(date.fromisoformat(facts["last_day"])))]
        case Kind.REPLACE:
            rows = _letter_rows(consultation, facts["serials"])
        case Kind.ADD:
            known = [(db.session.get_one(RollEntry, entry), number) for entry, number in facts["known"]]
            rows = [(in_a_line(entry), _letters(number)) for entry, number in known]
            rows += _new_rows([Address(**each) for each in facts["new"]])
        case Kind.RESTORED:
            rows = _missing_rows(frozen(consultation))
    by = (gettext("Voorgesteld door"), f"{found.proposed_by.name}, {moment(found.proposed_at)}")
    return [*rows, (gettext("Waarom"), found.reason), by]


def _letter_rows(consultation: Consultation, serials: Sequence[int]) -> Rows:
    """Return which letters these are and where they went; of very many not each address."""
    rows = [(gettext("Brieven"), f"{_letters(len(serials))}: {shown(serials)}")]
    named = rolls.entries_of(db.session, consultation, serials[:MOST_NAMED])
    rows += [
        (gettext("Brief %(serial)s", serial=serial), in_a_line(entry)) for serial, entry in named.items()
    ]
    return rows


def _new_rows(new: Iterable[Address]) -> Rows:
    return [
        (in_a_line(each), f"{_letters(each.letters)} {gettext(each.special) if each.special else ''}".strip())
        for each in new
    ]


def _missing_rows(poll: Poll) -> Rows:
    lost = guard.lost(db.session, vault(), poll)
    return [(gettext("Gebruikte brieven die ontbreken"), str(lost.letters))] if lost else []


def _letters(number: int) -> str:
    return ngettext("%(num)s brief", "%(num)s brieven", number)


def _propose(consultation: Consultation, kind: Kind, facts: dict[str, Any], form: ReasonForm) -> AnyResponse:
    reason = form.reason.data or ""
    made = proposals.propose(db.session, vault(), consultation, kind, facts, reason, me(), now())
    flash(gettext("Uw voorstel staat klaar. Een collega van de gemeente moet het bevestigen."), "success")
    return redirect(url_for("letter.proposal", id=consultation.id, proposal_id=made.id), 303)


def _steps(
    consultation: Consultation,
    form: ReasonForm,
    *,
    title: str,
    lead: str,
    button: Callable[[], str],
    rows: Callable[[], Rows],
    check: Callable[[], object],
    done: Callable[[], AnyResponse],
    culprit: Field,
    two: Callable[[], bool] = lambda: False,
    why_two: Callable[[], str] = str,
    late: bool = False,
    danger: bool = False,
) -> Page:
    """Fill in, look, do. `check` refuses what cannot be, at the field `culprit`; `two` says whether it takes two,
    and `why_two` why, where one would do at other times.

    `late`: it can be done after the doors closed too.
    """
    poll = consultation.poll
    assert poll is not None
    if (not late and not _live(poll)) or poll.withdrawn_at:
        flash(gettext("Deze stemming is voorbij of ingetrokken. Dit kan nu niet meer."), "warning")
        return redirect(url_for("letter.show", id=consultation.id), 303)
    right = form.validate_on_submit()
    step = form.sure.data
    if right and step != "change":
        try:
            check()
            right = not form.errors
            if right and step == "yes":
                return done()
        except Refusal as refusal:
            wrong(culprit, refusal)
            right = False
    shown_again = {"consultation": consultation, "form": form, "title": title, "lead": lead}
    if right and step != "change":
        form.sure.data = ""
        return render_template(
            "consult/letters/check.html",
            **shown_again,
            rows=rows(),
            two=two(),
            why_two=why_two(),
            button=button(),
            danger=danger,
        )
    page = render_template("consult/letters/form.html", **shown_again)
    return (page, 422) if form.is_submitted() and step != "change" else page


def _frozen_or_404(id: int) -> tuple[Consultation, Poll]:
    found = consultation_or_404(id)
    return (found, found.poll) if found.poll else abort(404)


def _live(poll: Poll) -> bool:
    try:
        replacing.live(poll, now())
    except Refusal:
        return False
    return True


def _may_lengthen(poll: Poll) -> bool:
    """Say whether the poll can still be lengthened, by a day at least."""
    return _live(poll) and poll.lengthened_to is None and terms(poll).lengthen > 0


@letter.route("/aanvragen", methods=["GET", "POST"])
@open_to(Role.GEMEENTE)
def requests(id: int) -> Page:
    """Who asks for a new letter: what the list has there, and how each was seen to."""
    consultation, poll = _frozen_or_404(id)
    form = FlaskForm()
    if form.validate_on_submit():
        how = request.form.get("how", "")
        if how not in lost_letters.HANDLED:
            abort(400)
        lost_letters.handle(
            db.session, consultation, request.form.get("request", 0, type=int), how, actor(), now()
        )
        return redirect(url_for("letter.requests", id=id), 303)
    return render_template(
        "consult/letters/requests.html",
        consultation=consultation,
        asked=lost_letters.waiting(db.session, consultation),
        live=_live(poll),
        form=form,
    )
