"""narekenen.py: what is published recounts, nothing that was changed does, and both count alike.

It shares no code with the service, so each election below is counted by two programs that never saw
each other. Bundles are made from the specification (`bundles.py`); attacks take any bundle and its key.
With WIJKSTEM_FULL set there are 10,000 mutations, else 500.
"""

import ast
import csv
import hashlib
import importlib.util
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import combinations_with_replacement
from itertools import count as count_from
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballots import paper
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import LIVE, Rule, WeighedRule, check, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.counting.ties import TieKey
from ballots.digest import groups
from ballots.paper import BLANK, Kind, Option, Points, Question
from ballots.refusals import Refusal
from tests.conftest import RULE, START, yes_no
from tests.trust import bundles
from tests.trust.bundles import (
    CASES,
    LENGTHEN,
    PROGRAM,
    YES_NO,
    Case,
    Files,
    canonical,
    hashed,
    made,
    marks,
    rebuilt,
    rows,
    signed,
    table,
)
from tests.trust.helpers import FIGURES

RIGHT, WRONG, NOT_PUBLISHED = 0, 1, 2
MUTATIONS = 10_000 if os.environ.get("WIJKSTEM_FULL") else 500
OPENINGS = "question;control;commitment;r_q;marking"

Attack = Callable[[Files, random.Random], Files]

ENDS = {"withdrawn": NOT_PUBLISHED, "to be asked again": NOT_PUBLISHED, "nobody": NOT_PUBLISHED}
ENDS |= {name: NOT_PUBLISHED for name in CASES if name.startswith("under the floor")}
PUBLISHED = [name for name in CASES if name not in ENDS]


def on_letter(files: Files) -> str:
    return groups(hashlib.sha256(files["definition.json"]).hexdigest())


def another_key(seed: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(random.Random(seed).randbytes(32))


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


@pytest.fixture(scope="module")
def unsigned() -> ModuleType:
    """The program without its check of signatures: what it catches then, it catches by content."""
    weak = load(PROGRAM.read_text())
    weak.verify = lambda key, message, signature: True  # type: ignore[attr-defined]
    return weak


def ends(program: ModuleType, *given: str | Path) -> tuple[int, str]:
    """Run the program inside this process, which takes less time. An exception is a traceback."""
    screen = io.BytesIO()
    said = io.TextIOWrapper(screen, "utf-8")
    with redirect_stdout(said):
        code = program.main([str(each) for each in given])
    said.flush()
    return code, screen.getvalue().decode()


def zipped(folder: Path, files: Files) -> Path:
    return bundles.zipped(folder / "bundle.zip", files)


def ended(
    program: ModuleType, folder: Path, files: Files, hash: str | None = None, kept: str | None = None
) -> tuple[int, str]:
    """Return how it ends for these files, and its last line; when something is wrong that is one sentence."""
    given = [str(zipped(folder, files)), *(["--hash", hash] if hash else [])]
    if kept is not None:
        (folder / "kept.txt").write_text(kept)
        given += ["--checkpoint", str(folder / "kept.txt")]
    code, said = ends(program, *given)
    last = said.splitlines()[-1]
    assert last.startswith("FOUT: ") == (code == WRONG), said
    assert said.count("FOUT: ") == (code == WRONG)
    return code, last


def verdict(
    program: ModuleType, folder: Path, files: Files, hash: str | None = None, kept: str | None = None
) -> int:
    return ended(program, folder, files, hash, kept)[0]


# What is published recounts


@pytest.mark.parametrize("name", CASES)
def test_what_is_published_recounts(tmp_path: Path, name: str) -> None:
    files, _ = made(CASES[name])
    checkpoints = json.loads(files["checkpoints.json"])
    (tmp_path / "kept.txt").write_text(checkpoints[len(checkpoints) // 2])
    given = zipped(tmp_path, files), "--hash", on_letter(files), "--checkpoint", tmp_path / "kept.txt"
    code, said = run(*given)
    assert code == ENDS.get(name, RIGHT), said
    assert ("niet na te rekenen" in said) == (name in ENDS)
    assert ("Alles klopt." in said) == (name not in ENDS)
    assert "die er bij uw controlepunt waren, staan er nog" in said


def test_the_cases_hold_what_they_are_for() -> None:
    of = {name: made(CASES[name], seed)[0] for seed, name in enumerate(CASES)}
    assert "lots.json" in of["lots"]
    apart = {name for name in PUBLISHED if "paper.csv" in of[name]}
    assert "joined paper" not in apart
    assert of["joined and unusable paper"]["paper.csv"] == b"question;marking;number\n1;ongeldig;1\n"
    assert apart >= {"quorum, web and paper", "weighed", "several", "only unusable paper"}
    assert {f"question-{n}.pb" for n in (2, 3)} <= set(of["several"])
    kinds = {entry["record"]["kind"] for files in of.values() for entry in json.loads(files["records.json"])}
    assert kinds == {"void", "replace", "add", "lengthen", "withdraw", "restart", "contest", "restored"}
    always = {"narekenen.py", "definition.json", "definition.sha256", "letters.json", "records.json"}
    always |= {"checkpoints.json", "commitments.csv", "manifest.json", "manifest.sig"}
    assert set(of["withdrawn"]) == always
    assert set(of["under the floor"]) == always | {"outcome.json", "redemptions.csv"}


def test_without_the_hash_it_says_that_it_has_shown_less(tmp_path: Path) -> None:
    files, _ = made(CASES["yes or no"])
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


def test_unpacked_and_zipped_again(tmp_path: Path) -> None:
    files, _ = made(CASES["several"])
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


def test_files_of_the_dossier_are_named_and_not_judged(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no"])
    code, said = ends(program, zipped(tmp_path, signed(files | {"journal.json": b"[]"}, key)))
    assert code == RIGHT
    assert "Niet nagekeken, want hier valt niets te rekenen: journal.json, narekenen.py." in said


def test_one_file_for_any_computer() -> None:
    """Nothing but Python itself, from 3.8 on, and no code of the service."""
    tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in imports if isinstance(node, ast.ImportFrom)]
    assert len(names) > 5
    assert set(names) <= sys.stdlib_module_names


def test_a_bundle_of_many_blocks(
    tmp_path: Path, program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large files are read in blocks; where those end makes no difference."""
    for name in ("several, and records", "weighed"):
        files, key = made(CASES[name])
        for size in (1, 60, 300, 1000):
            monkeypatch.setattr(program, "BLOCK", size)
            assert verdict(program, tmp_path, files) == RIGHT
            lines = files["openings.csv"].split(b"\n")
            lines[4], lines[5] = lines[5], lines[4]
            wrong = signed(files | {"openings.csv": b"\n".join(lines)}, key)
            assert ended(program, tmp_path, wrong) == (
                WRONG,
                "FOUT: de regels van openings.csv staan niet op volgorde.",
            )


# Whatever is changed is caught


def parsed(files: Files) -> object:
    """Return the content that is checked, so that a change that changes nothing can be passed over.

    Not checked is what nothing in the bundle tells again: the program, the steps that explain an outcome,
    who witnessed a lot and when, the heading of the file for other programs, and without the check of
    signatures these and which checkpoints there were before the last.
    """
    content: dict[str, object] = {}
    for name, data in files.items():
        try:
            content[name] = _parsed(name, data)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            content[name] = data
    return content


def _parsed(name: str, data: bytes) -> object:
    text = data.decode()
    if name in ("narekenen.py", "manifest.json", "manifest.sig"):
        return None
    if name.endswith(".pb"):
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        meta, rest = lines[: lines.index(["PROJECTS"])], lines[lines.index(["PROJECTS"]) :]
        heading = sorted(
            row for row in meta if row[0] in ("num_votes", "num_projects", "vote_type", "budget")
        )
        votes = rest.index(["VOTES"])
        return heading, rest[:2], sorted(rest[2:votes]), rest[votes:]
    if name == "commitments.csv":
        return text
    if name.endswith(".csv"):
        return sorted(text.split("\n"))
    value: Any = json.loads(text) if name.endswith(".json") else text
    if name == "outcome.json":
        return [{key: each for key, each in outcome.items() if key != "steps"} for outcome in value]
    if name == "lots.json":
        return [(lot["question"], lot["drawn"], sorted(set(lot) - {"question", "drawn"})) for lot in value]
    if name == "records.json":
        return [(entry["record"], sorted(entry)) for entry in value]
    if name == "checkpoints.json":
        return value[-1].rpartition("\n— ")[0]
    return value


def unchanged(changed: Files, files: Files) -> bool:
    """Say whether nothing that is checked was changed; of checkpoints there may be fewer, or some twice."""
    try:
        notes = {each.rpartition("\n— ")[0] for each in json.loads(changed["checkpoints.json"])}
        extra = notes - {each.rpartition("\n— ")[0] for each in json.loads(files["checkpoints.json"])}
    except (ValueError, KeyError, AttributeError):
        return False
    return not extra and parsed(changed) == parsed(files)


def a_byte(files: Files, chance: random.Random) -> Files:
    """Change, add or leave out a byte."""
    name = chance.choice(sorted(set(files) - {"manifest.json", "narekenen.py"}))
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
    """Leave out a row, double it, move it, or change a cell of it; rows stay sorted where they were."""
    name = chance.choice(sorted(name for name in files if name.endswith((".csv", ".pb"))))
    end = "\r\n" if name.endswith(".pb") else "\n"
    lines = files[name].decode().split(end)[:-1]
    head, body = (lines[:1], lines[1:]) if name.endswith(".csv") else ([], lines)
    if not body:
        return files
    at = chance.randrange(len(body))
    how = chance.choice(["leave", "double", "copy a cell", "copy a cell", "copy a row", "new cell", "move"])
    if how == "leave":
        del body[at]
    elif how == "double":
        body.append(body[at])
    elif how == "copy a row":
        body[at] = chance.choice(body)
    elif how == "move":
        body.insert(chance.randrange(len(body)), body.pop(at))
    else:
        cells, other = body[at].split(";"), chance.choice(body).split(";")
        cell = chance.randrange(len(cells))
        random_cell = chance.choice(["", "0", "2", "web", "x", "blanco", "voor", chance.randbytes(32).hex()])
        cells[cell] = random_cell if how == "new cell" else chance.choice(other)
        body[at] = ";".join(cells)
    body = sorted(body) if name.endswith(".csv") and name != "commitments.csv" else body
    return files | {name: "".join(line + end for line in head + body).encode()}


def another_answer(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, with a commitment and a control code that are right."""
    poll, terms = bundles.terms(files)
    lines = rows(files, "openings.csv")
    if not lines:
        return files
    at = chance.randrange(len(lines))
    number, _, _, _, old = lines[at]
    question = terms.questions[int(number) - 1]
    new = ",".join(marks(chance, question))
    if new == old:
        return files
    secret = chance.randbytes(32)
    made = bundles.commitment(poll, int(number), secret, new, paper.longest(question))
    lines[at] = bundles.opening(int(number), made, secret, new).split(";")
    return files | {"openings.csv": table(OPENINGS, list(map(";".join, lines)))}


def another_ballot(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, on the board too."""
    changed = another_answer(files, chance)
    lines = rows(files, "openings.csv"), rows(changed, "openings.csv")
    before, after = ({f"{each[0]};{each[2]}" for each in side} for side in lines)
    if before == after:
        return files
    (old,), (new,) = before - after, after - before
    return changed | {"commitments.csv": changed["commitments.csv"].replace(old.encode(), new.encode())}


def a_value(files: Files, chance: random.Random) -> Files:
    """Change one value somewhere in a JSON file."""
    name = chance.choice(sorted(name for name in files if name.endswith(".json") and name != "manifest.json"))
    value = json.loads(files[name])
    places = list(_places(value))
    if not places:
        return files
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
    name = chance.choice(sorted(set(files) - {"manifest.json", "manifest.sig"}))
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


ATTACKS: tuple[Attack, ...] = (a_byte, a_row, a_row, another_answer, another_ballot, a_value, a_value, a_file)


def hashed_again(changed: Files, files: Files) -> Files:
    """Return the changed files with the hash beside the definition made again; only the one on the letter stays."""
    if "definition.json" in changed and changed.get("definition.sha256") == files["definition.sha256"]:
        line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
        return changed | {"definition.sha256": line.encode()}
    return changed


@pytest.mark.parametrize("name", CASES)
def test_every_change_is_caught(tmp_path: Path, program: ModuleType, unsigned: ModuleType, name: str) -> None:
    """With the manifest as it was; with one signed by another key; and by content, without signatures."""
    files, _ = made(CASES[name], seed=7)
    hash, right, other = on_letter(files), ENDS.get(name, RIGHT), another_key()
    assert verdict(program, tmp_path, files, hash) == verdict(unsigned, tmp_path, files, hash) == right
    seeds, by_content = count_from(0), 0
    while by_content <= MUTATIONS // len(PUBLISHED):
        seed = next(seeds)
        chance = random.Random(f"{name} {seed}")
        attack = chance.choice(ATTACKS)
        changed = hashed_again(attack(files, chance), files)
        if changed == files:
            continue
        why = seed, attack.__name__
        assert verdict(program, tmp_path, changed, hash) == WRONG, why
        changed = signed(changed, other)
        assert verdict(program, tmp_path, changed, hash) == WRONG, why
        FIGURES["mutations, the manifest as it was: caught"] += 1
        FIGURES["mutations, the manifest signed with another key: caught"] += 1
        if unchanged(changed, files):
            continue
        by_content += 1
        found = verdict(unsigned, tmp_path, changed, hash)
        assert found != RIGHT, why
        if right is RIGHT:
            assert found == WRONG, why
            FIGURES["mutations, signatures not checked: caught by content"] += 1


# With the board key in hand: everything is consistent, but not with what somebody kept


def a_ballot_less(files: Files, chance: random.Random) -> Files:
    """Leave out one answer to each question, and a letter that was used."""
    lines, gone = rows(files, "openings.csv"), set[str]()
    for number in {each[0] for each in lines}:
        line = chance.choice([each for each in lines if each[0] == number])
        lines.remove(line)
        gone.add(f"{line[0]};{line[2]}")
    board = [";".join(each) for each in rows(files, "commitments.csv")]
    poll = bytes.fromhex(json.loads(files["definition.json"])["poll"])
    records = [entry["record"] for entry in json.loads(files["records.json"])]
    contested = {h for each in records if each["kind"] == "contest" for h in each["facts"]["letters"]}
    used = rows(files, "redemptions.csv")
    may_go = [
        row
        for row in used
        if row[1] == "web" and hashed("brief", poll, bytes.fromhex(row[0])).hex() not in contested
    ]
    used.remove(chance.choice(may_go))
    return files | {
        "openings.csv": table(OPENINGS, list(map(";".join, lines))),
        "commitments.csv": table(
            "question;commitment", [each for each in board if each not in gone], in_order=False
        ),
        "redemptions.csv": table("p;channel", list(map(";".join, used))),
    }


def another_order(files: Files, chance: random.Random) -> Files:
    """Put two commitments in each other's place."""
    board = [";".join(each) for each in rows(files, "commitments.csv")]
    one, other = chance.sample(range(len(board)), 2)
    board[one], board[other] = board[other], board[one]
    return files | {"commitments.csv": table("question;commitment", board, in_order=False)}


def another_reason(files: Files, chance: random.Random) -> Files:
    """Give another reason for a record."""
    entries = json.loads(files["records.json"])
    if not entries:
        return files
    chance.choice(entries)["record"]["reason"] = f"Er was iets anders ({chance.random()})."
    return files | {"records.json": canonical(entries)}


def a_record_less(files: Files, chance: random.Random) -> Files:
    """Leave out a record that nothing else hangs on."""
    entries = json.loads(files["records.json"])
    kinds = [entry["record"]["kind"] for entry in entries]
    if "restored" not in kinds:
        return files
    del entries[kinds.index(chance.choice(["restored", "contest"]))]
    return files | {"records.json": canonical(entries)}


FORGERIES: tuple[Attack, ...] = (
    another_ballot,
    another_ballot,
    a_ballot_less,
    another_order,
    another_reason,
    a_record_less,
)
FORGED = ("yes or no, and records", "several, and records", "quorum, web and paper", "joined paper")


def standing(files: Files, note: str) -> tuple[list[bytes], list[object]]:
    """Return the leaves and what the records say, of as many as a checkpoint counts."""
    size, number = bundles.counts(note)
    records = [entry["record"] for entry in json.loads(files["records.json"])[:number]]
    return bundles.leaves(files)[:size], records


@pytest.mark.parametrize("name", FORGED)
def test_who_holds_the_board_key_is_caught_by_a_checkpoint_that_was_kept(
    tmp_path: Path, program: ModuleType, name: str
) -> None:
    files, key = made(CASES[name], seed=3)
    caught, notes, seeds = 0, json.loads(files["checkpoints.json"]), count_from(0)
    assert {verdict(program, tmp_path, files, kept=note) for note in notes} == {RIGHT}
    while caught < MUTATIONS // len(FORGED):
        seed = next(seeds)
        chance = random.Random(f"{name} {seed}")
        forge, kept = chance.choice(FORGERIES), chance.choice(notes)
        forged = rebuilt(forge(files, chance), key)
        assert verdict(program, tmp_path, forged) == RIGHT, (seed, forge.__name__)  # alone it cannot be seen
        then, now = standing(files, kept), standing(forged, kept)
        expected = RIGHT if then == now else WRONG
        assert verdict(program, tmp_path, forged, kept=kept) == expected, (seed, forge.__name__)
        if expected == WRONG:
            caught += 1
            FIGURES["forgeries with the board key: caught by an earlier checkpoint"] += 1


def test_with_keys_of_ones_own_only_the_letter_tells(tmp_path: Path, program: ModuleType) -> None:
    """Who swaps the keys in the definition can sign everything again; the hash on the letter is another then."""
    files, _ = made(CASES["yes or no, and records"])
    key = another_key()
    definition = json.loads(files["definition.json"])
    definition["keys"]["board"] = key.public_key().public_bytes_raw().hex()
    forged = rebuilt(files | {"definition.json": canonical(definition)}, key)
    assert verdict(program, tmp_path, forged) == RIGHT
    code, said = ended(program, tmp_path, forged, on_letter(files))
    assert code == WRONG
    assert said.startswith("FOUT: de code op de brief is niet die van dit dossier")


def test_a_manifest_that_is_not_rebuilt(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["approve, greedy"])
    files = signed(files | {"report.pdf": b"%PDF-1.7"}, key)
    for name in sorted(files):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        assert verdict(program, tmp_path, files | {name: bytes(changed)}) == WRONG
        left = {other: data for other, data in files.items() if other != name}
        assert verdict(program, tmp_path, left) == WRONG
    assert verdict(program, tmp_path, files | {"more.txt": b""}) == WRONG


def with_manifest(files: Files, key: Ed25519PrivateKey, **changed: object) -> Files:
    """Return these files with this in their manifest (None: not there), signed by the board."""
    given = json.loads(files["manifest.json"]) | changed
    listed = canonical({name: value for name, value in given.items() if value is not None})
    return files | {"manifest.json": listed, "manifest.sig": f"{key.sign(listed).hex()}\n".encode()}


def test_a_manifest_of_another_poll_or_version(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["approve, greedy"])
    form = "FOUT: manifest.json heeft niet de vorm die erbij hoort."
    other = "FOUT: manifest.json is van een andere stemming dan definition.json."
    unknown = "FOUT: dit programma kent versie {} van deze bestanden niet, alleen versie 1."
    cases: list[tuple[dict[str, object], str]] = [
        ({"version": 2}, unknown.format(2)),
        ({"version": 0, "more": "things"}, unknown.format(0)),
        ({"version": "1"}, form),
        ({"version": True}, form),
        ({"version": None}, form),
        ({"poll": None}, form),
        ({"more": "things"}, form),
        ({"poll": bytes(16).hex()}, other),
        ({"poll": 1}, other),
        ({"poll": json.loads(files["manifest.json"])["poll"].upper()}, other),
    ]
    assert recounted(tmp_path, with_manifest(files, key)) == (RIGHT, "")
    for changed, sentence in cases:
        assert recounted(tmp_path, with_manifest(files, key, **changed)) == (WRONG, sentence), changed


def recounted(folder: Path, files: Files) -> tuple[int, str]:
    """Return how the program ends, and the last line where something is wrong."""
    code, said = run(zipped(folder, files))
    return code, said.splitlines()[-1] if code == WRONG else ""


@pytest.mark.parametrize("name", ENDS)
def test_little_is_published_and_that_is_checked(tmp_path: Path, program: ModuleType, name: str) -> None:
    """Whatever the board key signs about a poll that was withdrawn or small, the numbers must add up."""
    files, key = made(CASES[name])
    counts = json.loads(files["letters.json"])
    for one in counts:
        changed = files | {"letters.json": canonical(counts | {one: counts[one] + 1})}
        assert verdict(program, tmp_path, signed(changed, key)) == WRONG
    for one, other in (("web", "paper"), ("open", "void"), ("void", "open")):
        moved = counts | {one: counts[one] - 1, other: counts[other] + 1}
        changed = signed(files | {"letters.json": canonical(moved)}, key)
        if name != "nobody" or one != "web":
            assert verdict(program, tmp_path, changed) == (
                NOT_PUBLISHED if one == "web" and "redemptions.csv" not in files else WRONG
            )
    for published in ("openings.csv", "paper.csv", "question-1.pb"):
        assert verdict(program, tmp_path, signed(files | {published: b""}, key)) == WRONG


def test_votes_that_cannot_be_are_caught_under_the_floor(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["under the floor"])
    outcomes = json.loads(files["outcome.json"])
    for number, id in ((0, "voor"), (0, "tegen"), (0, BLANK), (1, BLANK)):
        changed = json.loads(json.dumps(outcomes))
        changed[number]["votes"][id] += 3
        altered = signed(files | {"outcome.json": canonical(changed)}, key)
        assert verdict(program, tmp_path, altered) == WRONG
    outcomes[0]["passed"] = not outcomes[0]["passed"]
    altered = signed(files | {"outcome.json": canonical(outcomes)}, key)
    assert verdict(program, tmp_path, altered) == WRONG
    board = files["commitments.csv"].decode().split("\n")
    del board[1]
    altered = rebuilt(files | {"commitments.csv": "\n".join(board).encode()}, key)
    assert ended(program, tmp_path, altered) == (
        WRONG,
        "FOUT: vraag 1: 1 antwoorden op het bord, en dat kan niet.",
    )


# The same attacks on weak variants


def other_secret(files: Files) -> Files:
    """Put another r_q in an opening."""
    lines = rows(files, "openings.csv")
    lines[0][3] = "00" * 32
    return files | {"openings.csv": table(OPENINGS, list(map(";".join, lines)))}


def other_outcome(files: Files) -> Files:
    """Change sides in the outcome."""
    (outcome,) = json.loads(files["outcome.json"])
    votes = outcome["votes"]
    votes["voor"], votes["tegen"] = votes["tegen"] + 1, votes["voor"]
    return files | {"outcome.json": canonical([outcome])}


def other_letter(files: Files) -> Files:
    """Put a letter that was never sent among those that were used."""
    lines = rows(files, "redemptions.csv")
    lines[0][0] = "00" * 32
    return files | {"redemptions.csv": table("p;channel", list(map(";".join, lines)))}


def twice_a_letter(files: Files) -> Files:
    """Let a letter count twice, in the place of another."""
    lines = rows(files, "redemptions.csv")
    lines[0] = lines[1]
    return files | {"redemptions.csv": table("p;channel", list(map(";".join, lines)))}


def void_letter(files: Files) -> Files:
    """Make a letter void that was used."""
    poll = bytes.fromhex(json.loads(files["definition.json"])["poll"])
    h = hashed("brief", poll, bytes.fromhex(rows(files, "redemptions.csv")[0][0])).hex()
    return files | {"records.json": recorded(files, "void", {"letters": [h]})}


def recorded(files: Files, kind: str, facts: object, people: int = 1, **more: object) -> bytes:
    """Return the records with one more, which `rebuilt` numbers and signs."""
    body = {"kind": kind, "facts": facts, "people": people, "at": START.isoformat(), "reason": "Post terug."}
    return canonical([*json.loads(files["records.json"]), {"record": body | more}])


def twice_an_answer(files: Files) -> Files:
    """Put one answer in the place of an equal one of somebody else, on the board too."""
    lines = rows(files, "openings.csv")
    marked = [line[4] for line in lines]
    one = next(n for n, marking in enumerate(marked) if marked.count(marking) > 1)
    two = marked.index(marked[one], one + 1)
    old, lines[two] = lines[two], lines[one]
    return files | {
        "openings.csv": table(OPENINGS, list(map(";".join, lines))),
        "commitments.csv": files["commitments.csv"].replace(old[2].encode(), lines[one][2].encode()),
    }


def one_answer_less(files: Files) -> Files:
    """Leave out an answer, on the board too, but not the letter."""
    lines = rows(files, "openings.csv")
    gone = lines.pop()
    board = [";".join(each) for each in rows(files, "commitments.csv") if each[1] != gone[2]]
    return files | {
        "openings.csv": table(OPENINGS, list(map(";".join, lines))),
        "commitments.csv": table("question;commitment", board, in_order=False),
    }


def off_the_board(files: Files) -> Files:
    """Count another answer than the board has."""
    return another_answer(files, random.Random(5))


SET = 'need(not any(map(eq, each, each[1:])), "in commitments'
WEAK: dict[str, tuple[Callable[[Files], Files], list[tuple[str, str]]]] = {
    "no commitment": (
        other_secret,
        [
            ('b"".join(hashes) != stated', "False"),
            ("not are_codes(codes, commitments)", "False"),
            ("opened == board", "True"),
        ],
    ),
    "no board": (off_the_board, [("opened == board", "True")]),
    "no list of letters": (
        other_letter,
        [("len(unused) != left - len(used)", "False")],
    ),
    "letters twice": (twice_a_letter, [("len(unused) != left - len(used)", "False")]),
    "void letters": (void_letter, [("standing.listed - standing.void", "set(standing.listed)")]),
    "answers twice": (
        twice_an_answer,
        [("not any(map(eq, every, every[1:]))", "True"), ("not any(map(eq, each, each[1:]))", "True")],
    ),
    "no numbers": (one_answer_less, [("found == expected, ", "True, ")]),
}


@pytest.mark.parametrize("name", WEAK)
def test_an_attack_that_a_weak_variant_misses(tmp_path: Path, program: ModuleType, name: str) -> None:
    """Everything is signed with the board key: only what is named here is wrong."""
    attack, changes = WEAK[name]
    weak = load(weakened(changes))
    files, key = made(CASES["yes or no"])
    changed = rebuilt(attack(files), key)
    hash = on_letter(files)
    assert verdict(weak, tmp_path, files, hash) == RIGHT
    assert verdict(weak, tmp_path, changed, hash) == RIGHT
    assert verdict(program, tmp_path, changed, hash) == WRONG


def weakened(changes: Sequence[tuple[str, str]]) -> str:
    text = PROGRAM.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_an_outcome_that_a_weak_variant_misses(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no"])
    weak = load(weakened([("canonical(stated[part]) == canonical(counted[part])", "True")]))
    changed = signed(other_outcome(files), key)
    assert verdict(weak, tmp_path, changed) == RIGHT
    assert verdict(program, tmp_path, changed) == WRONG


def test_signatures_that_a_weak_variant_misses(
    tmp_path: Path, program: ModuleType, unsigned: ModuleType
) -> None:
    """With another key: the manifest, a checkpoint, a record."""
    files, key = made(CASES["yes or no, and records"])
    other = another_key()
    notes, entries = json.loads(files["checkpoints.json"]), json.loads(files["records.json"])
    stranger = json.loads(rebuilt(files, other)["checkpoints.json"])
    text, signature = notes[2].partition("\n\n")[0], stranger[2].rpartition(" ")[2]
    assert stranger[2].startswith(text)
    notes[2] = stranger[2]  # the key has another id
    entries[1]["signature"] = other.sign(canonical(entries[1]["record"])).hex()
    sentences = {
        "manifest.json is niet ondertekend met de sleutel van deze stemming.": signed(files, other),
        "de handtekening onder aantekening 2 klopt niet.": signed(
            files | {"records.json": canonical(entries)}, key
        ),
    }
    for sentence, changed in sentences.items():
        assert ended(program, tmp_path, changed) == (WRONG, f"FOUT: {sentence}")
        assert verdict(unsigned, tmp_path, changed) == RIGHT
    changed = signed(files | {"checkpoints.json": canonical(notes)}, key)
    sentence = "FOUT: de handtekening onder controlepunt 3 van checkpoints.json klopt niet."
    assert ended(program, tmp_path, changed) == (WRONG, sentence)
    assert signature


# The board and its records


def before(days: float = 0, **more: object) -> dict[str, object]:
    """Return the moment of a record, so many days after the start."""
    return {"at": (START + timedelta(days=days)).isoformat()} | more


CLOSES = START + timedelta(days=14)


def lengthened(days: float) -> dict[str, object]:
    return {"closes": (CLOSES + timedelta(days=days)).isoformat(), "closes_text": "tot en met zondag"}


@dataclass(frozen=True)
class Known:
    """Letters of a bundle, by what became of them."""

    used: list[str]
    open: list[str]
    void: list[str]


def known(files: Files) -> Known:
    poll = bytes.fromhex(json.loads(files["definition.json"])["poll"])
    used = sorted(hashed("brief", poll, bytes.fromhex(p)).hex() for p, _ in rows(files, "redemptions.csv"))
    listed, void = set(json.loads(files["definition.json"])["letters"]), set[str]()
    for record in (entry["record"] for entry in json.loads(files["records.json"])):
        if record["kind"] == "replace":
            void |= {old for old, _ in record["facts"]["letters"]}
        if record["kind"] == "void":
            void |= set(record["facts"]["letters"])
    return Known(used, sorted(listed - void - set(used)), sorted(void))


NEW = ["00" * 32, "01" * 32, "02" * 32]
Made = Callable[[Known], tuple[str, object, int, dict[str, object]]]
MAY: dict[str, Made] = {
    "void": lambda k: ("void", {"letters": k.open[:2]}, 1, {}),
    "by two": lambda k: ("void", {"letters": k.open[:1]}, 2, {}),
    "replace": lambda k: ("replace", {"letters": [[k.open[0], NEW[1]]]}, 1, {}),
    "replace more": lambda k: ("replace", {"letters": [[k.open[0], NEW[1]], [k.open[1], NEW[0]]]}, 2, {}),
    "add": lambda k: ("add", {"letters": NEW}, 2, {}),
    "lengthen": lambda k: ("lengthen", lengthened(LENGTHEN), 2, before(13.999)),
    "contest": lambda k: ("contest", {"letters": k.used}, 1, before(99)),
    "restored": lambda k: ("restored", {"missing": 3}, 2, before(99)),
}
NOT_OPEN = "maakt een brief ongeldig die niet geldig was."
NOT_NEW = "voegt een brief toe die er al was."
UNKNOWN = "heeft iets wat dit programma niet kent."
FEW = "is door te weinig mensen besloten."
NOT_SO = "verlengt de stemming niet zoals vooraf is vastgelegd."
IN = "in aantekening {} van records.json staat iets wat daar niet hoort."
MAY_NOT: dict[str, tuple[Made, str]] = {
    "void, not listed": (lambda k: ("void", {"letters": NEW[:1]}, 1, {}), NOT_OPEN),
    "void, void": (lambda k: ("void", {"letters": k.void[:1]}, 1, {}), NOT_OPEN),
    "void, twice": (lambda k: ("void", {"letters": k.open[:1] * 2}, 1, {}), NOT_OPEN),
    "void, not sorted": (lambda k: ("void", {"letters": k.open[1::-1]}, 1, {}), IN),
    "void, none": (lambda k: ("void", {"letters": []}, 1, {}), IN),
    "void, no letter": (
        lambda k: ("void", {"letters": ["x"]}, 1, {}),
        "in aantekening {} staat een brief die geen brief is.",
    ),
    "void, no letters": (lambda k: ("void", {"letters": "x"}, 1, {}), IN),
    "void, more facts": (lambda k: ("void", {"letters": k.open[:1], "x": 1}, 1, {}), UNKNOWN),
    "void, by nobody": (lambda k: ("void", {"letters": k.open[:1]}, 0, {}), IN),
    "void, by three": (lambda k: ("void", {"letters": k.open[:1]}, 3, {}), IN),
    "void, by true": (lambda k: ("void", {"letters": k.open[:1]}, True, {}), IN),
    "void, after close": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, before(14 + LENGTHEN)),
        "is van nadat de stemming was gesloten.",
    ),
    "void, another time zone": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, {"at": "2026-06-02T12:00:00+02:00"}),
        IN,
    ),
    "void, no reason": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, {"reason": " \n"}),
        "heeft geen reden.",
    ),
    "void, more": (lambda k: ("void", {"letters": k.open[:1]}, 1, {"x": ""}), UNKNOWN),
    "replace, void": (lambda k: ("replace", {"letters": [[k.void[0], NEW[0]]]}, 1, {}), NOT_OPEN),
    "replace by a known one": (lambda k: ("replace", {"letters": [[k.open[0], k.open[1]]]}, 1, {}), NOT_NEW),
    "replace by a void one": (lambda k: ("replace", {"letters": [[k.open[0], k.void[0]]]}, 1, {}), NOT_NEW),
    "replace two by one": (
        lambda k: ("replace", {"letters": [[k.open[0], NEW[0]], [k.open[1], NEW[0]]]}, 2, {}),
        NOT_NEW,
    ),
    "replace, alone": (
        lambda k: ("replace", {"letters": [[k.open[0], NEW[0]], [k.open[1], NEW[1]]]}, 1, {}),
        FEW,
    ),
    "replace, no pair": (lambda k: ("replace", {"letters": [[k.open[0]]]}, 1, {}), IN),
    "add, known": (lambda k: ("add", {"letters": k.open[:1]}, 2, {}), NOT_NEW),
    "add, alone": (lambda k: ("add", {"letters": NEW}, 1, {}), FEW),
    "lengthen, too long": (lambda k: ("lengthen", lengthened(LENGTHEN + 1 / 24 + 1e-6), 2, {}), NOT_SO),
    "lengthen, not longer": (lambda k: ("lengthen", lengthened(0), 2, {}), NOT_SO),
    "lengthen, no day": (lambda k: ("lengthen", lengthened(1) | {"closes_text": " "}, 2, {}), NOT_SO),
    "lengthen, alone": (lambda k: ("lengthen", lengthened(1), 1, {}), FEW),
    "lengthen, after close": (
        lambda k: ("lengthen", lengthened(1), 2, before(14)),
        "is van nadat de stemming was gesloten.",
    ),
    "contest, not listed": (
        lambda k: ("contest", {"letters": NEW[:1]}, 1, {}),
        "betwist een brief die niet geldig was.",
    ),
    "contest, void": (
        lambda k: ("contest", {"letters": k.void[:1]}, 1, {}),
        "betwist een brief die niet geldig was.",
    ),
    "withdraw, alone": (lambda k: ("withdraw", {}, 1, {}), FEW),
    "restart, with facts": (lambda k: ("restart", {"x": 1}, 2, {}), UNKNOWN),
    "restored, alone": (lambda k: ("restored", {"missing": 1}, 1, {}), FEW),
    "restored, fewer than none": (lambda k: ("restored", {"missing": -1}, 2, {}), "telt niet goed."),
    "restored, no number": (lambda k: ("restored", {"missing": "1"}, 2, {}), "telt niet goed."),
    "another kind": (lambda k: ("undo", {}, 2, {}), UNKNOWN),
}


def with_record(files: Files, key: Ed25519PrivateKey, made: Made) -> Files:
    kind, facts, people, more = made(known(files))
    return rebuilt(files | {"records.json": recorded(files, kind, facts, people, **more)}, key)


@pytest.mark.parametrize("name", MAY)
def test_a_record_that_may_be_made(tmp_path: Path, program: ModuleType, name: str) -> None:
    files, key = made(CASES["quorum, web and paper"])
    assert verdict(program, tmp_path, with_record(files, key, MAY[name])) == RIGHT


@pytest.mark.parametrize("name", MAY_NOT)
def test_a_record_that_may_not_be_made(tmp_path: Path, program: ModuleType, name: str) -> None:
    files, key = made(CASES["quorum, web and paper"])
    files = with_record(files, key, lambda k: ("void", {"letters": k.open[2:]}, 1, {}))
    record, sentence = MAY_NOT[name]
    expected = sentence.format(2) if "{}" in sentence else f"aantekening 2 {sentence}"
    assert ended(program, tmp_path, with_record(files, key, record)) == (WRONG, f"FOUT: {expected}")


def test_what_records_make_impossible(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["quorum, web and paper"])
    twice = with_record(with_record(files, key, MAY["lengthen"]), key, MAY["lengthen"])
    assert ended(program, tmp_path, twice)[1] == "FOUT: aantekening 2 verlengt de stemming nog een keer."
    contested = with_record(files, key, MAY["contest"])
    void = with_record(contested, key, lambda k: ("void", {"letters": k.used[:1]}, 1, {}))
    assert ended(program, tmp_path, void)[1] == f"FOUT: aantekening 2 {NOT_OPEN}"
    unused = with_record(files, key, lambda k: ("contest", {"letters": k.open[:1]}, 1, {}))
    sentence = "FOUT: in records.json staat een betwiste brief die niet is gebruikt."
    assert ended(program, tmp_path, unused)[1] == sentence
    files, key = made(CASES["withdrawn"])
    more = rebuilt(files | {"records.json": recorded(files, "restored", {"missing": 1}, 2)}, key)
    sentence = "FOUT: aantekening 2 is van nadat de stemming was ingetrokken."
    assert ended(program, tmp_path, more)[1] == sentence
    files, key = made(CASES["yes or no"])
    withdrawn = rebuilt(files | {"records.json": recorded(files, "withdraw", {}, 2)}, key)
    assert verdict(program, tmp_path, withdrawn) == WRONG  # with an outcome all the same


def test_replacing_a_letter_raises_no_quorum(tmp_path: Path, program: ModuleType) -> None:
    """An address counts once, however many letters it was sent; one that was added counts."""
    rule = MajorityRule(
        Majority.SIMPLE, Base.VOTES, False, Quorum.TURNOUT, Fraction(3, 4), True, MissedQuorum.BARS
    )
    files, key = made(Case(((YES_NO, rule),)))  # 9 of 12 letters, just enough
    assert json.loads(files["outcome.json"])[0]["quorum_met"] is True
    replaced = with_record(files, key, MAY["replace"])
    assert json.loads(replaced["outcome.json"])[0]["quorum_met"] is True
    added = with_record(files, key, MAY["add"])
    assert json.loads(added["outcome.json"])[0]["quorum_met"] is False
    assert verdict(program, tmp_path, replaced) == verdict(program, tmp_path, added) == RIGHT


def test_records_follow_each_other(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    for change in ({"number": 4}, {"number": True}, {"number": "3"}, {"previous": "00" * 32}):
        entries = json.loads(files["records.json"])
        body = entries[2]["record"] | change
        entries[2] = {"record": body, "signature": key.sign(canonical(body)).hex()}
        changed = signed(files | {"records.json": canonical(entries)}, key)
        assert verdict(program, tmp_path, changed) == WRONG, change
    entries = json.loads(files["records.json"])
    for other in (entries[:2] + entries[3:], entries[:-1], [entries[1], entries[0], *entries[2:]]):
        changed = signed(files | {"records.json": canonical(other)}, key)
        assert verdict(program, tmp_path, changed) == WRONG


def test_checkpoints_agree_with_the_board(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    notes = json.loads(files["checkpoints.json"])
    leaves, poll = bundles.leaves(files), bytes.fromhex(json.loads(files["definition.json"])["poll"])
    hashes = [hashlib.sha256(files["definition.json"]).digest()]
    hashes += [
        hashlib.sha256(canonical(entry["record"])).digest() for entry in json.loads(files["records.json"])
    ]
    ninth = [*leaves[:8], leaves[0]]
    wrong = {
        "other leaves": (
            [*notes[:-1], bundles.note(key, poll, ninth, 6, hashes[6])],
            "daar staan andere antwoorden.",
        ),
        "other records": (
            [*notes[:-1], bundles.note(key, poll, leaves, 6, hashes[5])],
            "andere aantekeningen.",
        ),
        "more records": ([*notes, bundles.note(key, poll, leaves, 7, hashes[6])], "andere aantekeningen."),
        "more leaves": (
            [*notes, bundles.note(key, poll, [*leaves, b"\1" * 33], 6, hashes[6])],
            "telt 10 antwoorden op het bord, en nu zijn het er 9.",
        ),
        "a smaller one": ([*notes, notes[-2]], "telt minder dan het vorige."),
        "an earlier one": ([notes[1], notes[0], *notes[1:]], "telt minder dan het vorige."),
        "not the last": (notes[:-1], "het laatste controlepunt telt niet alles wat op het bord staat."),
        "none": ([], "het laatste controlepunt telt niet alles wat op het bord staat."),
        "no text": ([7], "in checkpoints.json staat iets wat daar niet hoort."),
    }
    for name, (given, sentence) in wrong.items():
        changed = signed(files | {"checkpoints.json": canonical(given)}, key)
        code, said = ended(program, tmp_path, changed)
        assert code == WRONG, name
        assert said.endswith(sentence), name
    twice = signed(files | {"checkpoints.json": canonical([*notes, notes[-1]])}, key)
    assert verdict(program, tmp_path, twice) == RIGHT
    files, key = made(CASES["nobody"])
    assert verdict(program, tmp_path, signed(files | {"checkpoints.json": b"[]"}, key)) == NOT_PUBLISHED


def test_a_checkpoint_that_was_kept(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    notes = json.loads(files["checkpoints.json"])
    other, _ = made(CASES["yes or no, and records"], seed=2)
    path, kept = zipped(tmp_path, files), tmp_path / "kept.txt"
    for right in (notes[0], notes[4], notes[-1].replace("\n", "\r\n"), notes[3].strip(), f"\n{notes[3]}\n\n"):
        kept.write_bytes(right.encode())
        assert ends(program, path, "--checkpoint", kept)[0] == RIGHT
        assert ends(program, "--checkpoint", kept, path, "--hash", on_letter(files))[0] == RIGHT
    line = notes[4].splitlines()[-1]
    of_another = json.loads(other["checkpoints.json"])[3]
    forged = rebuilt(files, another_key())
    poll, leaves = bytes.fromhex(json.loads(files["definition.json"])["poll"]), bundles.leaves(files)
    more = bundles.note(key, poll, [*leaves, b"\1" * 33], 0, bytes(32))
    wrong = {
        b"": "is geen controlepunt van een stemming.",
        b"hallo": "is geen controlepunt van een stemming.",
        b"\xff\xfe": "is niet te lezen.",
        of_another.encode(): "is van een andere stemming.",
        json.loads(forged["checkpoints.json"])[3].encode(): "klopt niet.",
        notes[4].replace("records 3", "records 2").encode(): "klopt niet.",
        notes[4].replace(line, notes[3].splitlines()[-1]).encode(): "klopt niet.",
        (notes[4] + line + "\n").encode(): "is geen controlepunt van een stemming.",
        more.encode(): "telt 10 antwoorden op het bord, en nu zijn het er 9.",
        b"x" * 1_000_000: "is geen controlepunt van een stemming.",
    }
    for given, sentence in wrong.items():
        kept.write_bytes(given)
        code, said = ends(program, path, "--checkpoint", kept)
        assert code == WRONG, given[:300]
        assert said.splitlines()[-1].startswith("FOUT: ")
        assert said.splitlines()[-1].endswith(sentence), said
    assert ends(program, path, "--checkpoint", tmp_path / "nergens")[0] == WRONG
    assert ends(program, path, "--checkpoint", tmp_path)[0] == WRONG


@pytest.mark.parametrize("name", ["under the floor", "withdrawn", "to be asked again"])
def test_little_is_published_but_a_kept_checkpoint_is_compared(
    tmp_path: Path, program: ModuleType, name: str
) -> None:
    files, key = made(CASES[name])
    note = json.loads(files["checkpoints.json"])[-2]
    assert verdict(program, tmp_path, files, kept=note) == NOT_PUBLISHED
    forged = rebuilt(another_order(files, random.Random(1)), key)
    assert verdict(program, tmp_path, forged) == NOT_PUBLISHED
    assert verdict(program, tmp_path, forged, kept=note) == WRONG


# Contested votes


def test_contested_votes_are_told(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(Case(((YES_NO, RULE),), web=30), seed=4)
    (outcome,) = json.loads(files["outcome.json"])
    margin = abs(outcome["votes"]["voor"] - outcome["votes"]["tegen"])
    assert margin > 2
    for number, certain in ((1, True), (margin, False)):
        letters = known(files).used[:number]
        changed = with_record(files, key, lambda k, some=letters: ("contest", {"letters": some}, 1, {}))  # type: ignore[misc]
        code, said = ends(program, zipped(tmp_path, changed))
        assert code == RIGHT
        assert f"gebruikte brieven waarvan het adres zegt dat het niet stemde: {number}." in said
        assert ("die stemmen kunnen de uitslag niet veranderen" in said) == certain
        assert ("niet uit te sluiten dat dit de uitslag verandert" in said) != certain


def test_an_outcome_is_called_certain_only_when_it_is(program: ModuleType) -> None:
    """Whatever votes are contested, and whatever they should have been: it stays the same outcome."""
    certain = Counter[type]()
    for seed in range(3000):
        chance = random.Random(seed)
        held = election(chance)
        if held is None or len(held.boxes) > 1 or held.question.most > 2 or len(held.question.options) > 3:
            continue
        question, rule = known_to(program, held)
        contested = chance.choice([1, 1, 2])
        box = held.boxes["web"]
        outcome = program.count(question, rule, held.boxes, held.letters, [])
        if not program.is_certain(question, rule, held.boxes, outcome, held.letters, contested):
            continue
        certain[type(held.rule)] += 1
        for changed in others(chance, held.question, box, contested):
            now = program.count(question, rule, {"web": changed}, held.letters, [])
            for part in ("winners", "part_funded", "ties", "passed", "quorum_met"):
                assert now[part] == outcome[part], (seed, held, changed)
    assert min(certain[MajorityRule], certain[PluralityRule], certain[GreedyRule]) > 5


def others(
    chance: random.Random, question: Question, box: Counter[str], contested: int
) -> Iterator[Counter[str]]:
    """Yield boxes in which up to so many votes are gone, or are another that is valid."""
    valid = [None, *{",".join(marks(chance, question)) for _ in range(30)}]
    for gone in combinations_with_replacement(sorted(box), contested):
        if Counter(gone) - box:
            continue
        for instead in combinations_with_replacement(valid, contested):
            yield box - Counter(gone) + Counter(filter(None, instead))


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
def test_a_broken_file_gives_a_sentence(tmp_path: Path, program: ModuleType, broken: str) -> None:
    files, key = made(CASES["lots"])
    for name in [*files, "paper.csv"]:
        if name == "narekenen.py" or files.get(name) == BROKEN[broken]:
            continue
        changed = signed(files | {name: BROKEN[broken]}, key)
        if name.startswith("manifest"):
            changed = files | {name: BROKEN[broken]}
        assert verdict(program, tmp_path, changed) == WRONG


def test_a_definition_of_any_shape_gives_a_sentence(
    tmp_path: Path, program: ModuleType, unsigned: ModuleType
) -> None:
    """Without the hash on the letter a changed definition may pass, but it never gives a traceback."""
    files, key = made(CASES["several"])
    endings = Counter[int]()
    for seed in range(300):
        chance = random.Random(seed)
        changed = a_value({"definition.json": files["definition.json"]}, chance)
        for _ in range(chance.randint(0, 2)):
            changed = a_value(changed, chance)
        altered = signed(hashed_again(files | changed, files), key)
        endings[verdict(program, tmp_path, altered)] += 1
        verdict(unsigned, tmp_path, altered)
    assert endings[WRONG] > 200


@pytest.mark.parametrize("name", ["records.json", "checkpoints.json", "letters.json", "lots.json"])
def test_a_list_of_any_shape_gives_a_sentence(tmp_path: Path, unsigned: ModuleType, name: str) -> None:
    files, key = made(CASES["lots" if name == "lots.json" else "several, and records"])
    for seed in range(150):
        changed = {name: files[name]}
        chance = random.Random(seed)
        for _ in range(chance.randint(1, 3)):
            changed = a_value(changed, chance)
        verdict(unsigned, tmp_path, signed(files | changed, key))


def test_a_bad_zip_gives_a_sentence(tmp_path: Path, program: ModuleType) -> None:
    files, _ = made(CASES["yes or no"])
    path = zipped(tmp_path, files)
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


def test_a_truncated_zip_gives_a_sentence(tmp_path: Path, program: ModuleType) -> None:
    files, _ = made(CASES["yes or no"])
    path = zipped(tmp_path, files)
    data = path.read_bytes()
    for part in range(1, 20):
        path.write_bytes(data[: len(data) * part // 20])
        assert ends(program, path) == (
            WRONG,
            f"FOUT: {path} is niet te lezen. Is het wel een heel dossier?\n",
        )


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
def test_two_files_of_one_name_give_a_sentence(tmp_path: Path, program: ModuleType) -> None:
    files, _ = made(CASES["yes or no"])
    path = zipped(tmp_path, files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("outcome.json", b"[]")
    assert ends(program, path)[0] == WRONG


def test_a_dossier_of_another_poll_gives_a_sentence(tmp_path: Path, program: ModuleType) -> None:
    """Whole, or in part: a file of another poll in the place of this one's, signed with the board key."""
    files, key = made(CASES["several, and records"])
    other, _ = made(CASES["several, and records"], seed=2)
    code, said = ended(program, tmp_path, other, on_letter(files))
    assert (code, said[:50]) == (WRONG, "FOUT: de code op de brief is niet die van dit doss")
    note = json.loads(files["checkpoints.json"])[0]
    assert ended(program, tmp_path, other, kept=note)[1].endswith("is van een andere stemming.")
    for name in sorted(set(files) - {"narekenen.py", "manifest.json", "manifest.sig"}):
        if other[name] != files[name]:
            assert verdict(program, tmp_path, signed(files | {name: other[name]}, key)) == WRONG, name


def test_what_it_prints_holds_no_signs_that_steer_a_screen(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no"])
    definition = json.loads(files["definition.json"])
    definition["terms"]["title"] = "\x1b[2J\x1b]0;Alles klopt.\x07\nAlles klopt. {} {0.real}"
    altered = rebuilt(files | {"definition.json": canonical(definition)}, key)
    code, said = ends(program, zipped(tmp_path, altered))
    assert code == RIGHT
    assert "\x1b" not in said
    assert "\x07" not in said
    assert not [line for line in said.splitlines() if line.startswith("Alles klopt.")]


@pytest.mark.parametrize(
    "given",
    [[], ["--hash"], ["nergens.zip"], ["a", "b"], ["-h"], [".", "--hash", "12"], [".", "--checkpoint"]],
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


KEYS = bundles.invented_keys(random.Random(1))[1]


def known_to(program: ModuleType, held: Election) -> tuple[Any, Any]:
    """Return the question and the rule as the recount knows them: from the definition only."""
    terms = replace(yes_no(), questions=(held.question,), rules=(held.rule,))
    fingerprints = [bytes([n]) * 32 for n in range(held.letters)]
    data = bundles.definition(bytes(16), terms, fingerprints, KEYS)
    definition = program.Definition(json.loads(data), "")
    return definition.questions[0], definition.rules[0]


def counted(program: ModuleType, held: Election, drawn: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what the recount makes of an election."""
    question, rule = known_to(program, held)
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
    tmp_path: Path, program: ModuleType, options: int
) -> None:
    """Of 24 that are equal and all cost something else nobody can follow every lot; of three, anybody."""
    plans = tuple(Option(f"plan-{n}", f"Plan {n}", 10_00 + 37 * 2**n % 1009) for n in range(options))
    question = Question("Welke plannen?", Kind.APPROVE, plans, 1, options)
    rule = GreedyRule(sum(plan.cost for plan in plans) // 2, {}, {}, Leftover.NONE, ())
    choice = tuple(plan.id for plan in plans)
    files, key = made(Case(((question, rule),), web=4, choice=choice, undrawn=True))
    end, said = ends(program, zipped(tmp_path, files), "--hash", on_letter(files))
    assert end == RIGHT
    assert ("NIET nagerekend" in said) == (options == 24)
    assert ("Alles klopt." in said) == (options == 3)
    (outcome,) = json.loads(files["outcome.json"])
    for change in ({"left": "0"}, {"votes": {**outcome["votes"], "plan-1": 4}}):
        altered = signed(files | {"outcome.json": canonical([outcome | change])}, key)
        assert verdict(program, tmp_path, altered) == WRONG
