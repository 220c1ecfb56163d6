"""Whatever is changed in a bundle is caught, by whoever it was signed.

Attacks take any bundle and its key. With WIJKSTEM_FULL set there are 10,000 mutations, else 500.
"""

import csv
import io
import json
import random
from itertools import count as count_from
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.trust import bundles
from tests.trust.bundles import (
    CASES,
    Files,
    canonical,
    hashed,
    made,
    rebuilt,
    rows,
    signed,
    table,
)
from tests.trust.changing import a_value, another_answer, another_order, hashed_again
from tests.trust.helpers import FIGURES
from tests.trust.recounting import (
    ENDS,
    MUTATIONS,
    OPENINGS,
    PUBLISHED,
    RIGHT,
    WRONG,
    Attack,
    another_key,
    ended,
    on_letter,
    recounted,
    verdict,
)


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


def another_ballot(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, on the board too."""
    changed = another_answer(files, chance)
    lines = rows(files, "openings.csv"), rows(changed, "openings.csv")
    before, after = ({f"{each[0]};{each[2]}" for each in side} for side in lines)
    if before == after:
        return files
    (old,), (new,) = before - after, after - before
    return changed | {"commitments.csv": changed["commitments.csv"].replace(old.encode(), new.encode())}


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
