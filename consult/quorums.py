"""PURE. Majority and threshold as the office chose them: what is missing, and the rule they make.

A wijkraadpleging and a question of a buurtstemming choose them in the same fields. Nothing has a
hidden default: what the choices so far do not use gets a value without effect.
"""

from fractions import Fraction
from typing import Protocol

from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.words import N_


class ChosenQuorum(Protocol):
    """The fields of a threshold; None where nobody chose. Text stands for the value of an enum."""

    @property
    def quorum(self) -> str | None: ...
    @property
    def quorum_percent(self) -> int | None: ...
    @property
    def blank_in_turnout(self) -> bool | None: ...
    @property
    def missed_quorum(self) -> str | None: ...


class ChosenMajority(ChosenQuorum, Protocol):
    """The fields of a majority, and of its threshold."""

    @property
    def majority(self) -> str | None: ...
    @property
    def base(self) -> str | None: ...
    @property
    def blank_in_majority(self) -> bool | None: ...


def missing_quorum(chosen: ChosenQuorum) -> dict[str, str]:
    """Return what still has to be chosen about the threshold: the office's words by field."""
    needed = {"quorum": N_("de drempel")}
    if chosen.quorum in (Quorum.TURNOUT, Quorum.IN_FAVOUR):
        needed["quorum_percent"] = N_("het percentage van de drempel")
        needed["missed_quorum"] = N_("wat er gebeurt als de drempel niet wordt gehaald")
    if chosen.quorum == Quorum.TURNOUT:
        needed["blank_in_turnout"] = N_("of blanco meetelt voor de opkomst")
    return _absent(chosen, needed)


def missing_majority(chosen: ChosenMajority) -> dict[str, str]:
    """Return what still has to be chosen about majority and threshold: the office's words by field."""
    needed = {"majority": N_("de meerderheid")}
    if chosen.majority in (Majority.ABSOLUTE, Majority.TWO_THIRDS):
        needed["base"] = N_("waarvan de meerderheid wordt genomen")
        if chosen.base == Base.VOTES:
            needed["blank_in_majority"] = N_("of blanco meetelt voor de meerderheid")
    return _absent(chosen, needed) | missing_quorum(chosen)


def _absent(chosen: object, needed: dict[str, str]) -> dict[str, str]:
    return {name: words for name, words in needed.items() if getattr(chosen, name) in (None, "")}


def share(chosen: ChosenQuorum) -> Fraction:
    """Return the share of the letters that the threshold asks for; 0 where there is none."""
    return Fraction(chosen.quorum_percent or 0, 100)


def missed(chosen: ChosenQuorum) -> MissedQuorum:
    """Return what a missed threshold means."""
    return MissedQuorum(chosen.missed_quorum or MissedQuorum.REASONS)


def majority_rule(chosen: ChosenMajority) -> MajorityRule:
    """Return the rule of complete choices."""
    return MajorityRule(
        majority=Majority(str(chosen.majority)),
        base=Base(chosen.base or Base.VOTES),
        blank_in_majority=bool(chosen.blank_in_majority),
        quorum=Quorum(str(chosen.quorum)),
        quorum_share=share(chosen),
        blank_in_turnout=bool(chosen.blank_in_turnout),
        missed_quorum=missed(chosen),
    )
