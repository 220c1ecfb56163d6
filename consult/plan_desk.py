"""Counter: a resident hands in a plan, one question a page, and follows it, all behind a private link.

No cookie, no account, no script: the secret in the path is all there is, so every page is for whoever has the link.
"""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.refusals import Refusal
from ballots.web import now, said
from consult import photos, plan_drafts, plan_forms, plan_story, stories
from consult.days import day_of
from consult.forms import wijk_choices
from consult.lifecycle import Stage
from consult.models import Initiative, PlanLink, Wijk
from consult.pages import STAGES, day, town
from consult.plan_forms import STEPS, TITLES, StepForm, WhereForm
from consult.public import public
from consult.refusals import CannotHide

plans = Blueprint("plans", __name__, url_prefix="/mijn-plan/<token>")

Page = str | AnyResponse | tuple[str, int]
ORDER = [*STEPS]


def _wijken() -> list[Wijk]:
    here = town()
    return here.wijken if here else []


def _choices() -> list[Any]:
    return wijk_choices((wijk.slug, wijk.name) for wijk in _wijken())


def link_or_404(token: str) -> PlanLink:
    """Return the link of this page, or answer that it does not work."""
    here = town()
    found = plan_drafts.find(db.session, here, token) if here else None
    if found is None:
        text = gettext(
            "Kijk of u de hele link hebt. Een plan dat niet is ingediend, bewaren wij %(days)d dagen. "
            "Is uw plan al ingediend en bent u de link kwijt? Neem dan contact op met uw gemeente.",
            days=plan_drafts.KEPT.days,
        )
        page = render_template("message.html", heading=gettext("Deze link werkt niet"), text=text)
        abort(Response(page, 404))
    return found


def plan_or_404(link: PlanLink) -> Initiative:
    """Return the plan of a link, or 404 where it is not handed in."""
    return link.initiative or abort(404)


def _shared(link: PlanLink, token: str) -> dict[str, Any]:
    """Return what every page of something that is written shows: the link, and until when it is kept."""
    return {
        "token": token,
        "link": link,
        "private": link.town.base_url + url_for("plans.show", token=token),
        "until": day(day_of(link.touched_at + plan_drafts.KEPT)),
        "days": plan_drafts.KEPT.days,
        "changing": link.initiative is not None,
    }


# Writing


@public.route("/plannen/nieuw", methods=["GET", "POST"])
@open_to(EVERYONE)
def hand_in() -> Page:
    """The first question. With its answer the link is made; nothing is kept of who only looks."""
    names = plan_forms.names_of("plan")
    typed = {name: request.form.get(name, "") for name in names}
    wijk = request.values.get("wijk", "")
    form = plan_forms.form_of("plan", typed, [])
    here = town()
    if request.method != "POST" or here is None or not any(each.strip() for each in typed.values()):
        if request.method == "POST":
            form.validate()
        page = render_template(
            "consult/plan/begin.html", form=form, wijk=wijk, days=plan_drafts.KEPT.days, total=len(ORDER)
        )
        return (page, 422) if form.errors else page
    if wijk in {each.slug for each in here.wijken}:
        typed["wijk"] = wijk
    token = plan_drafts.begin(db.session, here, typed, now())
    if form.validate():
        return redirect(url_for("plans.step", token=token, step=ORDER[1], nieuw=1), 303)
    return redirect(url_for("plans.step", token=token, step="plan", fout=1), 303)


@plans.route("/stap/<step>", methods=["GET", "POST"])
@open_to(EVERYONE)
def step(token: str, step: str) -> Page:
    """One question. What is typed is kept first, and looked at then."""
    link = link_or_404(token)
    if step not in STEPS:
        abort(404)
    if not plan_drafts.is_open(link):
        return redirect(url_for("plans.show", token=token), 303)
    if request.method != "POST":
        form = _form(link, step)
        if "fout" in request.args:
            _check(link, step, form)
        return _page(link, token, step, form)
    refusal = None
    typed = {name: request.form[name] for name in plan_forms.names_of(step) if name in request.form}
    plan_drafts.keep(db.session, link, typed, now())
    if step == "foto":
        refusal = _photo(link, request.form.get("alt", ""))
        if refusal is None and "weg" in request.form:
            return redirect(url_for("plans.step", token=token, step=step), 303)
    form = plan_forms.form_of(step, {**link.fields, **typed}, _choices())
    if _check(link, step, form, refusal):
        return redirect(_after(token, step), 303)
    return _page(link, token, step, form), 422


def _photo(link: PlanLink, alt: str) -> Refusal | None:
    """Keep, replace or take away the photo that was sent; return what is wrong with it."""
    if "weg" in request.form:
        plan_drafts.remove_photo(db.session, link, now())
        plan_drafts.keep(db.session, link, {"alt": ""}, now())
        return None
    sent = request.files.get("photo")
    try:
        data = sent.read(photos.MOST_BYTES + 1) if sent and sent.filename else b""
        if data:
            plan_drafts.add_photo(db.session, link, photos.made(data), alt, now())
        else:
            plan_drafts.describe_photo(db.session, link, alt, now())
    except Refusal as refusal:
        return refusal
    return None


def _form(link: PlanLink, step: str) -> StepForm:
    fields = dict(link.fields)
    if step == "foto" and link.photo:
        fields.setdefault("alt", link.photo.alt)
    return plan_forms.form_of(step, fields, _choices())


def _check(link: PlanLink, step: str, form: StepForm, refusal: Refusal | None = None) -> bool:
    """Say whether a step is as it should be; what is wrong stands in the form."""
    right: bool = form.validate()
    if step != "foto":
        return right
    form.photo_errors = [said(refusal)] if refusal else []
    alt = form["alt"]
    if link.photo and not (alt.data or "").strip():
        alt.errors = [gettext("Schrijf in één zin wat er op de foto te zien is.")]
    return not (alt.errors or refusal)


def _after(token: str, step: str) -> str:
    """Return the page after this one: the check page when one came from there, or after the last."""
    following = ORDER[ORDER.index(step) + 1 :]
    if "terug" in request.form or not following:
        return url_for("plans.show", token=token)
    return url_for("plans.step", token=token, step=following[0])


def _page(link: PlanLink, token: str, step: str, form: StepForm) -> str:
    at = ORDER.index(step)
    return render_template(
        "consult/plan/step.html",
        form=form,
        step=step,
        title=TITLES[step],
        number=at + 1,
        total=len(ORDER),
        back=url_for("plans.step", token=token, step=ORDER[at - 1]) if at else None,
        new="nieuw" in request.args,
        from_check="terug" in request.values,
        **_shared(link, token),
    )


def _forms(link: PlanLink) -> dict[str, StepForm]:
    """Return the form of every step, looked at."""
    found = {step: _form(link, step) for step in ORDER}
    for step, form in found.items():
        _check(link, step, form)
    return found


# One's own page


@plans.get("")
@open_to(EVERYONE)
def show(token: str) -> Page:
    """What was typed, to check before it is handed in; from then on where the plan stands."""
    link = link_or_404(token)
    if plan_drafts.is_open(link):
        return _checked(link, token)
    plan = plan_or_404(link)
    moment = now()
    return render_template(
        "consult/plan/follow.html",
        plan=plan,
        standing=plan_story.standing(plan, moment, yours=True),
        may_change=plan_drafts.may_change(plan, moment),
        may_withdraw=plan_drafts.may_withdraw(plan, moment),
        may_tell=stories.may_tell(plan, moment),
        telling=stories.being_told(plan),
        handed_in="ingediend" in request.args,
        changed="veranderd" in request.args,
        STAGES=STAGES,
        Stage=Stage,
        **_shared(link, token),
    )


def _checked(link: PlanLink, token: str, forms: dict[str, StepForm] | None = None) -> str:
    return render_template(
        "consult/plan/check.html",
        forms=forms or _forms(link),
        tried=forms is not None,
        TITLES=TITLES,
        wijken={each.slug: each.name for each in _wijken()},
        **_shared(link, token),
    )


@plans.post("/indienen")
@open_to(EVERYONE)
def send(token: str) -> Page:
    """Hand the plan in, or put the changes into it."""
    link = link_or_404(token)
    if not plan_drafts.is_open(link):
        return redirect(url_for("plans.show", token=token), 303)  # sent twice
    forms = _forms(link)
    if any(form.errors for form in forms.values()):
        return _checked(link, token, forms), 422
    fields = {name: field.data for form in forms.values() for name, field in form._fields.items()}
    where = forms["waar"]
    assert isinstance(where, WhereForm)
    wijk = next(each for each in _wijken() if each.slug == where.wijk.data)
    texts = {name: str(fields[name]) for name in plan_drafts.TEXTS}
    if link.initiative:
        plan_drafts.change(db.session, link, link.initiative, wijk, fields["amount"], texts, now())
        return redirect(url_for("plans.show", token=token, veranderd=1), 303)
    plan_drafts.hand_in(db.session, link, wijk, fields["amount"], texts, now())
    return redirect(url_for("plans.show", token=token, ingediend=1), 303)


@plans.post("/wijzigen")
@open_to(EVERYONE)
def change(token: str) -> Page:
    """Take the answers up again."""
    link = link_or_404(token)
    plan_drafts.begin_change(db.session, link, plan_or_404(link), now())
    return redirect(url_for("plans.show", token=token), 303)


@plans.route("/weg", methods=["GET", "POST"])
@open_to(EVERYONE)
def leave(token: str) -> Page:
    """Ask, and then: throw away what was not handed in, or the changes, or withdraw the plan."""
    link = link_or_404(token)
    plan = link.initiative
    if plan and plan.withdrawn_at:
        return redirect(url_for("plans.show", token=token), 303)  # sent twice
    if plan and not link.fields and not plan_drafts.may_withdraw(plan, now()):
        raise CannotHide()
    if request.method != "POST":
        return render_template("consult/plan/leave.html", plan=plan, **_shared(link, token))
    if plan is None:
        plan_drafts.discard(db.session, link)
        return render_template("consult/plan/gone.html")
    if link.fields:
        plan_drafts.stop_change(db.session, link)
    else:
        plan_drafts.withdraw(db.session, plan, now())
    return redirect(url_for("plans.show", token=token), 303)


@plans.post("/opnieuw")
@open_to(EVERYONE)
def again(token: str) -> Page:
    """Begin a new plan with the answers of this one, under a link of its own."""
    link = link_or_404(token)
    new = plan_drafts.again(db.session, plan_or_404(link), now())
    return redirect(url_for("plans.show", token=new), 303)
