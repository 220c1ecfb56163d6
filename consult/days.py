"""PURE. Days in the Netherlands: when they begin and end, and in Dutch words for what is printed and frozen."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PAPER_DAYS = 3  # days after the last one in which the office enters the papers; it is what residents are told
GRACE = timedelta(minutes=15)  # after the printed day, for whoever is busy voting at midnight


def day_of(moment: datetime) -> date:
    """Return the day it is in the Netherlands at this moment."""
    return moment.astimezone(AMSTERDAM).date()


def opens(first_day: date) -> datetime:
    """Return the moment a vote opens: at the start of its first day, Dutch time."""
    return datetime.combine(first_day, time(), AMSTERDAM).astimezone(UTC)


def closes(last_day: date) -> datetime:
    """Return the moment it closes: a grace after the end of its last day, Dutch time."""
    return datetime.combine(last_day + timedelta(days=1), time(), AMSTERDAM).astimezone(UTC) + GRACE


def last_day(closes: datetime) -> date:
    """Return the last day of a vote that closes at this moment."""
    return (closes - GRACE).astimezone(AMSTERDAM).date() - timedelta(days=1)


def papers_by(closes: datetime) -> date:
    """Return the day by which the papers of a vote that closes at this moment are to be entered."""
    return last_day(closes) + timedelta(days=PAPER_DAYS)


def closes_text(last_day: date) -> str:
    """Return "tot en met zondag 14 juni 2026"."""
    return f"tot en met {format_date(last_day, 'EEEE d MMMM y', locale='nl')}"
