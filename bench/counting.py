"""What counting costs, each time beside what it is measured against, in one and the same run.

Run it as `python -m bench.counting [row …] [--size 0.1]`; rows are approvals, shares, rankings, file
and assen. It makes its own ballots, the same every time, in a temporary SQLite database with the real
tables. The two sides of a row take turns, and of each the median counts, in seconds of processor time:
all of it is work for one processor, and what else the machine does matters less. It prints a Markdown
table.

Equal Shares is set beside pabutools, which needs minutes for 100,000 ballots: it counts the first
`SAMPLE` of them, once, with the budget and the costs in proportion, so that shares and raises are the
same, and the times are compared per ballot. On that sample both must have the same winners.
"""

import argparse
import csv
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from ballots import box
from ballots.counting import equal_shares
from ballots.counting.count import Rule, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome
from ballots.counting.ranked import Method, RankedRule
from ballots.database import Base, prepare
from ballots.models import Box, Poll
from ballots.pabulib import file as pb_file
from ballots.pabulib import reading
from ballots.paper import Kind, Option, Question, longest

HERE = Path(__file__).parents[1]
ASSEN = HERE.parent / "shared/data/pabulib/Netherlands_Assen_2024.pb"
SEED = 2026
ROUNDS = 5
SAMPLE = 8_000  # ballots of 100,000 that pabutools counts
POLL = b"p" * 16
MOST_MEMORY = 400  # MB

Task = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """A line of the table: seconds of both sides; the ratio may be at most (or at least) the target."""

    work: str
    ours: float
    reference: float
    target: float
    faster: bool = False
    also: str = ""
    also_met: bool = True

    def __str__(self) -> str:
        ratio = self.reference / self.ours if self.faster else self.ours / self.reference
        met = ratio >= self.target if self.faster else ratio <= self.target
        target = f"≥ {self.target:g}× faster" if self.faster else f"≤ {self.target:g}×"
        verdict = "yes" if met and self.also_met else "**no**"
        return (
            f"| {self.work}{self.also} | {_time(self.ours)} | {_time(self.reference)} "
            f"| {ratio:.2f}× | {target} | {verdict} |"
        )


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def spent() -> float:
    """Return the seconds of processor time that this process and those it started have used so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def medians(*tasks: Task, rounds: int = ROUNDS) -> list[float]:
    """Return the median seconds of each task; they take turns, after one turn that is not measured."""
    for task in tasks:
        task()
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds):
        for task, seconds in zip(tasks, taken, strict=True):
            start = spent()
            task()
            seconds.append(spent() - start)
    return [median(seconds) for seconds in taken]


# -- ballots -----------------------------------------------------------------------------------------


def question(kind: Kind, options: int, most: int) -> Question:
    """Return a paper with so many options, which cost from 20,000 to 100,000 euros in cents."""
    costs = [2_000_000 + 8_000_000 * n * 37 % options // options for n in range(options)]
    return Question("", kind, tuple(Option(f"P{n:02d}", "", cost) for n, cost in enumerate(costs)), 1, most)


def approvals(options: int, number: int) -> Iterator[str]:
    """Yield so many markings of one to ten options, some of them far more popular than others."""
    import numpy as np

    random = np.random.default_rng(SEED)
    names = [f"P{n:02d}" for n in range(options)]
    while number > 0:
        drawn = (options * random.random((min(number, 10_000), 10)) ** 1.5).astype(int).tolist()
        sizes = random.integers(1, 11, len(drawn)).tolist()
        for row, size in zip(drawn, sizes, strict=True):
            yield ",".join(names[n] for n in sorted(set(row[:size])))
        number -= len(drawn)


def rankings(options: int, number: int) -> Iterator[str]:
    """Yield so many rankings of all options in any order."""
    import numpy as np

    random = np.random.default_rng(SEED)
    names = [f"P{n:02d}" for n in range(options)]
    while number > 0:
        order = random.permuted(np.tile(np.arange(options), (min(number, 10_000), 1)), axis=1)
        for row in order.tolist():
            yield ",".join(names[n] for n in row)
        number -= len(order)


def fill(path: Path, markings: Iterator[str], width: int) -> None:
    """Make a database with the real tables, and in it a box with these markings."""
    import numpy as np

    engine = create_engine(f"sqlite:///{path}")
    prepare(engine)
    Base.metadata.create_all(engine)
    random = np.random.default_rng(SEED)
    now = datetime.now(UTC)
    poll = {"id": POLL, "definition": b"", "hash": b"", "opens": now, "closes": now, "frozen_at": now}
    with engine.begin() as connection:
        connection.execute(insert(Poll), poll)
        while some := list(islice(markings, 10_000)):
            rows = [
                {
                    "poll_id": POLL,
                    "question": 1,
                    "commitment": key,
                    "secret": key,
                    "marking": text.ljust(width),
                }
                for key, text in zip((random.bytes(32) for _ in some), some, strict=True)
            ]
            connection.execute(insert(Box), rows)
    engine.dispose()


def counted(path: Path, paper: Question, *rules: Rule) -> list[Outcome]:
    """Return the outcome of the box by each of these rules, as the service counts it."""
    engine = create_engine(f"sqlite:///{path}")
    prepare(engine)
    with Session(engine) as session:
        return [count(paper, rule, {"web": box.markings(session, POLL, 1)}, 0) for rule in rules]


def queried(path: Path, query: str) -> None:
    """Run a query on the box and let every row pass."""
    for _ in sqlite3.connect(path).execute(query, (POLL,)):
        pass


# -- the rows ----------------------------------------------------------------------------------------


def approvals_row(folder: Path, size: float) -> Iterator[Row]:
    import numpy as np

    number, path, paper = int(1_000_000 * size), folder / "approvals.db", question(Kind.APPROVE, 100, 10)
    fill(path, approvals(100, number), longest(paper))
    table = np.zeros((number, 100), np.bool_)
    for n, marking in enumerate(approvals(100, number)):
        table[n, [int(id[1:]) for id in marking.split(",")]] = True
    budget = sum(option.cost for option in paper.options) // 4
    rule = GreedyRule(budget, {}, {}, Leftover.NONE, ("lower-cost", "paper-order"))

    (outcome,) = counted(path, paper, rule)
    assert list(outcome.score.values()) == table.sum(axis=0).tolist()
    ours, added, read = medians(
        lambda: counted(path, paper, rule),
        lambda: table.sum(axis=0),
        lambda: queried(path, "SELECT marking FROM box WHERE poll_id = ? AND question = 1"),
    )
    work = f"{number:,} approval ballots of 100 options: read, count, greedy"
    yield Row(f"{work} (a sum in numpy {_time(added)} and a bare read {_time(read)})", ours, added + read, 4)


def rankings_row(folder: Path, size: float) -> Iterator[Row]:
    number, path, paper = int(1_000_000 * size), folder / "rankings.db", question(Kind.RANKING, 10, 10)
    fill(path, rankings(10, number), longest(paper))
    grouping = "SELECT marking, count(*) FROM box WHERE poll_id = ? AND question = 1 GROUP BY marking"
    for method in Method:
        rule = RankedRule(method)
        ours, query = medians(lambda: counted(path, paper, rule), lambda: queried(path, grouping))  # noqa: B023
        child = [sys.executable, "-m", "bench.counting", "--peak", str(path), method]
        peak = int(subprocess.run(child, check=True, capture_output=True, text=True, cwd=HERE).stdout)
        yield Row(
            f"{number:,} rankings of 10, {method} (the grouping query alone)",
            ours,
            query,
            2,
            also=f", peak {peak} MB of at most {MOST_MEMORY}",
            also_met=peak <= MOST_MEMORY,
        )


def peak(path: Path, method: Method) -> int:
    """Return how many MB this process has needed at most, after counting the rankings in a box."""
    counted(path, question(Kind.RANKING, 10, 10), RankedRule(method))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def shares_row(folder: Path, size: float) -> Iterator[Row]:
    number = int(100_000 * size)
    markings = [*approvals(60, number)]
    for euros in (12, 120):  # of the budget for each voter: that takes a few raises, and many
        outcome, mine = _shares(markings, euros)
        sample, _ = _shares(markings[:SAMPLE], euros)
        theirs = _pabutools(markings[:SAMPLE], euros)
        (ours,) = medians(mine)
        start = spent()
        assert theirs() == set(sample.winners)
        reference = (spent() - start) / min(SAMPLE, number)
        raises = outcome.steps[0].values["raises"]
        work = f"Equal Shares add1, {number:,} ballots, 60 options, {raises} raises; a ballot"
        yield Row(f"{work} (pabutools, of {SAMPLE:,} ballots)", ours / number, reference, 200, faster=True)


def _election(voters: int, euros: int) -> tuple[list[Option], EqualSharesRule]:
    """Return sixty options and a rule, in cents, in proportion to the number of voters."""
    options = [Option(f"P{n:02d}", "", (20 + n * 37 % 80) * voters * euros // 12) for n in range(60)]
    return options, EqualSharesRule(euros * 100 * voters, Utility.COST, Completion.ADD1, 100)


def _shares(markings: Sequence[str], euros: int) -> tuple[Outcome, Task]:
    """Return our outcome, and the task of coming to it."""
    options, rule = _election(len(markings), euros)

    def task() -> Outcome:
        return equal_shares.count(options, ((marking, 1) for marking in markings), rule)

    return task(), task


def _pabutools(markings: Sequence[str], euros: int) -> Callable[[], set[str]]:
    """Return the task of finding the winners with pabutools; making its objects is not part of it."""
    from pabutools import election, rules

    options, rule = _election(len(markings), euros)
    projects = {option.id: election.Project(option.id, option.cost) for option in options}
    instance = election.Instance(projects.values(), budget_limit=rule.budget)
    voters = [election.ApprovalBallot(projects[id] for id in marking.split(",")) for marking in markings]
    profile = election.ApprovalProfile(voters, instance=instance)
    satisfaction, step = {"sat_class": election.Cost_Sat}, int(rule.step) * len(markings)

    def task() -> set[str]:
        found = rules.exhaustion_by_budget_increase(
            instance, profile, rules.method_of_equal_shares, satisfaction, budget_step=step
        )
        return {project.name for project in found}

    return task


def file_row(folder: Path, size: float) -> Iterator[Row]:
    number, times = int(14_411 * size), 20
    paper = question(Kind.APPROVE, 50, 10)
    file = folder / "ballots.pb"
    _write_pb(file, paper, [*approvals(50, number)])

    def read() -> None:
        for _ in range(times):
            with file.open(newline="", encoding="utf-8") as lines:
                list(csv.reader(lines, delimiter=";"))

    def process(copies: int) -> None:
        command = [sys.executable, "-m", "flask", "ballots", "count", "--json", *[str(file)] * copies]
        done = subprocess.run(command, check=True, capture_output=True, cwd=HERE)
        assert all(json.loads(line)["selected"] for line in done.stdout.splitlines())

    # the same file once and many times more: what the others cost is all but the start-up
    more, once, reading = medians(lambda: process(times + 1), lambda: process(1), read)
    work = f"a file of {number:,} ballots counted, from the path to JSON"
    also = f"; {_time(once)} with the start of the process"
    yield Row(f"{work} (reading it with csv)", (more - once) / times, reading / times, 2, also=also)


def _write_pb(path: Path, paper: Question, markings: Sequence[str]) -> None:
    lines = ["META", "key;value", "description;Bench", "country;Netherlands", "unit;Bench", "instance;2026"]
    lines += [f"num_projects;{len(paper.options)}", f"num_votes;{len(markings)}", "budget;500000"]
    lines += ["vote_type;approval", "rule;greedy", "max_length;10", "PROJECTS", "project_id;cost;name"]
    lines += [f"{option.id};{int(option.cost) // 100};Project {option.id}" for option in paper.options]
    lines += ["VOTES", "voter_id;age;sex;voting_method;neighborhood;vote"]
    for n, marking in enumerate(markings):
        lines.append(f"{n};{18 + n % 70};{'MV'[n % 2]};internet;Bench {n % 9};{marking}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def assen_row(folder: Path, size: float) -> Iterator[Row]:
    if not ASSEN.exists():
        print(f"No Assen: {ASSEN.name} is not here.", file=sys.stderr)
        return
    from pabutools import election, rules

    pb = reading.read_path(str(ASSEN))
    ballots = [(tuple(cell.split(",")), 1) for cell in pb.of_votes("vote") or ()]
    options = pb_file.options(pb)
    rule = EqualSharesRule(100_000, Utility.COST, Completion.ADD1, 1)
    instance, profile = election.parse_pabulib(str(ASSEN))
    satisfaction = {"sat_class": election.Cost_Sat}

    def theirs() -> set[str]:
        found = rules.exhaustion_by_budget_increase(
            instance, profile, rules.method_of_equal_shares, satisfaction, budget_step=len(ballots)
        )
        return {project.name for project in found}

    def ours() -> set[str]:
        return set(equal_shares.count(options, ballots, rule).winners)

    assert ours() == theirs()
    mine, reference = medians(ours, theirs)
    yield Row(f"Equal Shares add1, Assen 2024, {len(ballots)} ballots (pabutools)", mine, reference, 1, True)


ROWS = {
    "approvals": approvals_row,
    "shares": shares_row,
    "rankings": rankings_row,
    "file": file_row,
    "assen": assen_row,
}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    arguments.add_argument("--size", type=float, default=1.0, help="this part of the ballots")
    arguments.add_argument("--peak", nargs=2, metavar=("BOX", "METHOD"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.peak:
        print(peak(Path(given.peak[0]), Method(given.peak[1])))
        return
    if unknown := set(given.rows) - set(ROWS):
        arguments.error(f"no such row: {min(unknown)}")
    warnings.filterwarnings("ignore", module="pabutools")
    print("| work (beside it) | ours | beside it | ratio | target | met |\n|---|---|---|---|---|---|")
    for name in given.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            for row in ROWS[name](Path(folder), given.size):
                print(row, flush=True)


if __name__ == "__main__":
    main()
