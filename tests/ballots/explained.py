"""What the tests of explanations share: papers, counts, and a result as plain text."""

from fractions import Fraction
from pathlib import Path

from ballots import explain, money
from ballots.counting import count
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome
from ballots.explaining.view import Result, Row
from ballots.pabulib import reading, recount
from ballots.paper import Kind, Option, Question

FILES = Path(__file__).parents[3] / "shared/data/pabulib"


HALVES = ChannelRule({"web": Fraction(1, 2), "paper": Fraction(1, 2)}, Part.BALLOTS)


PARK = (
    Option("a", "Bomen", 60_00, "groen"),
    Option("b", "Banken", 30_00, "groen"),
    Option("c", "Feest", 50_00),
    Option("d", "Boeken", 30_00),
)


UNSPENT = (
    "Wat over is, gaat in deze telling naar geen van de plannen. "
    "Wat er verder mee gebeurt, bepaalt de telling niet."
)


def budget(leftover: Leftover = Leftover.NONE, **caps: int) -> GreedyRule:
    return GreedyRule(100_00, caps, {}, leftover, ())


def paper(*options: Option, kind: Kind = Kind.APPROVE) -> Question:
    return Question("Welke?", kind, options, 1, len(options))


def square(*ids: str) -> tuple[Option, ...]:
    return tuple(Option(id, f"{id.upper()}-plein") for id in ids)


def counted(
    question: Question, rule: Rule, *lots: tuple[str, ...], letters: int = 500, **votes: int
) -> Outcome:
    """`a_b=3`: three ballots for a and b; `a2_b1` on a points paper two for a and one for b."""
    box = [(text.replace("_", ","), number) for text, number in votes.items()]
    if question.kind is Kind.POINTS:
        box = [(",".join(f"{mark[0]}:{mark[1:]}" for mark in text.split(",")), n) for text, n in box]
    return count.count(question, rule, {"web": box}, letters, lots)


def by_label(result: Result) -> dict[str, Row]:
    return {row.label: row for row in result.rows}


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def why(result: Result, label: str) -> str:
    return plain(" ".join(by_label(result)[label].why))


def more(result: Result, label: str) -> str:
    return plain(" ".join(by_label(result)[label].more))


def of_file(name: str) -> Result:
    done = recount.count(reading.read_path(str(FILES / name)))
    return explain.result(
        done.outcome,
        done,
        money=lambda amount: money.in_words(amount, "€"),
        rule=done.rule,
        ballots=done,
    )


def choice(*ids: str) -> Question:
    return Question("Welk plein?", Kind.CHOOSE_ONE, square(*ids))
