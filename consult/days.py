"""PURE. Days in Dutch words, for what is printed and frozen."""

from datetime import date

from babel.dates import format_date


def closes_text(last_day: date) -> str:
    """Return "tot en met zondag 14 juni 2026"."""
    return f"tot en met {format_date(last_day, 'EEEE d MMMM y', locale='nl')}"
