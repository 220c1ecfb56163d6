"""PURE. Count a Pabulib file again, as it says itself.

Limits that ballots break, columns that differ and rules that are not named do not stop a count: they
become remarks (`remarks.py`), and the count is what the file says.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ballots.counting import equal_shares, greedy
from ballots.counting.enough import votes_short
from ballots.counting.equal_shares import EqualSharesRule
from ballots.counting.greedy import GreedyRule
from ballots.counting.outcome import Outcome, decimal, number
from ballots.pabulib import file, remarks, rules
from ballots.pabulib.ballots import Ballots, added
from ballots.pabulib.file import PbFile
from ballots.pabulib.remarks import Remark
from ballots.pabulib.rules import VoteType
from ballots.paper import Kind, Option

KINDS = {
    VoteType.APPROVAL: Kind.APPROVE,
    VoteType.CHOOSE_ONE: Kind.CHOOSE_ONE,
    VoteType.CUMULATIVE: Kind.POINTS,
    VoteType.SCORING: Kind.POINTS,
    VoteType.ORDINAL: Kind.RANKING,
}


@dataclass(frozen=True)
class FileCount:
    """A counted file: its options (costs in the file's unit), the outcome and the remarks.

    `kind` is the paper its ballots would be, `rule` what was applied, if anything. `ways` is how many ballots
    came by each way of voting that the file names.
    """

    title: str
    kind: Kind
    rule: GreedyRule | EqualSharesRule | None
    currency: str
    ballots: int
    ways: Mapping[str, int]
    options: tuple[Option, ...]
    outcome: Outcome
    remarks: tuple[Remark, ...]


def count(pb: PbFile) -> FileCount:
    """Return the outcome of a file. Raises PbError where what decides cannot be read."""
    options = file.options(pb)
    ballots = added(pb)
    rule = rules.rule(pb)
    outcome = _outcome(pb, options, ballots, rule)
    return FileCount(
        title=pb.meta.get("description", ""),
        kind=KINDS[rules.vote_type(pb)],
        rule=rule,
        currency=pb.meta.get("currency", ""),
        ballots=ballots.size,
        ways=Counter(pb.of_votes("voting_method") or ()),
        options=options,
        outcome=outcome,
        remarks=tuple(remarks.remarks(pb, options, ballots, outcome)),
    )


def _outcome(
    pb: PbFile, options: Sequence[Option], ballots: Ballots, rule: GreedyRule | EqualSharesRule | None
) -> Outcome:
    if isinstance(rule, GreedyRule):
        outcome = greedy.count(_standing(options, rule), ballots.votes, rule, ballots.score)
    elif isinstance(rule, EqualSharesRule):
        outcome = equal_shares.count(options, ballots.grouped(), rule)
    else:
        outcome = Outcome({}, {}, left=rules.budget(pb))
    return replace(outcome, votes=ballots.votes, score=ballots.score)


def _standing(options: Sequence[Option], rule: GreedyRule) -> Sequence[Option]:
    """Return the options that a rule looks at: one that was withdrawn does not stop a rule that stops."""
    return options if rule.skip else [each for each in options if each.cost != rules.WITHDRAWN]


def enough(counted: FileCount) -> Callable[[str], int | None] | None:
    """Return what tells how many votes (points) more would have been enough for an option.

    None where the rule is no simple one of most votes first.
    """
    rule, outcome = counted.rule, counted.outcome
    if not isinstance(rule, GreedyRule):
        return None
    score = None if counted.kind in (Kind.APPROVE, Kind.CHOOSE_ONE) else outcome.score
    standing = _standing(counted.options, rule)
    return lambda id: votes_short(standing, outcome.votes, rule, id, score)


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
