"""Counter: what the forms of every counter share: what is wrong, in words that help."""

from flask_babel import lazy_gettext
from wtforms.validators import InputRequired, Length


def required() -> InputRequired:
    """Return the rule that something is filled in."""
    return InputRequired(lazy_gettext("Vul dit in."))


def sized(least: int, most: int) -> Length:
    """Return the rule that a text has between `least` and `most` characters."""
    return Length(least, most, lazy_gettext("Gebruik minstens %(min)d en hoogstens %(max)d tekens."))
