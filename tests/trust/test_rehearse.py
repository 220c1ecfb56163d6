"""`flask ballots rehearse`: the real path gives what the count of the file gives, one ballot a vote."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from ballots import filecount, pabulib, paper

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "data" / "pabulib"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no Pabulib samples in ../shared/data/pabulib"
)
COUNTED = ("votes", "score", "selected", "part_funded", "left", "ties")
KEYS = {"file", *COUNTED, "remarks", "cast", "refused", "seconds"}

# At least one and at most two projects: voters 3 (three projects) and 6 (one twice) break that.
LIMITS = (
    "META\nkey;value\ndescription;Plein & <park>\nbudget;100.50\ncurrency;EUR\nvote_type;approval\n"
    "rule;greedy\nmin_length;1\nmax_length;2\n"
    "PROJECTS\nproject_id;cost;name\nb;60;Bomen\na;50;Bänken\nc;40.50;حديقة\n"
    "VOTES\nvoter_id;vote\n1;b\n2;b,a\n3;a,b,c\n4;c\n5;a,c\n6;b,b\n7;c\n"
)
BASKET = LIMITS.replace("max_length;2\n", "max_sum_cost;100\n")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An app whose own database is a file that must not even be made."""
    folder = tmp_path / "own"
    url = f"sqlite:///{folder / 'never.db'}"
    yield create_app({"SECRET_KEY": "x", "DATA_DIR": str(folder), "DATABASE_URL": url, "TESTING": True})
    assert not folder.exists()


def rehearse(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["ballots", "rehearse", *arguments])


def expected(path: Path, voters: int | None) -> tuple[dict[str, Any], int, int]:
    """Return the count of the file without the ballots its paper refuses, and how many are left and refused."""
    pb = filecount.read_path(str(path))
    votes, question = pb.votes[:voters], pabulib.live_question(pb)
    kept = tuple(vote for vote in votes if paper.check(question, vote.chosen or (paper.BLANK,)) is None)
    line = filecount.as_line(str(path), filecount.count(replace(pb, votes=kept)))
    return {key: line[key] for key in COUNTED}, len(kept), len(votes) - len(kept)


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode()), delimiter=";"))


def check(app: Flask, path: Path, tmp_path: Path, voters: int | None = None) -> dict[str, Any]:
    """Rehearse a file and compare everything with its count; return the line."""
    out = tmp_path / "bundle.zip"
    some = ["--voters", str(voters)] if voters else []
    result = rehearse(app, str(path), *some, "--bundle", str(out), "--json")
    assert result.exit_code == 0, result.output
    (text,) = result.stdout.splitlines()
    line: dict[str, Any] = json.loads(text)
    assert set(line) == KEYS
    counted, cast, refused = expected(path, voters)
    assert {key: line[key] for key in COUNTED} == counted
    assert (line["file"], line["cast"], line["refused"]) == (str(path), cast, refused)
    assert line["seconds"] > 0
    with zipfile.ZipFile(out) as archive:
        openings, redemptions = rows(archive, "openings.csv"), rows(archive, "redemptions.csv")
        numbers = json.loads(archive.read("letters.json"))
        outcome = json.loads(archive.read("outcome.json"))
    assert len(openings) == len(redemptions) == cast
    assert len({row["commitment"] for row in openings}) == len({row["p"] for row in redemptions}) == cast
    assert (numbers["issued"], numbers["used"], numbers["web"]) == (cast + refused, cast, cast)
    assert outcome["winners"] == line["selected"]
    return line


@needs_samples
@pytest.mark.parametrize(("number", "voters"), [(324, 300), (523, 200), (588, None), (643, None)])
def test_real_elections(app: Flask, tmp_path: Path, number: int, voters: int | None) -> None:
    line = check(app, SAMPLES / f"Netherlands_Amsterdam_{number}.pb", tmp_path, voters)
    assert line["cast"] + line["refused"] == (voters or line["cast"] + line["refused"])
    assert line["selected"]


@pytest.mark.parametrize(("content", "refused"), [(LIMITS, 2), (BASKET, 3)])
def test_ballots_that_break_a_limit_are_refused_and_left_out(
    app: Flask, tmp_path: Path, content: str, refused: int
) -> None:
    path = tmp_path / "klein.pb"
    path.write_text(content, encoding="utf-8")
    line = check(app, path, tmp_path)
    assert (line["cast"], line["refused"]) == (7 - refused, refused)
    whole = filecount.as_line(str(path), filecount.count(filecount.read_path(str(path))))
    assert line["votes"] != whole["votes"]  # the file's own count does take them


def test_the_first_voters_in_the_order_of_the_file(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "klein.pb"
    path.write_text(LIMITS, encoding="utf-8")
    line = check(app, path, tmp_path, voters=2)
    assert line["votes"] == {"b": 2, "a": 1, "c": 0}


def test_more_voters_than_there_are_is_all(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "klein.pb"
    path.write_text(LIMITS, encoding="utf-8")
    assert check(app, path, tmp_path, voters=99)["cast"] == 5


OTHER = {
    "ordinal": LIMITS.replace("vote_type;approval", "vote_type;ordinal"),
    "cumulative": LIMITS.replace("vote_type;approval", "vote_type;cumulative"),
    "equalshares": LIMITS.replace("rule;greedy", "rule;equalshares"),
    "unknown rule": LIMITS.replace("rule;greedy", "rule;unknown"),
    "per theme": LIMITS.replace("min_length;1", "min_length;1\nmax_length_per_category;1"),
    "no votes": LIMITS.partition("1;b\n")[0],
    "not a file of votes": "hallo\n",
}


@pytest.mark.parametrize("kind", OTHER)
def test_other_kinds_say_so_in_one_sentence(app: Flask, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "anders.pb"
    path.write_text(OTHER[kind], encoding="utf-8")
    result = rehearse(app, str(path), "--json")
    assert result.exit_code == 1
    (text,) = result.stdout.splitlines()
    line = json.loads(text)
    assert set(line) == {"file", "error"}
    assert line["file"] == str(path)
    assert line["error"].endswith(".")
    assert "fout in het programma" not in line["error"]
    assert "Traceback" not in result.output
    plain = rehearse(app, str(path))
    assert (plain.exit_code, plain.stdout) == (1, f"{path}: {line['error']}\n")


@pytest.mark.parametrize("given", ["nope.pb", "."])
def test_no_file(app: Flask, tmp_path: Path, given: str) -> None:
    result = rehearse(app, str(tmp_path / given), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"].endswith(".")


@pytest.mark.parametrize(
    "arguments", [[], ["x.pb", "--voters", "0"], ["x.pb", "--voters", "x"], ["x.pb", "y.pb"]]
)
def test_wrong_use(app: Flask, arguments: list[str]) -> None:
    result = rehearse(app, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_as_a_command_without_key_or_database(tmp_path: Path) -> None:
    """As a newcomer types it: JSON alone on standard output, the bar on standard error, nothing else touched."""
    path, untouched = tmp_path / "klein.pb", tmp_path / "untouched.db"
    path.write_text(LIMITS, encoding="utf-8")
    untouched.write_bytes(b"not a database, and nobody's business")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DEMO", "DATA_DIR")
    }
    environment |= {
        "DATABASE_URL": f"sqlite:///{untouched}",
        "DATA_DIR": str(tmp_path / "data"),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "ballots", "rehearse", str(path), "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["cast"] == 5
    assert untouched.read_bytes() == b"not a database, and nobody's business"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["klein.pb", "untouched.db"]
