"""Hostile and broken files: narekenen.py answers each with one sentence."""

import json
import random
import zipfile
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests.trust.bundles import (
    CASES,
    canonical,
    made,
    rebuilt,
    signed,
)
from tests.trust.changing import a_value, hashed_again
from tests.trust.recounting import NOT_PUBLISHED, RIGHT, WRONG, ended, ends, on_letter, run, verdict, zipped

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
