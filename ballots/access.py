"""PURE. Who may open a page: each view carries its rule, `app.py` refuses a view without one."""

from collections.abc import Callable
from typing import TypeVar

EVERYONE = "everyone"
View = TypeVar("View", bound=Callable[..., object])


def open_to(*who: str) -> Callable[[View], View]:
    """Mark a view as open to these roles (or to EVERYONE); the mark is enforced before each request."""

    def mark(view: View) -> View:
        view.access = frozenset(who)  # type: ignore[attr-defined]
        return view

    return mark


def rule(view: object) -> frozenset[str] | None:
    """Return the roles a view is open to, or None where nobody said."""
    found: frozenset[str] | None = getattr(view, "access", None)
    return found
