"""narekenen.py: what is published recounts, also where little may be published.

Bundles are made from the specification (`bundles.py`). The other files here named test_recount_… say what it catches.
"""

import ast
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ballots.paper import BLANK
from tests.trust.bundles import (
    CASES,
    PROGRAM,
    canonical,
    made,
    rebuilt,
    signed,
)
from tests.trust.recounting import (
    ENDS,
    NOT_PUBLISHED,
    PUBLISHED,
    RIGHT,
    WRONG,
    ended,
    ends,
    on_letter,
    run,
    verdict,
    zipped,
)


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
