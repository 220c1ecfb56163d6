"""`flask ballots rehearse`: the real path gives what the count of the file gives, one ballot a vote."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from ballots import paper
from ballots.pabulib import paper as pb_paper
from ballots.pabulib import reading, recount
from tests.cluster import Cluster
from tests.conftest import postgres_copy

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
def own_database(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of the service itself, that a rehearsal must not even open."""
    if backend == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        with postgres_copy(cluster, "template1") as url:
            cluster.run(f'ALTER DATABASE "{url.rpartition("/")[2]}" ALLOW_CONNECTIONS false')
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(url)
            yield url
    else:
        never = tmp_path / "own" / "never.db"
        yield f"sqlite:///{never}"
        assert not never.exists()


@pytest.fixture
def app(own_database: str, tmp_path: Path) -> Iterator[Flask]:
    """An app whose own folder and database are left alone."""
    folder = tmp_path / "own"
    yield create_app(
        {"SECRET_KEY": "x", "DATA_DIR": str(folder), "DATABASE_URL": own_database, "TESTING": True}
    )
    assert not folder.exists()


def rehearse(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["ballots", "rehearse", *arguments])


def expected(path: Path, voters: int | None) -> tuple[dict[str, Any], int, int]:
    """Return the count of the file without the ballots its paper refuses, and how many are left and refused."""
    pb = reading.read_path(str(path))
    pb = pb.only(range(len(pb.votes))[:voters])
    question = pb_paper.live_question(pb)
    given = enumerate(pb_paper.marks(pb))
    kept = [n for n, marks in given if not paper.check(question, marks or (paper.BLANK,))]
    line = recount.as_line(str(path), recount.count(pb.only(kept)))
    return {key: line[key] for key in COUNTED}, len(kept), len(pb.votes) - len(kept)


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
        papers = rows(archive, "paper.csv") if "paper.csv" in archive.namelist() else []
        numbers = json.loads(archive.read("letters.json"))
        (outcome,) = json.loads(archive.read("outcome.json"))
    on_paper = sum(int(row["number"]) for row in papers)
    by = Counter(row["channel"] for row in redemptions)
    assert (by["web"], by["paper"]) == (len(openings), on_paper) == (numbers["web"], numbers["paper"])
    assert len(openings) + on_paper == len({row["p"] for row in redemptions}) == cast
    assert len({row["commitment"] for row in openings}) == len(openings)
    assert (numbers["issued"], numbers["used"]) == (cast + refused, cast)
    assert len(outcome["winners"]) == len(line["selected"])
    return line | {"on paper": on_paper}


@needs_samples
@pytest.mark.parametrize(
    ("name", "voters"),
    [
        ("Netherlands_Amsterdam_212", 120),  # so many per theme
        ("Netherlands_Amsterdam_324", 120),
        ("Netherlands_Amsterdam_523", 120),
        ("Netherlands_Amsterdam_604", 120),  # so much per theme
        ("Netherlands_Amsterdam_643", None),
        ("Netherlands_Assen_2024", None),
        ("Poland_Czestochowa_2025_Podjasnogorska", 120),
        ("Poland_Gdynia_2022_Kamienna_Gora__large", None),
        ("Poland_Krakow_2018_Wzgorza_Krzeslawickie", 120),
    ],
)
def test_real_elections(app: Flask, tmp_path: Path, name: str, voters: int | None) -> None:
    line = check(app, SAMPLES / f"{name}.pb", tmp_path, voters)
    assert line["cast"] + line["refused"] == (voters or line["cast"] + line["refused"])
    assert line["selected"]


POINTS = (
    "META\nkey;value\ndescription;Plein\nbudget;100\nvote_type;cumulative\nrule;greedy\nmax_sum_points;5\n"
    "min_sum_points;2\nPROJECTS\nproject_id;cost\nb;60\na;50\nc;40.50\n"
    "VOTES\nvoter_id;vote;points;voting_method\n1;b;5;paper\n2;b,a;1,4;internet\n3;a,b,c;2,2,2;paper\n"
    "4;c;1;internet\n5;a,c;2,1;paper\n6;b,a;1,2;paper\n7;c;0;\n8;;;paper\n"
)
RANKING = (
    "META\nkey;value\ndescription;Plein\nbudget;100\nvote_type;ordinal\nrule;greedy-no-skip\nmin_length;2\n"
    "PROJECTS\nproject_id;cost\nb;60\na;30\nc;40.50\nVOTES\nvoter_id;vote;voting_method\n"
    "1;b,a,c;paper\n2;b,a;internet\n3;c,b;internet\n4;c;paper\n5;a,b,a;internet\n6;b,c,a;\n"
)
ODD_IDS = LIMITS.replace("b;60", "twee bomen;60").replace(";b\n", ";twee bomen\n").replace(
    ";b,", ";twee bomen,"
).replace(",b", ",twee bomen")  # fmt: skip
ON_PAPER = LIMITS.replace("voter_id;vote\n", "voting_method;vote\n").replace("\n2;", "\npaper;").replace(
    "\n3;", "\npaper;"
).replace("\n4;", "\npaper;")  # fmt: skip
SHARES = LIMITS.replace("rule;greedy", "rule;equalshares/add1")


@pytest.mark.parametrize(
    ("content", "refused", "on_paper"),
    [
        (POINTS, 3, 4),
        (RANKING, 2, 1),
        (ODD_IDS, 2, 0),
        (ON_PAPER, 2, 2),
        (SHARES, 2, 0),
        (LIMITS.replace("max_length", "min_project_score_threshold;2\nmax_length"), 2, 0),
    ],
)
def test_every_kind_of_paper(app: Flask, tmp_path: Path, content: str, refused: int, on_paper: int) -> None:
    path = tmp_path / "klein.pb"
    path.write_text(content, encoding="utf-8")
    line = check(app, path, tmp_path)
    assert (line["refused"], line["on paper"]) == (refused, on_paper)
    assert line["selected"]


@pytest.mark.both
@pytest.mark.parametrize(("content", "refused"), [(LIMITS, 2), (BASKET, 3)])
def test_ballots_that_break_a_limit_are_refused_and_left_out(
    app: Flask, tmp_path: Path, content: str, refused: int
) -> None:
    path = tmp_path / "klein.pb"
    path.write_text(content, encoding="utf-8")
    line = check(app, path, tmp_path)
    assert (line["cast"], line["refused"]) == (7 - refused, refused)
    whole = recount.as_line(str(path), recount.count(reading.read_path(str(path))))
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
    "unknown rule": LIMITS.replace("rule;greedy", "rule;unknown"),
    "a rule nobody knows": LIMITS.replace("rule;greedy", "rule;greedy-custom"),
    "a least sum": LIMITS.replace("min_length;1", "min_sum_cost;10"),
    "finer than a cent": LIMITS.replace("40.50", "40.501"),
    "limits that contradict": LIMITS.replace("min_length;1", "min_length;3"),
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


@pytest.mark.both
def test_as_a_command_without_key_or_database(tmp_path: Path, backend: str, own_database: str) -> None:
    """As a newcomer types it: JSON alone on standard output, the bar on standard error, nothing else touched."""
    path, untouched = tmp_path / "klein.pb", tmp_path / "untouched.db"
    path.write_text(LIMITS, encoding="utf-8")
    untouched.write_bytes(b"not a database, and nobody's business")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DEMO", "DATA_DIR")
    }
    environment |= {
        "DATABASE_URL": own_database if backend == "postgresql" else f"sqlite:///{untouched}",
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
