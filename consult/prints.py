"""What is printed: letters, vouchers and the report, from the facts to the typesetter."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext

from ballots import explain, polls, printing, qr
from ballots import letters as ballot_letters
from ballots.database import AnySession
from ballots.definition import Terms, digest, shown
from ballots.money import euros
from ballots.printing import Envelope, LetterContent
from ballots.seeds import Seeds
from ballots.terms import terms
from ballots.typeset import typeset_record
from consult import addresses, consultations, initiatives, rolls
from consult.models import Consultation, Decision, JournalEntry, Voucher
from consult.pages import action_words, chart, day, moment, short, verdict_words
from consult.refusals import NotFrozen, SignersMissing

SPECIMEN_ADDRESS = ("Voorbeeldstraat 1", "1234 AB  VOORBEELDSTAD")


def letters(
    session: AnySession, seeds: Seeds, consultation: Consultation, actor: str, now: datetime
) -> bytes:
    """Return every letter whose printing is not confirmed, as one PDF in postal order.

    Raises NotFrozen, LettersPrinted, SeedMissing, and what `printing.letters` raises.
    """
    poll = consultation.poll
    if poll is None:
        raise NotFrozen()
    consultations.make_letters(session, consultation, actor, now)
    codes = dict(ballot_letters.printable(session, seeds, poll))

    def envelopes() -> Iterator[Envelope]:
        for serial, lines in rolls.envelopes(session, consultation):
            if serial in codes:
                yield Envelope(serial, lines, codes[serial])

    return printing.letters(
        content(consultation, terms(poll), shown(poll.hash)), envelopes(), moment=poll.frozen_at
    )


def specimen(session: AnySession, consultation: Consultation, now: datetime) -> bytes:
    """Return one letter marked PROEF, of a draft as it is now or of a frozen consultation."""
    poll = consultation.poll
    said = terms(poll) if poll else consultations.draft_terms(session, consultation, now)
    hash = poll.hash if poll else digest(b"")
    proof = content(consultation, said, shown(hash), specimen=True)
    envelope = Envelope(0, SPECIMEN_ADDRESS, printing.SPECIMEN_CODE)
    return printing.letters(proof, [envelope], moment=poll.frozen_at if poll else now)


def trial(session: AnySession, consultation: Consultation, now: datetime) -> None:
    """See that every letter of a draft can be printed, before it is frozen.

    Sets in type the texts with dead codes, for the longest address and for addresses that together
    have every sign that occurs. Raises SignersMissing, and what `printing.letters` raises.
    """
    said = consultations.draft_terms(session, consultation, now)
    if not said.about["signed by"]:
        raise SignersMissing()
    found = [addresses.lines(entry) for entry in consultation.roll if entry.letters]
    seen: set[str] = set()
    tried = {max(found, key=lambda lines: max(map(len, lines)))} if found else set()
    for lines in found:
        if new := set("".join(lines)) - seen:
            seen |= new
            tried.add(lines)
    proof = content(consultation, said, shown(digest(b"")), specimen=True)
    envelopes = [Envelope(0, lines, printing.SPECIMEN_CODE) for lines in sorted(tried)]
    if envelopes:
        printing.letters(proof, envelopes, moment=now)


def content(consultation: Consultation, said: Terms, hash: str, specimen: bool = False) -> LetterContent:
    """Return what the letters of a consultation say."""
    plan = consultation.initiative
    wijk, town = plan.wijk, plan.wijk.town
    host = town.base_url.partition("://")[2]
    frozen = consultation.poll.frozen_at if consultation.poll else said.opens
    return LetterContent(
        town=town.name,
        accent=town.accent,
        sender=tuple(line.strip() for line in town.address.splitlines() if line.strip()),
        return_line=gettext("Afzender: %(sender)s", sender=", ".join(town.address.splitlines())),
        date=day(frozen.astimezone(consultations.AMSTERDAM).date()),
        subject=gettext("Wijkraadpleging: %(plan)s", plan=plan.title),
        opening=(
            gettext(
                "Bewoners van %(wijk)s hebben een plan gemaakt. Zij vragen daarvoor %(amount)s. "
                "De regiegroep van uw wijk wil weten wat u ervan vindt.",
                wijk=wijk.name,
                amount=euros(plan.asked),
            ),
            gettext(
                "Deze brief gaat naar de adressen in de wijk. De uitslag is een advies: "
                "de regiegroep beslist daarna en schrijft op waarom."
            ),
        ),
        question=said.questions[0].text,
        options=(*(option.label for option in said.questions[0].options), gettext("Blanco")),
        closes=said.closes_text,
        base=town.base_url,
        type_at=f"{host}/s",
        one_vote=gettext("Eén stem per brief. Woont u met meer mensen? Beslis samen."),
        secrecy=gettext(
            "Wij bewaren uw stem zonder naam of adres. Wij zien wel dát een brief is gebruikt. "
            "Lees meer op %(host)s/stemgeheim.",
            host=host,
        ),
        lost=gettext("Bel of mail ons. U kunt alleen stemmen met de code op uw eigen brief."),
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
    entries: list[JournalEntry],
    at: datetime,
) -> bytes:
    """Return the dossier's report for people, as of the moment of its last fact."""
    plan, poll = consultation.initiative, consultation.poll
    if poll is None:
        raise NotFrozen()
    town, frozen = plan.wijk.town, terms(poll)
    cast = polls.turnout(session, poll)
    sections: list[dict[str, object]] = [
        {
            "heading": gettext("Wat is gevraagd"),
            "paragraphs": [frozen.questions[0].text],
            "facts": [
                [gettext("Plan"), plan.title],
                [gettext("Wijk"), plan.wijk.name],
                [gettext("Gevraagd bedrag"), euros(plan.asked)],
                [gettext("Vastgezet"), moment(poll.frozen_at)],
                [gettext("Stemmen kon"), f"{moment(poll.opens)} – {moment(poll.closes)}"],
                [gettext("Controlegetal"), shown(poll.hash)],
            ],
        },
        {
            "heading": gettext("Brieven"),
            "facts": [
                [gettext("Verstuurd"), str(cast.issued)],
                [gettext("Gebruikt"), str(cast.used)],
                [gettext("Niet gebruikt"), str(cast.open)],
                [gettext("Ongeldig"), str(cast.void)],
            ],
        },
    ]
    if poll.withdrawn_at:
        sections.append(
            {
                "heading": gettext("Ingetrokken"),
                "paragraphs": [str(poll.withdrawn_why), moment(poll.withdrawn_at)],
            }
        )
    if poll.closed_at:
        outcome, question = polls.outcome(session, poll), frozen.questions[0]
        sections.append(
            {
                "heading": gettext("Uitslag"),
                "paragraphs": [explain.headline(outcome, question), *explain.sentences(outcome, question)],
                "chart": [
                    {key: row[key] for key in ("label", "value", "display")}
                    for row in chart(outcome, question)
                ],
            }
        )
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
    if decision and plan.grant:
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
                "rows": [[short(entry.at), entry.actor, action_words(entry.action)] for entry in entries],
                "numeric": [],
            },
        }
    )
    return typeset_record(
        "report",
        {
            "title": gettext("Dossier wijkraadpleging"),
            "subtitle": plan.title,
            "town": town.name,
            "accent": town.accent,
            "sections": sections,
        },
        moment=at,
    )
