"""PURE. Count a Pabulib file as it says itself, and tell what is odd about it.

Pure but for `read_path`, which reads the file. Limits that ballots break, columns that differ and
rules that are not named do not stop a count: they become remarks, and the count is what the file says.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ballots import pabulib
from ballots.counting import greedy
from ballots.counting.outcome import Outcome, decimal, number
from ballots.counting.tally import tally
from ballots.pabulib import Limit, PbFile
from ballots.paper import BLANK, Money, Option
from ballots.refusals import Refusal
from ballots.words import N_

MOST_BYTES = 256 * 1024 * 1024


class NoSuchFile(Refusal):
    text = N_("Dit bestand bestaat niet.")


class IsDirectory(Refusal):
    text = N_("Dit is een map, geen bestand.")


class Unreadable(Refusal):
    text = N_("Dit bestand kan niet worden gelezen: %(why)s.")


class TooLarge(Refusal):
    text = N_("Dit bestand is groter dan %(megabytes)d MB; dat is geen .pb-bestand.")


@dataclass(frozen=True)
class Remark:
    """Something to know about the file; `text` is a Dutch message id, `values` fill its placeholders."""

    text: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.text % self.values


@dataclass(frozen=True)
class FileCount:
    """A counted file: its options (costs in the file's unit), the outcome and the remarks."""

    title: str
    currency: str
    ballots: int
    options: tuple[Option, ...]
    outcome: Outcome
    remarks: tuple[Remark, ...]


def read_path(path: str) -> PbFile:
    """Return the `.pb` file at `path`. Raises a Refusal with one sentence when that cannot be done."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NoSuchFile from None
    except IsADirectoryError:
        raise IsDirectory from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise Unreadable(why=getattr(error, "strerror", None) or str(error)) from None
    if len(content) > MOST_BYTES:
        raise TooLarge(megabytes=MOST_BYTES // 1024 // 1024)
    return pabulib.read(content)


def count(pb: PbFile) -> FileCount:
    """Return the outcome of a file. Raises PbError or ComesLater (`ballots/pabulib.py`)."""
    pabulib.vote_type(pb)
    known = pabulib.rule_is_known(pb)
    options = pabulib.options(pb)
    ballots = pabulib.ballots(pb)
    votes = tally((option.id for option in options), ((ballot, 1) for ballot in ballots))
    if BLANK not in {option.id for option in options}:
        del votes[BLANK]  # a .pb file has no blanco
    if known:
        outcome = greedy.count(options, votes, pabulib.greedy_rule(pb))
    else:
        outcome = Outcome(votes, dict(votes), left=pabulib.budget(pb))
    return FileCount(
        title=pb.meta.get("description", ""),
        currency=pb.meta.get("currency", ""),
        ballots=len(ballots),
        options=options,
        outcome=outcome,
        remarks=tuple(_remarks(pb, options, outcome, known)),
    )


def as_line(given: str, counted: FileCount) -> dict[str, Any]:
    """Return what `flask ballots count --json` prints for a file; `given` is the argument as given."""
    outcome = counted.outcome
    assert outcome.left is not None
    return {
        "file": given,
        "votes": dict(outcome.votes),
        "score": {id: number(score) for id, score in outcome.score.items()},
        "selected": list(outcome.winners),
        "part_funded": [id for id, _ in outcome.part_funded],
        "left": decimal(outcome.left),
        "ties": [list(tie) for tie in outcome.ties],
        "remarks": [str(remark) for remark in counted.remarks],
    }


# -- remarks -----------------------------------------------------------------------------------------


def _remarks(pb: PbFile, options: tuple[Option, ...], outcome: Outcome, known: bool) -> list[Remark]:
    remarks = []
    if not known:
        remarks.append(
            Remark(
                N_("Het bestand noemt zijn regel niet; de stemmen zijn geteld, er is niemand gekozen."), {}
            )
        )
    elif pabulib.leftover(pb) is None:
        remarks.append(
            Remark(
                N_("Wat er met restgeld gebeurt (“%(text)s”) is hier niet bekend; het blijft over."),
                {"text": pb.meta["leftover_budget"][:80]},
            )
        )
    remarks += _broken_limits(pb, options)
    remarks += _oddities(pb, options)
    remarks += _differences(pb, outcome)
    return remarks


def _broken_limits(pb: PbFile, options: tuple[Option, ...]) -> list[Remark]:
    """Return how many ballots break the file's own limits, and which."""
    found, unclear = pabulib.limits(pb)
    if pb.meta.get("vote_type", "").lower() == "choose-1" and not pb.meta.get("max_length"):
        found.append(Limit("choose-1", least=False, of_money=False, amounts={"": 1}))
    by_id = {option.id: option for option in options}
    breaking, per_limit = 0, Counter[str]()
    for ballot in pabulib.ballots(pb):
        broken = [limit.key for limit in found if _breaks([by_id[id] for id in ballot], limit)]
        per_limit.update(broken)
        breaking += bool(broken)
    remarks = []
    if breaking:
        values = {
            "number": breaking,
            "all": len(pb.votes),
            "limits": ", ".join(f"{key}: {number}" for key, number in per_limit.items()),
        }
        text = N_(
            "Stembiljetten die zich niet houden aan de grenzen in het bestand: %(number)d van %(all)d"
            " (%(limits)s); zij tellen mee zoals zij er staan."
        )
        remarks.append(Remark(text, values))
    for key in unclear:
        remarks.append(Remark(N_("De grens %(key)s in het bestand is niet te begrijpen."), {"key": key}))
    return remarks


def _breaks(ballot: list[Option], limit: Limit) -> bool:
    """Return whether the ballot is under the least or over the most, of the whole or of some theme."""
    for theme, bound in limit.amounts.items():
        mine = [option for option in ballot if theme in ("", option.theme)]
        amount: Money = sum(option.cost for option in mine) if limit.of_money else len(mine)
        if amount < bound if limit.least else amount > bound:
            return True
    return False


def _oddities(pb: PbFile, options: tuple[Option, ...]) -> list[Remark]:
    remarks = []
    twice = sum(len(set(vote.chosen)) < len(vote.chosen) for vote in pb.votes)
    if twice:
        text = N_(
            "Stembiljetten die een project meer dan eens noemen: %(number)d;"
            " het telt zo vaak als het er staat."
        )
        remarks.append(Remark(text, {"number": twice}))
    wide = [row.line for row in pb.projects if len(row.cells) > len(pb.project_columns)]
    wide += [row.line for row in pb.votes if len(row.cells) > len(pb.vote_columns)]
    if wide:
        text = N_("Regels met meer kolommen dan hun kop: %(number)d (de eerste is regel %(line)d).")
        remarks.append(Remark(text, {"number": len(wide), "line": wide[0]}))
    if pabulib.rule_is_known(pb):
        rule = pabulib.greedy_rule(pb)
        for caps, names in (
            (rule.theme_caps, {option.theme for option in options}),
            (rule.place_caps, {option.place for option in options}),
        ):
            outside = sorted(names - set(caps) - {""}) if caps else []
            if outside:
                text = N_("Voor “%(name)s” noemt het bestand geen grens; daar geldt alleen het budget.")
                remarks += [Remark(text, {"name": name}) for name in outside]
    return remarks


def _differences(pb: PbFile, outcome: Outcome) -> list[Remark]:
    """Return where the file's own numbers differ from what is counted."""
    remarks = []
    for key, counted in (("num_projects", len(pb.projects)), ("num_votes", len(pb.votes))):
        stated = pb.meta.get(key, "")
        if stated and _number(stated) != counted:
            text = N_("Volgens het bestand is %(key)s %(stated)s; geteld zijn er %(counted)d.")
            remarks.append(Remark(text, {"key": key, "stated": stated[:40], "counted": counted}))
    for column, numbers in (("votes", outcome.votes), ("score", outcome.score)):
        cells = pb.column(column) or {}
        other = [id for id, cell in cells.items() if cell and _number(cell) != numbers[id]]
        if other:
            text = N_(
                "De kolom %(column)s van het bestand is anders dan geteld; aantal projecten: %(number)d"
                " (bij %(id)s staat %(stated)s, geteld is %(counted)s)."
            )
            id = other[0]
            values = {"column": column, "number": len(other), "id": id, "stated": cells[id][:40]}
            remarks.append(Remark(text, values | {"counted": decimal(numbers[id])}))
    return remarks + _official(pb, outcome)


def _official(pb: PbFile, outcome: Outcome) -> list[Remark]:
    """Return where the winners stated in the file are not those counted (ties and part-funded aside)."""
    stated = {id: _number(cell) for id, cell in (pb.column("selected") or {}).items()}
    if not outcome.winners or not any(stated.values()):
        return []
    unsure = {id for tie in outcome.ties for id in tie} | {id for id, _ in outcome.part_funded}
    unsure |= {step.option for step in outcome.steps if step.kind == "depends" and step.option}
    other = [id for id, n in stated.items() if id not in unsure and (n == 1) != (id in outcome.winners)]
    other = [id for id in other if stated[id] in (0, 1)]
    if not other:
        return []
    text = N_("De winnaars in het bestand zijn andere; aantal projecten dat verschilt: %(number)d (%(ids)s).")
    return [Remark(text, {"number": len(other), "ids": ", ".join(other[:10])})]


def _number(text: str) -> Money | None:
    try:
        return Fraction(text.replace(",", ".")) if len(text) < 40 else None
    except (ValueError, ZeroDivisionError):
        return None
