"""The same attacks on weak variants of narekenen.py: each is caught by the check that is named, and by no other."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.trust.bundles import (
    CASES,
    PROGRAM,
    Files,
    canonical,
    hashed,
    made,
    rebuilt,
    rows,
    signed,
    table,
)
from tests.trust.changing import another_answer
from tests.trust.recounting import (
    OPENINGS,
    RIGHT,
    WRONG,
    another_key,
    ended,
    load,
    on_letter,
    recorded,
    verdict,
)


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
            ("hashes != commitments", "False"),
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
