"""Counter: the fields of a majority and of a threshold, for every form that asks for them."""

from flask_babel import lazy_gettext
from wtforms import IntegerField, RadioField, SelectChoice
from wtforms.validators import NumberRange, Optional

from ballots.counting.majority import Base, Majority, MissedQuorum, Quorum
from consult.forms import YesNoField


class MajorityFields:
    """How many must be in favour, and of what."""

    majority = RadioField(
        lazy_gettext("Welke meerderheid is nodig?"),
        [Optional()],
        choices=[
            SelectChoice(Majority.SIMPLE, lazy_gettext("Gewoon: meer stemmen voor dan tegen")),
            SelectChoice(Majority.ABSOLUTE, lazy_gettext("Absoluut: meer dan de helft is voor")),
            SelectChoice(
                Majority.TWO_THIRDS, lazy_gettext("Twee derde: minstens twee van de drie zijn voor")
            ),
        ],
    )
    base = RadioField(
        lazy_gettext("De helft of twee derde waarvan?"),
        [Optional()],
        description=lazy_gettext(
            "Alleen nodig bij absoluut en twee derde. Bij ‘alle brieven’ werkt een tegenstander "
            "die thuisblijft mee als een stem tegen."
        ),
        choices=[
            SelectChoice(Base.VOTES, lazy_gettext("Van de stemmen die binnenkomen")),
            SelectChoice(Base.LETTERS, lazy_gettext("Van alle brieven die zijn verstuurd")),
        ],
    )
    blank_in_majority = YesNoField(lazy_gettext("Telt blanco mee voor de meerderheid?"), [Optional()])


class QuorumFields:
    """Is there a threshold, and what does it mean to miss it."""

    quorum = RadioField(
        lazy_gettext("Is er een drempel?"),
        [Optional()],
        choices=[
            SelectChoice(Quorum.NONE, lazy_gettext("Nee. Elke opkomst is genoeg")),
            SelectChoice(
                Quorum.TURNOUT,
                lazy_gettext(
                    "Ja, een deel van de brieven moet zijn gebruikt. Een tegenstander kan dan thuisblijven"
                ),
            ),
            SelectChoice(
                Quorum.IN_FAVOUR,
                lazy_gettext(
                    "Ja, een deel van alle brieven moet vóór zijn. Thuisblijven maakt dan geen verschil"
                ),
            ),
        ],
    )
    quorum_percent = IntegerField(
        lazy_gettext("Hoeveel procent van de brieven?"), [Optional(), NumberRange(1, 100)]
    )
    blank_in_turnout = YesNoField(lazy_gettext("Telt blanco mee voor de opkomst?"), [Optional()])
    missed_quorum = RadioField(
        lazy_gettext("Wat als de drempel niet wordt gehaald?"),
        [Optional()],
        choices=[
            SelectChoice(
                MissedQuorum.BARS, lazy_gettext("Dan wint er niets en kan er niets worden toegekend")
            ),
            SelectChoice(
                MissedQuorum.REASONS,
                lazy_gettext("Dan mag de uitslag toch worden gevolgd, maar wie beslist schrijft op waarom"),
            ),
        ],
    )
