"""narekenen.py: what the service publishes recounts, nothing that was changed does, and both count alike.

It shares no code with the service, so each election below is counted by two programs that never saw
each other. Bundles are made by the real verbs; attacks change them and rebuild the manifest.
"""

import ast
import csv
import hashlib
import importlib.util
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from ballots import bundle, casting, letters, lots, paper, paper_votes, polls, published, web
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import LIVE, Rule, WeighedRule, check, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.database import db
from ballots.definition import Definition, canonical, decode
from ballots.digest import groups
from ballots.models import Poll
from ballots.paper import BLANK, YES_NO_OPTIONS, Kind, Option, Points, Question
from ballots.refusals import Refusal
from ballots.sealing import opening
from ballots.vault import Vault
from tests.conftest import RULE, START, close_poll, put, yes_no
from tests.trust.helpers import ROOT

PROGRAM = ROOT / "static" / "narekenen.py"
RIGHT, WRONG, NOT_PUBLISHED = 0, 1, 2

Files = dict[str, bytes]
Attack = Callable[[Files, random.Random], Files]

PLANS = (
    Option("bomen", "Bomen & banken", 40_00, "Groen", "Noord"),
    Option("plein-7", "Een <plein>; groot", 60_00, "Spelen"),
    Option("x", "حديقة", 30_00, "Groen"),
    Option("y.2", "Bankjes, overal", 30_00, "Zorg, wonen"),
)
YES_NO = Question("Voor of tegen?", Kind.YES_NO, YES_NO_OPTIONS)
ONE = Question("Welk plan?", Kind.CHOOSE_ONE, PLANS)
APPROVE = Question("Welke plannen?", Kind.APPROVE, PLANS, 1, 4, theme_most={"Groen": 2})
BASKET = Question("Waar gaat het geld heen?", Kind.BASKET, PLANS, 1, 3, 110_00, theme_budget={"Groen": 65_00})
POINTS = Question("Hoe verdeelt u ze?", Kind.POINTS, PLANS, 1, 3, points=Points(12, 2, 10))
RANKING = Question("Wat het liefst?", Kind.RANKING, PLANS, 1, 4, shuffled=True)
QUORUM = MajorityRule(
    Majority.TWO_THIRDS, Base.VOTES, True, Quorum.TURNOUT, Fraction(1, 3), True, MissedQuorum.BARS
)
GREEDY = GreedyRule(100_00, {"Groen": 50_00}, {"Noord": 45_00}, Leftover.NONE, ("lower-cost",))
HALVES = {"web": Fraction(1, 2), "paper": Fraction(1, 2)}


# Bundles, made by the verbs of the service


@dataclass(frozen=True)
class Case:
    """A poll: its questions and rules, how many vote by web and on paper, and what becomes of it."""

    asked: tuple[tuple[Question, Rule], ...]
    web: int = 9
    paper: int = 0
    unusable: int = 0
    withdrawn: bool = False
    equal: bool = False  # everybody chooses the same of what is equal, so that lots must be drawn


CASES: dict[str, Case] = {
    "yes or no": Case(((YES_NO, RULE),)),
    "quorum, web and paper": Case(((YES_NO, QUORUM),), paper=5),
    "one, plurality": Case(((ONE, PluralityRule(tie_order=("paper-order",))),)),
    "approve, greedy": Case(((APPROVE, GREEDY),), paper=4),
    "approve, more": Case(((APPROVE, replace(GREEDY, leftover=Leftover.MORE)),)),
    "approve, part": Case(((APPROVE, replace(GREEDY, leftover=Leftover.PART, skip=False)),)),
    "basket, equal shares": Case(
        ((BASKET, EqualSharesRule(150_00, Utility.COST, Completion.ADD1U, 100)),), paper=3, unusable=1
    ),
    "points, greedy": Case(((POINTS, replace(GREEDY, theme_caps={}, threshold=5)),)),
    "ranking, run-off": Case(((RANKING, RankedRule(Method.RUN_OFF)),), paper=4),
    "ranking, Schulze": Case(((RANKING, RankedRule(Method.SCHULZE, ("paper-order",))),)),
    "ranking, places": Case(((RANKING, GREEDY),)),
    "weighed": Case(
        ((APPROVE, WeighedRule(replace(GREEDY, tie_order=()), ChannelRule(HALVES, Part.BALLOTS))),), paper=4
    ),
    "joined paper": Case(((ONE, PluralityRule()),), paper=2),
    "joined and unusable paper": Case(((YES_NO, RULE),), paper=2, unusable=1),
    "only unusable paper": Case(((YES_NO, RULE),), paper=3, unusable=3),
    "several": Case(
        (
            (YES_NO, RULE),
            (POINTS, PluralityRule()),
            (BASKET, EqualSharesRule(150_00, Utility.NUMBER, Completion.ADD1, 100)),
        ),
        paper=3,
    ),
    "lots": Case(((APPROVE, GreedyRule(60_00, {}, {}, Leftover.PART, ())),), equal=True),
    "under the floor": Case(((YES_NO, RULE), (APPROVE, GREEDY)), web=2),
    "under the floor, with paper": Case(((ONE, PluralityRule()),), web=1, paper=1),
    "nobody": Case(((YES_NO, RULE),), web=0),
    "withdrawn": Case(((YES_NO, RULE),), withdrawn=True),
}
ENDS = {"withdrawn": NOT_PUBLISHED, "nobody": NOT_PUBLISHED}
ENDS |= {name: NOT_PUBLISHED for name in CASES if name.startswith("under the floor")}
PUBLISHED = [name for name in CASES if name not in ENDS]


def marks(chance: random.Random, question: Question, equal: bool = False) -> tuple[str, ...]:
    """Return a valid answer."""
    ids = [option.id for option in question.options]
    for _ in range(100):
        chosen = chance.sample(ids, chance.randint(1, question.most))
        if question.points:
            chosen = [f"{id}:{chance.randint(1, question.points.each)}" for id in chosen]
        if equal:
            chosen = ["bomen", "x", "plein-7"]
        if not paper.check(question, chosen) and chance.random() < 0.9:
            return tuple(paper.marking(question, chosen).split(","))
    return (BLANK,)


def own_files(poll: Poll) -> Files:
    """Return the poll's own files but for the program itself, which cannot judge itself."""
    return {name: data for name, data in published.files(db.session, poll).items() if name != PROGRAM.name}


def made(vault: Vault, case: Case, seed: int = 1) -> Files:
    """Hold a poll and return its files. All chance in it hangs on the case and the seed."""
    chance = random.Random(f"{seed} {case}")  # another poll has another id: outcomes are kept by it
    questions, rules = zip(*case.asked, strict=True)
    terms = replace(yes_no(), questions=questions, rules=rules)
    fixed = Vault(vault.folder, chance.randbytes)
    used = case.web + case.paper
    poll = polls.freeze(db.session, fixed, terms, used + 3, START, chance.randbytes)
    codes = [code for _, code in letters.printable(db.session, fixed, poll)]
    answers = [[marks(chance, question, case.equal) for question in questions] for _ in range(used)]
    if case.equal:
        answers[0] = [(BLANK,)]
    for code, answer in zip(codes[: case.web], answers, strict=False):
        found, p = casting.find(db.session, code)
        put(found, p, answer, chance.randbytes(32), START)
    for code in codes[case.web : used]:
        paper_votes.redeem(db.session, *casting.find(db.session, code), START)
    if case.withdrawn:
        polls.withdraw(db.session, web.vault(), poll, "De vraag klopte niet.", START)
        return manifested(own_files(poll))
    papers = answers[case.web + case.unusable :]
    if case.paper:
        paper_votes.enter(db.session, poll, papers, poll.closes, case.unusable)
    close_poll(poll, poll.closes, chance.randbytes)
    for number, outcome in enumerate(polls.outcomes(db.session, poll), 1):
        for tie in outcome.ties:
            drawn = chance.sample(tie, len(tie))
            lots.draw(db.session, poll, number, drawn, ["Jo Bos", "Mo Pot"], poll.closes + timedelta(1))
    return manifested(own_files(poll))


def manifested(files: Mapping[str, bytes]) -> Files:
    """Return these files with a manifest of them."""
    others = {name: data for name, data in files.items() if name != "manifest.json"}
    return unpacked(bundle.packed(others))


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write these files to a zip as they are, a wrong manifest too."""
    to = folder / "bundle.zip"
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return to


def on_letter(files: Files) -> str:
    return groups(hashlib.sha256(files["definition.json"]).hexdigest())


# Running it


def run(*given: str | Path) -> tuple[int, str]:
    """Run the program as a resident does; it never says anything but sentences."""
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *map(str, given)], capture_output=True, timeout=300, check=False
    )
    assert done.stderr == b""
    return done.returncode, done.stdout.decode()


def load(text: str) -> ModuleType:
    """Return the program, or a weak variant of it, as a module."""
    spec = importlib.util.spec_from_loader("narekenen", None)
    assert spec
    module = importlib.util.module_from_spec(spec)
    exec(compile(text, str(PROGRAM), "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def program() -> ModuleType:
    return load(PROGRAM.read_text())


def ends(program: ModuleType, *given: str | Path) -> tuple[int, str]:
    """Run the program inside this process, which takes less time. An exception is a traceback."""
    screen = io.BytesIO()
    said = io.TextIOWrapper(screen, "utf-8")
    with redirect_stdout(said):
        code = program.main([str(each) for each in given])
    said.flush()
    return code, screen.getvalue().decode()


def verdict(program: ModuleType, folder: Path, files: Files, hash: str | None = None) -> int:
    """Return how it ends for these files; when something is wrong it says so in one sentence."""
    given = [str(zipped(folder, files)), *(["--hash", hash] if hash else [])]
    code, said = ends(program, *given)
    last = said.splitlines()[-1]
    assert last.startswith("FOUT: ") == (code == WRONG), said
    return code


# What is published recounts


@pytest.mark.parametrize("name", CASES)
def test_what_is_published_recounts(app: Flask, vault: Vault, tmp_path: Path, name: str) -> None:
    files = made(vault, CASES[name])
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.packed({name: data for name, data in files.items() if name != "manifest.json"}))
    code, said = run(path, "--hash", on_letter(files))
    assert code == ENDS.get(name, RIGHT), said
    assert ("niet na te rekenen" in said) == (name in ENDS)
    assert ("Alles klopt." in said) == (name not in ENDS)


def test_the_cases_hold_what_they_are_for(app: Flask, vault: Vault) -> None:
    of = {name: made(vault, CASES[name], seed) for seed, name in enumerate(PUBLISHED)}
    assert "lots.json" in of["lots"]
    apart = {name for name in PUBLISHED if "paper.csv" in of[name]}
    assert "joined paper" not in apart
    assert of["joined and unusable paper"]["paper.csv"] == b"question;marking;number\n1;ongeldig;1\n"
    assert apart >= {"quorum, web and paper", "weighed", "several", "only unusable paper"}
    assert {f"question-{n}.pb" for n in (2, 3)} <= set(of["several"])


def test_without_the_hash_it_says_that_it_has_shown_less(app: Flask, vault: Vault, tmp_path: Path) -> None:
    files = made(vault, CASES["yes or no"])
    path, hash = zipped(tmp_path, files), on_letter(files)
    code, said = run(path)
    assert code == RIGHT
    assert hash in said
    assert "Alles klopt." not in said
    assert "Zonder de code van een brief" in said
    for typed in ([hash.upper()], hash.split(), [hash.replace(" ", "-")], [hash.replace(" ", "")]):
        assert run(path, "--hash", *typed)[0] == RIGHT
        assert run("--hash", *typed, path)[0] == RIGHT
    other = ("1" if hash[0] != "1" else "2") + hash[1:]
    code, said = run(path, "--hash", other)
    assert code == WRONG
    assert "FOUT: de code op de brief" in said


def test_unpacked_and_zipped_again(app: Flask, vault: Vault, tmp_path: Path) -> None:
    files = made(vault, CASES["several"])
    folder = tmp_path / "het dossier"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert run(folder)[0] == RIGHT
    inside = shutil.make_archive(str(tmp_path / "inside"), "zip", folder)
    around = shutil.make_archive(str(tmp_path / "around"), "zip", tmp_path, folder.name)
    assert run(inside)[0] == run(around)[0] == RIGHT
    (folder / ".DS_Store").write_bytes(b"of the computer")
    assert run(folder)[0] == RIGHT
    (folder / "extra.txt").write_bytes(b"of nobody")
    assert run(folder)[0] == WRONG


def test_files_of_the_dossier_are_named_and_not_judged(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    files = manifested(made(vault, CASES["yes or no"]) | {"journal.json": b"[]"})
    code, said = ends(program, zipped(tmp_path, files))
    assert code == RIGHT
    assert "Niet nagekeken, want hier valt niets te rekenen: journal.json." in said


def test_one_file_for_any_computer() -> None:
    """Nothing but Python itself, from 3.8 on, and no code of the service."""
    tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in imports if isinstance(node, ast.ImportFrom)]
    assert len(names) > 5
    assert set(names) <= sys.stdlib_module_names


# Whatever is changed is caught


def parsed(files: Files) -> object:
    """Return the content that is checked, so that a change that changes nothing can be passed over.

    Not checked is what nothing in the bundle tells again: the steps that explain an outcome, who
    witnessed a lot and when, and the heading of the file for other programs.
    """
    content: dict[str, object] = {}
    for name, data in files.items():
        try:
            content[name] = _parsed(name, data)
        except (ValueError, KeyError, TypeError, AttributeError):
            content[name] = data
    return content


def _parsed(name: str, data: bytes) -> object:
    text = data.decode()
    if name.endswith(".pb"):
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        meta, rest = rows[: rows.index(["PROJECTS"])], rows[rows.index(["PROJECTS"]) :]
        heading = sorted(
            row for row in meta if row[0] in ("num_votes", "num_projects", "vote_type", "budget")
        )
        votes = rest.index(["VOTES"])
        return heading, rest[:2], sorted(rest[2:votes]), rest[votes:]
    if name.endswith(".csv"):
        return sorted(text.split("\n"))
    value: Any = json.loads(text) if name.endswith(".json") else text
    if name == "outcome.json":
        return [{key: each for key, each in outcome.items() if key != "steps"} for outcome in value]
    if name == "lots.json":
        return [(lot["question"], lot["drawn"], sorted(set(lot) - {"question", "drawn"})) for lot in value]
    return value


def a_byte(files: Files, chance: random.Random) -> Files:
    """Change, add or leave out a byte."""
    name = chance.choice(sorted(set(files) - {"manifest.json"}))
    data = bytearray(files[name])
    at = chance.randrange(len(data))
    how = chance.choice(["change", "add", "leave"])
    if how == "change":
        data[at] ^= 1 << chance.randrange(8)
    elif how == "add":
        data.insert(at, chance.choice(b"0123456789abcdef;,\n "))
    else:
        del data[at]
    return files | {name: bytes(data)}


def a_row(files: Files, chance: random.Random) -> Files:
    """Leave out a row, double it, or change a cell of it; the rows stay sorted where they were."""
    name = chance.choice(sorted(name for name in files if name.endswith((".csv", ".pb"))))
    end = "\r\n" if name.endswith(".pb") else "\n"
    lines = files[name].decode().split(end)[:-1]
    head, rows = (lines[:1], lines[1:]) if name.endswith(".csv") else ([], lines)
    if not rows:
        return files
    at = chance.randrange(len(rows))
    how = chance.choice(["leave", "double", "copy a cell", "copy a cell", "copy a row", "new cell"])
    if how == "leave":
        del rows[at]
    elif how == "double":
        rows.append(rows[at])
    elif how == "copy a row":
        rows[at] = chance.choice(rows)
    else:
        cells, other = rows[at].split(";"), chance.choice(rows).split(";")
        cell = chance.randrange(len(cells))
        random_cell = chance.choice(["", "0", "2", "web", "x", "blanco", "voor", chance.randbytes(32).hex()])
        cells[cell] = random_cell if how == "new cell" else chance.choice(other)
        rows[at] = ";".join(cells)
    rows = sorted(rows) if name.endswith(".csv") else rows
    return files | {name: "".join(line + end for line in head + rows).encode()}


def a_forged_answer(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, with a commitment and a control code that are right."""
    definition = decode(files["definition.json"])
    rows = files["openings.csv"].decode().split("\n")[1:-1]
    if not rows:
        return files
    at = chance.randrange(len(rows))
    number, _, _, _, old = rows[at].split(";")
    question = definition.terms.questions[int(number) - 1]
    new = ",".join(marks(chance, question))
    if new == old:
        return files
    forged = opening(chance.randbytes(32), int(number), new, paper.longest(question))
    rows[at] = bundle.openings(definition.poll, [forged]).decode().split("\n")[1]
    text = "\n".join(["question;control;commitment;r_q;marking", *sorted(rows), ""])
    return files | {"openings.csv": text.encode()}


def a_value(files: Files, chance: random.Random) -> Files:
    """Change one value somewhere in a JSON file."""
    name = chance.choice(sorted(name for name in files if name.endswith(".json") and name != "manifest.json"))
    value = json.loads(files[name])
    places = list(_places(value))
    holder, key = chance.choice(places)
    old = holder[key]
    how = chance.choice(["change", "change", "change", "leave", "type", "double"])
    if how == "leave":
        del holder[key]
    elif how == "double" and isinstance(holder, list):
        holder.insert(key, old)
    elif how == "type":
        holder[key] = chance.choice([None, True, "x", 7, [], {}, -1])
    elif isinstance(old, bool):
        holder[key] = not old
    elif isinstance(old, int):
        holder[key] = old + chance.choice([-1, 1, 100])
    elif isinstance(old, str):
        holder[key] = old + "0"
    elif isinstance(old, list):
        chance.shuffle(old)
    return files | {name: canonical(value)}


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a JSON value, as what holds it and the key."""
    keys: Sequence[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])  # type: ignore[index]  # it has keys


def a_file(files: Files, chance: random.Random) -> Files:
    """Leave out a file, empty it, or add one that is the poll's own."""
    name = chance.choice(sorted(set(files) - {"manifest.json"}))
    how = chance.choice(["leave", "empty", "add"])
    if how == "leave":
        return {other: data for other, data in files.items() if other != name}
    if how == "empty":
        return files | {name: b""}
    return {
        "question-9.pb": b"META\r\n",
        "paper.csv": b"question;marking;number\n",
        "lots.json": b"[]",
    } | files


ATTACKS: tuple[Attack, ...] = (a_byte, a_row, a_row, a_forged_answer, a_value, a_value, a_file)
TIMES = 60


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_change_is_caught(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType, name: str
) -> None:
    """The manifest, and the hash beside the definition, are rebuilt; only the hash on the letter stays."""
    files = made(vault, CASES[name], seed=7)
    hash, right = on_letter(files), parsed(files)
    assert verdict(program, tmp_path, files, hash) == RIGHT
    caught = 0
    for seed in range(TIMES):
        chance = random.Random(seed)
        attack = chance.choice(ATTACKS)
        changed = attack(files, chance)
        if parsed(changed) == right:
            continue
        if "definition.json" in changed and changed.get("definition.sha256") == files["definition.sha256"]:
            line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
            changed["definition.sha256"] = line.encode()
        assert verdict(program, tmp_path, manifested(changed), hash) == WRONG, (seed, attack.__name__)
        caught += 1
    assert caught >= TIMES * 0.6


def test_a_manifest_that_is_not_rebuilt(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    files = manifested(made(vault, CASES["approve, greedy"]) | {"report.pdf": b"%PDF-1.7"})
    for name in sorted(files):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        assert verdict(program, tmp_path, files | {name: bytes(changed)}) == WRONG
        left = {other: data for other, data in files.items() if other != name}
        assert verdict(program, tmp_path, left) == WRONG
    assert verdict(program, tmp_path, files | {"more.txt": b""}) == WRONG


@pytest.mark.parametrize("name", [name for name in CASES if name in ENDS])
def test_little_is_published_and_that_is_checked(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType, name: str
) -> None:
    """Under the floor, or withdrawn: whatever is changed, it is never said that the outcome is right."""
    files = made(vault, CASES[name])
    hash = on_letter(files)
    for seed in range(TIMES):
        chance = random.Random(seed)
        changed = chance.choice((a_byte, a_value, a_file))(files, chance)
        assert verdict(program, tmp_path, manifested(changed), hash) != RIGHT
    counts = json.loads(files["letters.json"])
    for key in counts:
        changed = files | {"letters.json": canonical(counts | {key: counts[key] + 1})}
        assert verdict(program, tmp_path, manifested(changed), hash) == WRONG


def test_votes_that_cannot_be_are_caught_under_the_floor(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    files = made(vault, CASES["under the floor"])
    outcomes = json.loads(files["outcome.json"])
    for number, id in ((0, "voor"), (0, "tegen"), (0, BLANK), (1, BLANK)):
        changed = json.loads(json.dumps(outcomes))
        changed[number]["votes"][id] += 3
        altered = manifested(files | {"outcome.json": canonical(changed)})
        assert verdict(program, tmp_path, altered) == WRONG
    outcomes[0]["passed"] = not outcomes[0]["passed"]
    assert verdict(program, tmp_path, manifested(files | {"outcome.json": canonical(outcomes)})) == WRONG


# The same attacks on weak variants


def other_secret(files: Files) -> Files:
    """Put another r_q in an opening."""
    head, first, *rest = files["openings.csv"].decode().split("\n")
    cells = first.split(";")
    cells[3] = "00" * 32
    return files | {"openings.csv": "\n".join([head, ";".join(cells), *rest]).encode()}


def other_outcome(files: Files) -> Files:
    """Change sides in the outcome."""
    (outcome,) = json.loads(files["outcome.json"])
    votes = outcome["votes"]
    votes["voor"], votes["tegen"] = votes["tegen"] + 1, votes["voor"]
    return files | {"outcome.json": canonical([outcome])}


def other_letter(files: Files) -> Files:
    """Put a letter that was never sent among those that were used."""
    head, _, *rest, end = files["redemptions.csv"].decode().split("\n")
    rows = sorted(["00" * 32 + ";web", *rest])
    return files | {"redemptions.csv": "\n".join([head, *rows, end]).encode()}


def twice_a_letter(files: Files) -> Files:
    """Let a letter count twice, in the place of another."""
    head, first, _, *rest, end = files["redemptions.csv"].decode().split("\n")
    return files | {"redemptions.csv": "\n".join([head, *sorted([first, first, *rest]), end]).encode()}


def twice_an_answer(files: Files) -> Files:
    """Put one answer in the place of an equal one of somebody else."""
    head, *rows, end = files["openings.csv"].decode().split("\n")
    marked = [row.split(";")[4] for row in rows]
    one = next(n for n, marking in enumerate(marked) if marked.count(marking) > 1)
    two = marked.index(marked[one], one + 1)
    rows[two] = rows[one]
    return files | {"openings.csv": "\n".join([head, *sorted(rows), end]).encode()}


def one_answer_less(files: Files) -> Files:
    """Leave out an answer, and count the others right."""
    head, *rows, end = files["openings.csv"].decode().split("\n")
    gone = rows.pop().split(";")[4]
    (outcome,) = json.loads(files["outcome.json"])
    outcome["votes"][gone] -= 1
    if gone in outcome["score"]:
        outcome["score"][gone] -= 1
    passed = outcome["votes"]["voor"] > outcome["votes"]["tegen"]
    outcome |= {"passed": passed, "winners": ["voor"] if passed else []}
    return files | {
        "openings.csv": "\n".join([head, *rows, end]).encode(),
        "outcome.json": canonical([outcome]),
    }


WEAK = {
    "no commitment": (
        other_secret,
        [("hash.hexdigest() != commitment", "False"), ("control_code(hash.digest()) != control", "False")],
    ),
    "no outcome": (other_outcome, [("canonical(stated[part]) == canonical(counted[part])", "True")]),
    "no list of letters": (other_letter, [("h not in definition.letters", "False")]),
    "letters twice": (twice_a_letter, [("if h in used", "if False")]),
    "answers twice": (twice_an_answer, [("len(codes) == len(lines)", "True")]),
    "no numbers": (one_answer_less, [("found == expected, ", "True, ")]),
}


@pytest.mark.parametrize("name", WEAK)
def test_an_attack_that_a_weak_variant_misses(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType, name: str
) -> None:
    attack, changes = WEAK[name]
    text = PROGRAM.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    files = made(vault, CASES["yes or no"])
    hash, changed = on_letter(files), manifested(attack(files))
    assert verdict(load(text), tmp_path, files, hash) == RIGHT
    assert verdict(load(text), tmp_path, changed, hash) == RIGHT
    assert verdict(program, tmp_path, changed, hash) == WRONG


# Hostile and broken files


BROKEN = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "no value": b"{",
    "null": b"null",
    "number": b"7",
    "list": b"[]",
    "lists": b"[[],[[]]]",
    "object": b"{}",
    "deep": b"[" * 100_000,
    "large number": b"9" * 100_000,
    "exponent": b"[1e999999]",
    "not a number": b"[NaN]",
    "half a sign": b'["\\ud800"]',
    "csv": b";;;;\n;;\n\n",
    "nul": b"\0\0\0",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_gives_a_sentence(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType, broken: str
) -> None:
    files = made(vault, CASES["lots"]) | {"paper.csv": b""}
    for name in files:
        changed = manifested(files | {name: BROKEN[broken]})
        if name == "manifest.json":
            changed = files | {name: BROKEN[broken]}
        assert verdict(program, tmp_path, changed) == WRONG


def test_a_definition_of_any_shape_gives_a_sentence(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    """Without the hash on the letter a changed definition may pass, but it never gives a traceback."""
    files, endings = made(vault, CASES["several"]), Counter[int]()
    for seed in range(300):
        chance = random.Random(seed)
        changed = a_value({"definition.json": files["definition.json"]}, chance)
        for _ in range(chance.randint(0, 2)):
            changed = a_value(changed, chance)
        line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
        altered = manifested(files | changed | {"definition.sha256": line.encode()})
        endings[verdict(program, tmp_path, altered)] += 1
    assert endings[WRONG] > 200


def test_a_bad_zip_gives_a_sentence(app: Flask, vault: Vault, tmp_path: Path, program: ModuleType) -> None:
    path = zipped(tmp_path, made(vault, CASES["yes or no"]))
    data, chance = path.read_bytes(), random.Random(1)
    wrong = [b"", b"PK", b"no zip at all", data[: len(data) // 2], data[100:], b"PK\x05\x06" + bytes(18)]
    for _ in range(150):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        wrong.append(bytes(flipped))
    endings = Counter[int]()
    for each in wrong:
        path.write_bytes(each)
        code, said = ends(program, path)
        assert said.splitlines()[-1].startswith("FOUT: ") == (code != RIGHT)
        endings[code] += 1
    assert endings[WRONG] > 100
    assert endings[NOT_PUBLISHED] == 0


def test_a_zip_bomb_gives_a_sentence(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(2):
            with archive.open(f"openings-{number}.csv", "w", force_zip64=True) as file:
                for _ in range(130):
                    file.write(bytes(1_000_000))
    assert bomb.stat().st_size < 3_000_000
    code, said = run(bomb)
    assert (code, said) == (WRONG, "FOUT: de bestanden zijn samen te groot (260000000 bytes).\n")


def test_a_zip_of_very_many_files_gives_a_sentence(tmp_path: Path, program: ModuleType) -> None:
    many = zipped(tmp_path, {f"{number}.txt": b"" for number in range(1_001)})
    assert ends(program, many)[0] == WRONG


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_give_a_sentence(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    path = zipped(tmp_path, made(vault, CASES["yes or no"]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("outcome.json", b"[]")
    assert ends(program, path)[0] == WRONG


def test_what_it_prints_holds_no_signs_that_steer_a_screen(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType
) -> None:
    files = made(vault, CASES["yes or no"])
    definition = json.loads(files["definition.json"])
    definition["terms"]["title"] = "\x1b[2J\x1b]0;Alles klopt.\x07\nAlles klopt. {} {0.real}"
    data = canonical(definition)
    line = f"{hashlib.sha256(data).hexdigest()}  definition.json\n".encode()
    altered = manifested(files | {"definition.json": data, "definition.sha256": line})
    code, said = ends(program, zipped(tmp_path, altered))
    assert code == RIGHT
    assert "\x1b" not in said
    assert "\x07" not in said
    assert not [line for line in said.splitlines() if line.startswith("Alles klopt.")]


@pytest.mark.parametrize(
    "given", [[], ["--hash"], ["nergens.zip"], ["a", "b"], ["-h"], [".", "--hash", "12"]]
)
def test_without_a_dossier_it_says_how(given: list[str]) -> None:
    code, said = run(*given)
    assert code == WRONG
    assert said.startswith("FOUT: ")
    assert said.count("\n") == 1


def test_a_folder_with_a_link_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").symlink_to("/dev/zero")
    assert run(tmp_path) == (WRONG, f"FOUT: {tmp_path / 'manifest.json'} is geen gewoon bestand.\n")


# Two programs that never saw each other count the same


@dataclass(frozen=True)
class Election:
    """A random small election: costs and votes are often equal, so that there are ties."""

    question: Question
    rule: Rule
    boxes: dict[str, Counter[str]]
    letters: int


def election(chance: random.Random) -> Election | None:
    """Return one that a poll may be frozen with, if the dice gave that."""
    kind = chance.choice(list(Kind))
    question, rule = _question(chance, kind), _rule(chance, kind)
    try:
        check(question, rule)
    except Refusal:
        return None
    voters = chance.choice([0, 1, 2, 3, 4, 6, 9, 15])
    cast = [",".join(marks(chance, question)) for _ in range(voters)]
    boxes = {"web": Counter(cast)}
    if chance.random() < 0.4 and voters > 1:
        boxes = dict(zip(LIVE, (Counter(cast[: voters // 2]), Counter(cast[voters // 2 :])), strict=True))
    return Election(question, rule, boxes, voters + chance.randint(1, 5))


def _question(chance: random.Random, kind: Kind) -> Question:
    if kind is Kind.YES_NO:
        return YES_NO
    costs = chance.choice([[0, 10, 20, 30], [10], [10, 20], range(1, 60)])
    options = tuple(
        Option(
            f"o{n}",
            f"Plan {n}",
            chance.choice(costs),
            chance.choice(["", "A", "B"]),
            chance.choice(["", "P"]),
        )
        for n in range(chance.randint(1, 7))
    )
    most = 1 if kind is Kind.CHOOSE_ONE else chance.randint(1, len(options))
    question = Question("Wat?", Kind.APPROVE, options, chance.choice([0, 1]), most)
    if kind is Kind.BASKET:
        return replace(question, kind=kind, budget=chance.choice([None, 50]), theme_budget={"A": 30})
    if kind is Kind.POINTS:
        return replace(question, kind=kind, points=Points(6, chance.randint(1, min(6, 4 * most)), 4))
    return replace(question, kind=kind)


def _rule(chance: random.Random, kind: Kind) -> Rule:
    keys: list[TieKey] = ["lower-cost", "more-votes", "paper-order"]
    tie_order = tuple(chance.sample(keys, chance.choice([0, 0, 0, 1, 2])))
    quorum, share = chance.choice(list(Quorum)), Fraction(chance.randint(0, 5), chance.randint(5, 9))
    blank, missed = chance.random() < 0.5, chance.choice(list(MissedQuorum))
    skip = chance.random() < 0.7
    quorum_rule = (quorum, share, blank, missed)
    majority = MajorityRule(chance.choice(list(Majority)), chance.choice(list(Base)), not blank, *quorum_rule)
    plurality = PluralityRule(*quorum_rule, tie_order)
    caps: list[dict[str, int]] = [{}, {"A": chance.choice([0, 20, 30])}]
    budget, threshold = chance.choice([0, 10, 25, 30, 40, 60, 100]), Fraction(chance.choice([0, 0, 2, 3]), 2)
    leftover = chance.choice([each for each in Leftover if skip or each is not Leftover.MORE])
    greedy = GreedyRule(
        budget, chance.choice(caps), chance.choice([{}, {"P": 20}]), leftover, tie_order, skip, threshold
    )
    utility, completion = chance.choice(list(Utility)), chance.choice(list(Completion))
    step = Fraction(chance.choice([1, 2, 10]), 2)
    shares = EqualSharesRule(budget, utility, completion, step, tie_order)
    ranked = RankedRule(chance.choice(list(Method)), tie_order)
    weight = Fraction(chance.randint(1, 4), 5)
    channels = ChannelRule({"web": weight, "paper": 1 - weight}, chance.choice(list(Part)))
    by_votes = WeighedRule(plurality, channels)
    by_money = WeighedRule(replace(greedy, threshold=0), channels)
    rules: list[Rule] = [plurality, greedy, shares, ranked, by_votes, by_money]
    return majority if kind is Kind.YES_NO else chance.choice(rules)


def counted(program: ModuleType, held: Election, drawn: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what the recount makes of an election, which it knows from its definition only."""
    terms = replace(yes_no(), questions=(held.question,), rules=(held.rule,))
    fingerprints = tuple(bytes([n]) * 32 for n in range(held.letters))
    data = Definition(bytes(16), terms, fingerprints).encode()
    definition = program.Definition(json.loads(data))
    (question,), (rule,) = definition.questions, definition.rules
    found: dict[str, Any] = program.count(question, rule, held.boxes, held.letters, list(map(list, drawn)))
    return found


@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_both_count_the_same(program: ModuleType, start: int) -> None:
    """And again after each lot, until nothing is equal."""
    rules, with_lots = Counter[type](), 0
    for seed in range(start, start + 250):
        chance = random.Random(seed)
        held = election(chance)
        if held is None:
            continue
        drawn: list[Sequence[str]] = []
        for _ in range(5):
            boxes = {channel: list(box.items()) for channel, box in held.boxes.items()}
            outcome = count(held.question, held.rule, boxes, held.letters, drawn)
            service = as_json(outcome)
            del service["steps"]
            assert counted(program, held, drawn) == service, (seed, held, drawn)
            if not outcome.ties:
                break
            tie = chance.choice(outcome.ties)
            drawn.append(chance.sample(tie, len(tie)))
        rules[type(held.rule)] += 1
        with_lots += bool(drawn)
    assert len(rules) == 6
    assert with_lots > 5


@pytest.mark.parametrize("options", [3, 24])
def test_ties_too_many_to_follow_are_said_and_not_hidden(
    app: Flask, vault: Vault, tmp_path: Path, program: ModuleType, options: int
) -> None:
    """Of 24 that are equal and all cost something else nobody can follow every lot; of three, anybody."""
    plans = tuple(Option(f"plan-{n}", f"Plan {n}", 10_00 + 37 * 2**n % 1009) for n in range(options))
    question = Question("Welke plannen?", Kind.APPROVE, plans, 1, options)
    rule = GreedyRule(sum(plan.cost for plan in plans) // 2, {}, {}, Leftover.NONE, ())
    poll = polls.freeze(
        db.session, vault, replace(yes_no(), questions=(question,), rules=(rule,)), 4, START, random.randbytes
    )
    codes = [code for _, code in letters.printable(db.session, vault, poll)]
    for code in codes[:3]:
        found, p = casting.find(db.session, code)
        put(found, p, [[plan.id for plan in plans]], random.randbytes(32), START)
    close_poll(poll, poll.closes)
    files = manifested(own_files(poll))
    end, said = ends(program, zipped(tmp_path, files), "--hash", on_letter(files))
    assert end == RIGHT
    assert ("NIET nagerekend" in said) == (options == 24)
    assert ("Alles klopt." in said) == (options == 3)
    (outcome,) = json.loads(files["outcome.json"])
    for change in ({"left": "0"}, {"votes": {**outcome["votes"], "plan-1": 4}}):
        altered = manifested(files | {"outcome.json": canonical([outcome | change])})
        assert verdict(program, tmp_path, altered) == WRONG
