"""What is printed: letters, vouchers and the report, from the facts to the typesetter."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext, ngettext

from ballots import board_words, codes, polls, printing, qr
from ballots import letters as ballot_letters
from ballots.database import AnySession
from ballots.definition import Terms, digest, shown
from ballots.explaining.view import Chapter
from ballots.models import Poll
from ballots.money import euros
from ballots.paper import Question
from ballots.printing import Envelope, LetterContent
from ballots.terms import in_force, terms
from ballots.typeset import typeset_record
from ballots.vault import Vault
from consult import (
    addresses,
    asked,
    consultations,
    initiatives,
    letter_languages,
    print_work,
    reasons,
    results,
    rolls,
    rule_words,
)
from consult.days import AMSTERDAM, last_day
from consult.journal import Step
from consult.models import Consultation, ControlLetter, Decision, Voucher
from consult.pages import day, moment, sentence, short, step_words, verdict_words, when
from consult.refusals import BatchUnknown, ControlsMissing, LettersPrinted, NotFrozen, SignersMissing

MOST_ASKED = 3  # questions that a letter writes out, and
LONGEST_ANSWERS = 110  # characters of all its answers together
SPECIMEN_ADDRESS = ("Voorbeeldstraat 1", "1234 AB  VOORBEELDSTAD")


def letters(
    session: AnySession,
    vault: Vault,
    consultation: Consultation,
    actor: str,
    now: datetime,
    number: int | None = None,
    batch: int = 1,
) -> bytes:
    """Return a batch of a print run, not confirmed yet, as one PDF in the order of the serials.

    Without `number` of the first run that waits. What was made is noted, to tell the print shop. Raises NotFrozen,
    LettersPrinted, BatchUnknown, SeedMissing, and what `printing.letters` raises.
    """
    poll = consultation.poll
    if poll is None:
        raise NotFrozen()
    waiting = consultations.unprinted(session, poll, number)
    if not waiting:
        raise LettersPrinted()
    run = waiting[0]
    parts = print_work.ranges(run)
    if not 1 <= batch <= len(parts):
        raise BatchUnknown()
    consultations.make_letters(session, consultation, actor, now, run.number)
    printable = ballot_letters.printable(session, vault, poll, run.number)
    minted = {serial: code for serial, code in printable if serial in parts[batch - 1]}

    def envelopes() -> Iterator[Envelope]:
        for serial, lines in rolls.envelopes(session, consultation):
            if serial in minted:
                yield Envelope(serial, lines, minted[serial])

    said = in_force(poll)
    setup = print_work.setup(session, consultation)
    letter = _dressed(content(consultation, said, shown(poll.hash)), consultation, said, setup)
    moment = poll.frozen_at
    if run.number > 1 and run.made_at:
        moment = run.made_at
        later = (
            gettext("Deze brief komt in plaats van een eerdere brief. De code op die brief werkt niet meer."),
        )
        opening = letter.opening[:1] + later if run.replaces else letter.opening
        letter = replace(letter, date=day(moment.astimezone(AMSTERDAM).date()), opening=opening)
    pdf = printing.letters(letter, envelopes(), moment=moment, labels=labels(said), profile=setup.profile)
    print_work.hand_over(
        session,
        consultation,
        run.number,
        batch,
        sorted(minted),
        printing.pages(pdf),
        sha256(pdf).digest(),
        actor,
        now,
    )
    return pdf


def _dressed(
    letter: LetterContent, consultation: Consultation, said: Terms, setup: print_work.Setup
) -> LetterContent:
    """Return a letter with its lines in other languages, and with a back where one was chosen."""
    host = letter.type_at
    lines = tuple(
        printing.Line(language, letter_languages.direction(language), line)
        for language, line in letter_languages.lines(setup.languages, host)
    )
    back = None
    if setup.back:
        until, phone = last_day(said.closes), consultation.wijk.town.phone
        title, paragraphs = letter_languages.back(setup.back, host, until, phone)
        back = printing.Back(setup.back, letter_languages.direction(setup.back), title, paragraphs)
    return replace(letter, languages=lines, back=back)


def specimen(session: AnySession, consultation: Consultation, now: datetime) -> bytes:
    """Return one letter marked PROEF, of a draft as it is now or of a frozen consultation."""
    poll = consultation.poll
    said = in_force(poll) if poll else asked.draft_terms(session, consultation, now)
    hash = poll.hash if poll else digest(b"")
    setup = print_work.setup(session, consultation)
    proof = _dressed(content(consultation, said, shown(hash), specimen=True), consultation, said, setup)
    envelope = Envelope(0, SPECIMEN_ADDRESS, printing.SPECIMEN_CODE)
    made_at = poll.frozen_at if poll else now
    return printing.letters(proof, [envelope], moment=made_at, labels=labels(said), profile=setup.profile)


def trial(session: AnySession, consultation: Consultation, now: datetime) -> None:
    """See that every letter of a draft can be printed, before it is frozen.

    Sets in type the texts with dead codes, for the longest address and for addresses that together
    have every sign that occurs. Raises SignersMissing, and what `printing.letters` raises.
    """
    said = asked.draft_terms(session, consultation, now)
    if not said.about["signed by"]:
        raise SignersMissing()
    if tried := telling(consultation):
        _proofs(session, consultation, said, tried, shown(digest(b"")), now)


def proofs(session: AnySession, consultation: Consultation, now: datetime) -> bytes:
    """Return a PROEF set for the print shop: letters with dead codes to the addresses that are hardest to print.

    Of a draft as it is now, or of what was frozen. Raises FieldMissing, and what `printing.letters` raises.
    """
    poll = consultation.poll
    said = in_force(poll) if poll else asked.draft_terms(session, consultation, now)
    tried = telling(consultation) or [SPECIMEN_ADDRESS]
    hash = poll.hash if poll else digest(b"")
    return _proofs(session, consultation, said, tried, shown(hash), poll.frozen_at if poll else now)


def telling(consultation: Consultation) -> list[tuple[str, ...]]:
    """Return the addresses that tell whether all can be printed: the longest, and some that have every sign."""
    found = [addresses.lines(entry) for entry in consultation.roll if entry.letters]
    seen: set[str] = set()
    tried = {max(found, key=lambda lines: max(map(len, lines)))} if found else set()
    for lines in found:
        if new := set("".join(lines)) - seen:
            seen |= new
            tried.add(lines)
    return sorted(tried)


def _proofs(
    session: AnySession,
    consultation: Consultation,
    said: Terms,
    to: Sequence[tuple[str, ...]],
    hash: str,
    at: datetime,
) -> bytes:
    setup = print_work.setup(session, consultation)
    proof = _dressed(content(consultation, said, hash, specimen=True), consultation, said, setup)
    envelopes = [
        Envelope(gettext("PROEF %(number)d", number=n), lines, codes.dead(codes.PROOF, n))
        for n, lines in enumerate(to, 1)
    ]
    return printing.letters(proof, envelopes, moment=at, labels=labels(said), profile=setup.profile)


def control_letters(session: AnySession, consultation: Consultation) -> bytes:
    """Return the control letters as PDF: outside like any other, inside they say what they are; their codes are dead.

    Raises NotFrozen, ControlsMissing, and what `printing.letters` raises.
    """
    poll = consultation.poll
    if poll is None:
        raise NotFrozen()
    there = [each for each in print_work.controls(session, consultation) if each.street]
    if not there:
        raise ControlsMissing()
    said, setup = in_force(poll), print_work.setup(session, consultation)
    letter = _dressed(content(consultation, said, shown(poll.hash)), consultation, said, setup)
    letter = replace(
        letter,
        opening=(
            gettext("Dit is een controlebrief. U kunt er niet mee stemmen: de code werkt niet."),
            gettext(
                "Wij sturen hem mee om te zien op welke dag de post de brieven bezorgt. Schrijf die dag op, en bel of "
                "mail hem door. Uw eigen brief om te stemmen krijgt u apart. Dank u wel!"
            ),
        ),
    )
    envelopes = [
        Envelope(f"C{each.number}", (each.street, each.place), codes.dead(codes.CONTROL, each.number))
        for each in there
    ]
    return printing.letters(
        letter, envelopes, moment=poll.frozen_at, labels=labels(said), profile=setup.profile
    )


def control_words(there: Sequence[ControlLetter]) -> str:
    """Return how many control letters came, and between which days."""
    days = sorted(each.arrived_on for each in there if each.arrived_on)
    sent = len(there)
    if not there:
        return gettext("Er zijn nog geen controlebrieven.")
    if not days:
        return gettext(
            "Controlebrieven: %(sent)d verstuurd, nog van geen enkele is de dag bekend.", sent=sent
        )
    if days[0] == days[-1]:
        return gettext(
            "Controlebrieven: %(came)d van %(sent)d aangekomen, op %(day)s.",
            sent=sent,
            came=len(days),
            day=day(days[0]),
        )
    return gettext(
        "Controlebrieven: %(came)d van %(sent)d aangekomen, van %(first)s tot en met %(last)s.",
        sent=sent,
        came=len(days),
        first=day(days[0]),
        last=day(days[-1]),
    )


def labels(said: Terms) -> dict[str, str]:
    """Return the fixed words of a letter; it may ask more than one question."""
    several = {"question": gettext("De vragen")} if len(said.questions) > 1 else {}
    return {**printing.LABELS, **several}


def content(consultation: Consultation, said: Terms, hash: str, specimen: bool = False) -> LetterContent:
    """Return what the letters of a consultation say."""
    wijk, town = consultation.wijk, consultation.wijk.town
    host = town.base_url.partition("://")[2]
    frozen = consultation.poll.frozen_at if consultation.poll else said.opens
    subject, opening = _about(consultation, said)
    question, options = _asks(said.questions)
    return LetterContent(
        town=town.name,
        accent=town.accent,
        sender=tuple(line.strip() for line in town.address.splitlines() if line.strip()),
        return_line=gettext("Afzender: %(sender)s", sender=", ".join(town.address.splitlines())),
        date=day(frozen.astimezone(AMSTERDAM).date()),
        subject=subject,
        opening=opening,
        question=question,
        options=options,
        closes=said.closes_text,
        base=town.base_url,
        type_at=f"{host}/s",
        one_vote=gettext("Eén stem per brief. Woont u met meer mensen? Beslis samen."),
        secrecy=gettext(
            "Wij bewaren uw stem zonder naam of adres. Wij zien wel dát een brief is gebruikt. "
            "Lees meer op %(host)s/stemgeheim.",
            host=host,
        ),
        lost=gettext("Vraag een nieuwe op %(host)s/nieuwe-brief, of bel ons.", host=host),
        paper=gettext("Liever op papier? Neem deze brief mee naar de balie van de gemeente."),
        contact=(
            gettext("Bel %(phone)s", phone=town.phone),
            gettext("of mail %(email)s", email=town.email),
        ),
        trust=gettext(
            "Scan dan niet. Typ zelf %(host)s/echt, of bel %(phone)s. Wij vragen nooit DigiD, BSN, "
            "geld of uw naam. Zet geen foto van deze brief op internet.",
            host=host,
            phone=town.phone,
        ),
        signatories=tuple(
            (name, gettext("regiegroep %(wijk)s", wijk=wijk.name))
            for name in said.about["signed by"].splitlines()
        ),
        definition_hash=hash,
        privacy=gettext(
            "Wij gebruiken alleen adressen uit de BAG, geen namen. Meer weten? Kijk op %(host)s/privacy.",
            host=host,
        ),
        addressee=gettext("Aan de bewoners van"),
        specimen=specimen,
    )


def _about(consultation: Consultation, said: Terms) -> tuple[str, tuple[str, ...]]:
    """Return the subject of a letter and what it opens with."""
    plan = consultation.initiative
    if plan is None:
        return gettext("Buurtstemming: %(title)s", title=said.title), (
            " ".join(said.summary),
            gettext("Deze brief gaat naar de adressen in de wijk.") + " " + said.texts[0].text,
        )
    return gettext("Wijkraadpleging: %(plan)s", plan=plan.title), (
        gettext(
            "Bewoners van %(wijk)s hebben een plan gemaakt. Zij vragen daarvoor %(amount)s. "
            "De regiegroep van uw wijk wil weten wat u ervan vindt.",
            wijk=plan.wijk.name,
            amount=euros(plan.asked),
        ),
        gettext(
            "Deze brief gaat naar de adressen in de wijk. De uitslag is een advies: "
            "de regiegroep beslist daarna en schrijft op waarom."
        ),
    )


def _asks(questions: Sequence[Question]) -> tuple[str, tuple[str, ...]]:
    """Return what a letter asks and the answers it has room for; a long list stands on the page to vote."""
    if len(questions) > 1:
        numbered = "\n".join(f"{n}. {question.text}" for n, question in enumerate(questions, 1))
        several = gettext("Wij stellen u %(number)d vragen.", number=len(questions))
        return (numbered if len(questions) <= MOST_ASKED else several), ()
    (question,) = questions
    labels = [*(option.label for option in question.options), gettext("Blanco")]
    if sum(map(len, labels)) > LONGEST_ANSWERS:
        labels = [gettext("%(number)d mogelijkheden", number=len(labels) - 1), labels[-1]]
    return question.text, tuple(labels)


def voucher(voucher: Voucher, token: str) -> bytes:
    """Return a voucher as PDF, with its signed QR code."""
    plan = voucher.grant.initiative
    town = plan.wijk.town
    decision = initiatives.last_decision(plan)
    facts = [
        (gettext("Toegekend door"), gettext("regiegroep %(wijk)s", wijk=plan.wijk.name)),
        (gettext("Beschikking"), f"{day(voucher.grant.granted_on)}, {voucher.grant.reference}"),
    ]
    if decision:
        facts.insert(1, (gettext("Besloten op"), moment(decision.decided_at)))
    return typeset_record(
        "voucher",
        {
            "title": gettext("Voucher"),
            "number": voucher.number,
            "town": town.name,
            "accent": town.accent,
            "plan": plan.title,
            "initiator": plan.initiator,
            "amount": euros(voucher.amount),
            "redeem": gettext("Verzilveren: één keer, in één bedrag"),
            "facts": facts,
            "objection": {
                "heading": gettext("Niet eens met de beschikking?"),
                "text": gettext(
                    "Stuur dan binnen zes weken na de datum van de beschikking een bezwaarschrift "
                    "naar burgemeester en wethouders van %(town)s.",
                    town=town.name,
                ),
            },
            "contact": [line.strip() for line in town.address.splitlines() if line.strip()]
            + [town.phone, town.email],
            "qr": qr.svg(f"{town.base_url}/voucher/{token}"),
            "labels": {
                "number": gettext("Nummer"),
                "initiator": gettext("Voor"),
                "amount": gettext("Bedrag"),
                "scan": gettext("Scan om te controleren"),
                "qr": gettext("QR-code die laat zien of deze voucher echt is"),
            },
        },
        moment=voucher.issued_at,
    )


def report(
    session: AnySession,
    consultation: Consultation,
    decision: Decision | None,
    steps: Sequence[Step],
    at: datetime,
) -> bytes:
    """Return the dossier's report for people, as of the moment of its last fact."""
    plan, poll = consultation.initiative, consultation.poll
    if poll is None:
        raise NotFrozen()
    wijk, town, frozen = consultation.wijk, consultation.wijk.town, terms(poll)
    cast, controls = polls.turnout(session, poll), print_work.controls(session, consultation)
    facts = [
        [gettext("Wijk"), wijk.name],
        [gettext("Vastgezet"), moment(poll.frozen_at)],
        [gettext("Stemmen kon"), f"{moment(poll.opens)} – {moment(poll.ends)}"],
        [gettext("Controlegetal"), shown(poll.hash)],
    ]
    if plan:
        facts.insert(0, [gettext("Plan"), plan.title])
        facts.insert(2, [gettext("Gevraagd bedrag"), euros(plan.asked)])
    sections: list[dict[str, object]] = [
        {
            "heading": gettext("Wat is gevraagd"),
            "paragraphs": [question.text for question in frozen.questions],
            "facts": facts,
        },
        *_rules(frozen, plan is not None),
        {
            "heading": gettext("Brieven"),
            "facts": [
                [gettext("Verstuurd"), str(cast.issued)],
                [gettext("Gebruikt"), str(cast.used)],
                [gettext("Niet gebruikt"), str(cast.open)],
                [gettext("Ongeldig"), str(cast.void)],
            ],
            "paragraphs": [control_words(controls)] if controls else [],
        },
    ]
    deciding = 1 if plan else None  # what a wijkraadpleging asks besides decides nothing
    if told := board_words.told(session, poll):
        sections.append(_changed(told, board_words.doubts(session, poll, deciding) if poll.closed_at else []))
    if poll.withdrawn_at:
        sections.append(
            {
                "heading": gettext("Ingetrokken"),
                "paragraphs": [str(poll.withdrawn_why), moment(poll.withdrawn_at)],
            }
        )
    if poll.closed_at:
        sections += _results(session, poll, deciding)
    if points := reasons.told(frozen, polls.outcomes(session, poll) if poll.closed_at else ()):
        sections.append(_points(points, decision))
    if decision:
        sections.append(
            {
                "heading": gettext("Beslissing van de regiegroep"),
                "paragraphs": [decision.reasons] if decision.reasons else [],
                "facts": [
                    [gettext("Beslissing"), verdict_words(decision.verdict)],
                    [gettext("Bedrag"), euros(decision.amount) if decision.amount else "–"],
                    [gettext("Aanwezig"), ", ".join(decision.present)],
                    [gettext("Opzij gestapt"), ", ".join(decision.aside) or "–"],
                    [
                        gettext("Wijkt af van de uitslag"),
                        gettext("ja") if decision.departs else gettext("nee"),
                    ],
                    [gettext("Besloten op"), moment(decision.decided_at)],
                ],
            }
        )
    if decision and plan and plan.grant:
        sections.append(
            {
                "heading": gettext("Beschikking"),
                "facts": [
                    [gettext("Bedrag"), euros(plan.grant.amount)],
                    [gettext("Datum"), day(plan.grant.granted_on)],
                    [gettext("Kenmerk"), plan.grant.reference],
                ],
            }
        )
    sections.append(
        {
            "heading": gettext("Logboek"),
            "table": {
                "columns": [gettext("Wanneer"), gettext("Wie"), gettext("Wat")],
                "rows": [[when(step), step.actor, step_words(step)] for step in steps],
                "numeric": [],
            },
        }
    )
    return typeset_record(
        "report",
        {
            "title": gettext("Dossier wijkraadpleging") if plan else gettext("Dossier buurtstemming"),
            "subtitle": consultation.subject,
            "town": town.name,
            "accent": town.accent,
            "sections": sections,
        },
        moment=at,
    )


def _points(told: reasons.Told, decision: Decision | None) -> dict[str, object]:
    """Return what residents sent before the freeze, what voters chose of it, and what was answered."""
    sent = ngettext("Bewoners stuurden %(num)s punt.", "Bewoners stuurden %(num)s punten.", told.sent)
    aside = [f"{number}× {gettext(reasons.ASIDE[why])}" for why, number in told.aside.items()]
    section: dict[str, object] = {
        "heading": gettext("Punten van bewoners"),
        "paragraphs": [sent, *([gettext("Opzij gelegd: %(why)s.", why=", ".join(aside))] if aside else [])],
    }
    if told.points:
        answers = decision.answers if decision else {}
        section["table"] = {
            "columns": [gettext("Punt"), gettext("Genoemd"), gettext("Gekozen"), gettext("Antwoord")],
            "rows": [
                [
                    point.text,
                    str(point.heard),
                    "–" if point.chosen is None else str(point.chosen),
                    answers.get(point.id, "–"),
                ]
                for point in told.points
            ],
            "numeric": [1, 2],
        }
    return section


def _changed(told: Sequence[board_words.Told], doubts: Sequence[str]) -> dict[str, object]:
    """Return what changed after the freeze, with each reason, and what contested votes may mean."""
    return {
        "heading": gettext("Wat er veranderde"),
        "paragraphs": list(doubts),
        "table": {
            "columns": [gettext("Wanneer"), gettext("Wat"), gettext("Waarom")],
            "rows": [[short(each.at), each.what, each.reason] for each in told],
            "numeric": [],
        },
    }


def _rules(frozen: Terms, awards: bool) -> Iterator[dict[str, object]]:
    """Yield for each question what stood on the paper and by which rule it was counted."""
    for n, (question, rule) in enumerate(zip(frozen.questions, frozen.rules, strict=True), 1):
        many = len(frozen.questions) > 1
        said = [*rule_words.choosing(question), *rule_words.counting(question, rule, frozen.floor, awards)]
        section: dict[str, object] = {
            "heading": gettext("De spelregels van vraag %(number)d", number=n)
            if many
            else gettext("De spelregels"),
            "paragraphs": [sentence(each) for each in said],
        }
        if any(option.cost or option.theme or option.place for option in question.options):
            section["table"] = {
                "columns": [gettext("Mogelijkheid"), gettext("Bedrag"), gettext("Thema"), gettext("Plek")],
                "rows": [
                    [
                        option.label,
                        euros(int(option.cost)) if option.cost else "–",
                        option.theme or "–",
                        option.place or "–",
                    ]
                    for option in question.options
                ],
                "numeric": [1],
            }
        yield section


def _results(session: AnySession, poll: Poll, first: int | None = None) -> Iterator[dict[str, object]]:
    """Yield the outcome of each question, why each option won or did not, and the course of the count.

    `first`: of so many questions from the first; what a wijkraadpleging asks besides decides nothing.
    """
    counted = results.of(session, poll)[:first]
    for n, each in enumerate(counted, 1):
        shown = each.result
        paragraphs = [
            each.question.text,
            shown.headline,
            f"{shown.turnout} {shown.blank}".strip(),
            *shown.how,
            *shown.example,
            *shown.left_why,
        ]
        section: dict[str, object] = {
            "heading": gettext("Uitslag van vraag %(number)d", number=n)
            if len(counted) > 1
            else gettext("Uitslag"),
            "paragraphs": [*filter(None, paragraphs), *shown.lots, *each.lots],
            "chart": [{"label": row.label, "value": row.bar, "display": row.score} for row in shown.rows],
        }
        if whys := [
            [", ".join(filter(None, (row.label, row.group))), row.verdict, " ".join((*row.why, *row.more))]
            for row in shown.rows
            if row.why
        ]:
            columns = [gettext("Mogelijkheid"), gettext("Uitslag"), gettext("Waarom")]
            section["table"] = {"columns": columns, "rows": whys, "numeric": []}
        yield section
        for chapter in (*([shown.channels] if shown.channels else []), *shown.course):
            yield _chapter(chapter)


def _chapter(chapter: Chapter) -> dict[str, object]:
    section: dict[str, object] = {"heading": chapter.heading, "paragraphs": list(chapter.sentences)}
    if table := chapter.table:
        rows = [[cell.text for cell in row] for row in table.rows]
        section["table"] = {"columns": list(table.head), "rows": rows, "numeric": []}
    return section
