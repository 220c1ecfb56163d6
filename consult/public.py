"""Counter: residents read. No cookie, no script, nothing from elsewhere. `plan_desk` takes their plans in."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import lazy_gettext
from wtforms import Form, RadioField, SelectChoice, StringField
from wtforms.validators import Regexp

from ballots import board_words, booth, polls
from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.definition import Terms
from ballots.lifecycle import Phase
from ballots.models import Poll
from ballots.paper import Kind, Option, Question
from ballots.terms import in_force
from ballots.web import now
from consult import (
    custody_words,
    decisions,
    initiatives,
    lost_letters,
    money_told,
    papers_shown,
    plan_story,
    points,
    reasons,
    results,
    rule_words,
    themes,
    vouchers,
)
from consult.forms import required, sized
from consult.lifecycle import FINISHED, Stage
from consult.models import Consultation, Initiative, Wijk
from consult.pages import STAGES, ballots_of, offered, today, town

public = Blueprint("public", __name__)

STATED = date(2026, 11, 28)  # when the accessibility statement was last looked at; it is to be done each year


@public.get("/")
@open_to(EVERYONE)
def home() -> str:
    here = town()
    wijken = here.wijken if here else []
    return render_template("consult/public/home.html", wijken=wijken, **_sorted(wijken))


@public.get("/wijk/<slug>")
@open_to(EVERYONE)
def wijk(slug: str) -> str:
    found = next((wijk for wijk in _town_wijken() if wijk.slug == slug), None) or abort(404)
    return render_template(
        "consult/public/wijk.html", wijk=found, languages=offered([found]), **_sorted([found])
    )


@public.get("/plannen/<int:id>")
@open_to(EVERYONE)
def plan(id: int) -> str:
    found = db.session.get(Initiative, id)
    if found is None or found.hidden_why or found.wijk not in _town_wijken():
        abort(404)
    consultation = initiatives.live_consultation(found)
    return render_template(
        "consult/public/plan.html",
        languages=offered([found.wijk]),
        plan=found,
        standing=plan_story.standing(found, now()),
        consultation=consultation if consultation and consultation.poll else None,
        withdrawn=[each for each in found.consultations if each.poll and each.poll.withdrawn_at],
        asking=points.asking(found, now()),
        STAGES=STAGES,
    )


@public.get("/raadplegingen/<int:id>")
@open_to(EVERYONE)
def consultation(id: int) -> str:
    """A wijkraadpleging or a buurtstemming: what is asked, by which rules, and after the close the outcome."""
    found, poll = _frozen_or_404(id)
    frozen, plan = in_force(poll), found.initiative
    cast = polls.turnout(db.session, poll) if poll.closed_at else None
    made = reversed(plan.decisions) if plan else ()
    return render_template(
        "consult/public/consultation.html",
        languages=offered([found.wijk]),
        consultation=found,
        plan=plan,
        wijk=found.wijk,
        poll=poll,
        phase=poll.phase(now()),
        terms=frozen,
        asked=_asked(frozen, plan is not None),
        kept=custody_words.frozen(frozen),
        results=results.of(db.session, poll) if poll.closed_at else [],
        papers=papers_shown.waiting(db.session, poll, now()),
        told=board_words.told(db.session, poll),
        doubts=board_words.doubts(db.session, poll, 1 if plan else None) if poll.closed_at else [],
        points=reasons.told(frozen, polls.outcomes(db.session, poll) if poll.closed_at else ()),
        to_answer=decisions.to_answer(db.session, found),
        reasons=reasons,
        published=cast is not None and cast.used >= frozen.floor,
        decision=next((each for each in made if each.consultation_id == found.id), None),
    )


def _asked(frozen: Terms, awards: bool) -> list[dict[str, object]]:
    """Return each question, its options by theme, and its limits and rule in words."""
    return [
        {
            "question": question,
            "themes": _by_theme(question),
            "choosing": rule_words.choosing(question),
            "counting": rule_words.counting(question, rule, frozen.floor, awards),
        }
        for question, rule in zip(frozen.questions, frozen.rules, strict=True)
    ]


def _by_theme(question: Question) -> list[tuple[str, list[Option]]]:
    """Return the options under their themes, in the order of the paper; none for voor and tegen."""
    if question.kind is Kind.YES_NO:
        return []
    themes = dict.fromkeys(option.theme for option in question.options)
    return [(theme, [each for each in question.options if each.theme == theme]) for theme in themes]


@public.get("/raadplegingen/<int:id>/definitie.json")
@open_to(EVERYONE)
def definition(id: int) -> Response:
    """The frozen definition, byte for byte: its SHA-256 is the hash on the letter."""
    _, poll = _frozen_or_404(id)
    return Response(poll.definition, mimetype="application/json")


@public.get("/voucher/<token>")
@open_to(EVERYONE)
def voucher(token: str) -> str | tuple[str, int]:
    """What the QR code on a voucher opens: whether it is real, and whether it can still be redeemed."""
    found = vouchers.read(db.session, current_app.config["SECRET_KEY"], token)
    page = render_template("consult/public/voucher.html", voucher=found, token=token)
    return page if found else (page, 404)


@public.get("/thema-<version>.css")
@open_to(EVERYONE)
def theme(version: str) -> Response:
    """The town's look, as design tokens; the version in the name lets browsers keep it."""
    here = town() or abort(404)
    css = themes.stylesheet(here.accent, themes.tokens_of(here.theme))
    return Response(css, mimetype="text/css", headers={"Cache-Control": "public, max-age=3600"})


@public.get("/stemgeheim")
@open_to(EVERYONE)
def secrecy() -> str:
    return render_template("consult/public/secrecy.html")


@public.route("/echt", methods=["GET", "POST"])
@open_to(EVERYONE)
def genuine() -> str:
    """How a real letter is known; and of which vote it is, by the first groups of its definition's hash.

    What is typed is sent, not put in the address: somebody may type a secret code by mistake, and addresses are
    logged. For that reason too nothing that is no hash is shown again.
    """
    typed = "".join(request.form.get("getal", "").lower().replace("-", " ").split())
    right = 8 <= len(typed) <= 64 and not set(typed) - set("0123456789abcdef")
    votes = [each for wijk in _town_wijken() for each in wijk.consultations if each.poll]
    return render_template(
        "consult/public/genuine.html",
        typed=typed if right else "",
        wrong=request.method == "POST" and not right,
        asked=request.method == "POST" and right,
        matching=[each for each in votes if right and each.poll and each.poll.hash.hex().startswith(typed)],
    )


class NewLetterForm(Form):
    """Where a new letter should go."""

    consultation = RadioField(lazy_gettext("Waarover was de brief?"), [required()], coerce=int)
    postcode = StringField(
        lazy_gettext("Uw postcode"),
        [
            required(),
            Regexp(
                r"^\s*[1-9][0-9]{3}\s*[A-Za-z]{2}\s*$",
                message=lazy_gettext("Een postcode heeft vier cijfers en twee letters."),
            ),
        ],
    )
    house = StringField(
        lazy_gettext("Uw huisnummer, met letter of toevoeging"),
        [required(), sized(1, 20), Regexp(r"^\s*[0-9]", message=lazy_gettext("Begin met het huisnummer."))],
    )


@public.route("/nieuwe-brief", methods=["GET", "POST"])
@open_to(EVERYONE)
def new_letter() -> str | tuple[str, int]:
    """Ask for a new letter. The answer is the same whether or not the address is on a list."""
    here = town() or abort(404)
    open_now = lost_letters.can_be_asked(db.session, here, now())
    form = NewLetterForm(request.form)
    form.consultation.choices = [
        SelectChoice(each.id, f"{each.subject} ({each.wijk.name})") for each in open_now
    ]
    asking = request.method == "POST" and booth.SWITCH not in request.form
    if not open_now or not asking or not form.validate():
        page = render_template("consult/public/new_letter.html", form=form, open_now=open_now)
        return (page, 422) if form.errors else page
    asked = next(each for each in open_now if each.id == form.consultation.data)
    postcode = "".join(str(form.postcode.data).upper().split())
    lost_letters.ask(db.session, asked, postcode, str(form.house.data), today())
    return render_template("consult/public/new_letter_asked.html")


@public.get("/privacy")
@open_to(EVERYONE)
def privacy() -> str:
    return render_template("consult/public/privacy.html")


@public.get("/toegankelijkheid")
@open_to(EVERYONE)
def accessibility() -> str:
    return render_template("consult/public/accessibility.html", stated=STATED)


@public.get("/hulp")
@open_to(EVERYONE)
def help() -> str:
    """How to vote, in six steps; and what to do when it does not go by itself."""
    return render_template("consult/public/help.html")


@public.get("/healthz")
@open_to(EVERYONE)
def healthz() -> Response:
    """Whether the service answers."""
    return Response("ok\n", mimetype="text/plain")


def _frozen_or_404(id: int) -> tuple[Consultation, Poll]:
    found = db.session.get(Consultation, id)
    if found is None or found.poll is None or found.wijk not in _town_wijken():
        abort(404)
    return found, found.poll


def _town_wijken() -> list[Wijk]:
    here = town()
    return here.wijken if here else []


def _sorted(wijken: Sequence[Wijk]) -> dict[str, object]:
    """Return what these wijken have by what a visitor comes for: to vote on now, being worked on, finished."""
    moment = now()
    plans = [plan for wijk in wijken for plan in wijk.initiatives if not plan.hidden_why]
    shown = [(plan, initiatives.where(plan, moment)) for plan in plans]
    ballots = ballots_of(wijken)
    awarded, redeemed = money_told.of(plans)
    return {
        "awarded": awarded,
        "redeemed": redeemed,
        "open_now": [initiatives.live_consultation(plan) for plan, stage in shown if stage is Stage.OPEN]
        + [each.consultation for each in ballots if each.phase is Phase.OPEN],
        "others": [each for each in shown if each[1] not in (Stage.OPEN, *FINISHED)],
        "finished": [each for each in shown if each[1] in FINISHED and not each[0].story],
        "showcase": [plan for plan in plans if plan.story],
        "ballots": [each for each in ballots if each.phase is not Phase.OPEN],
        "STAGES": STAGES,
    }
