"""`flask ballots count`: the contract of its JSON lines, and the real files where they are at hand."""

import csv
import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ballots.cli import ballots

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "data" / "pabulib"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no Pabulib samples in ../shared/data/pabulib"
)

SMALL = (
    "META\nkey;value\ndescription;Plein\nbudget;100.5\ncurrency;EUR\nvote_type;choose-1\nrule;greedy\n"
    "PROJECTS\nproject_id;cost;name\nb;60;Bomen\na;50;Bänken\nVOTES\nvoter_id;vote\n1;b\n2;b\n3;a\n"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(ballots, ["count", *arguments])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_line_a_file_in_the_order_given(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pb", tmp_path / "bad.pb"
    good.write_text(SMALL, encoding="utf-8")
    bad.write_bytes(b"\x00\xff")
    result = run(
        "--json", str(bad), str(good), str(tmp_path), str(tmp_path / "nope.pb"), str(good), "/dev/null"
    )
    assert result.exit_code == 1
    assert result.stderr == ""
    answers = lines(result)
    assert [answer["file"] for answer in answers] == [
        str(bad), str(good), str(tmp_path), str(tmp_path / "nope.pb"), str(good), "/dev/null",
    ]  # fmt: skip
    assert [sorted(answer) for answer in answers if "error" in answer] == [["error", "file"]] * 4
    assert all(
        "\n" not in answer.get("error", "") and answer.get("error", ".")[-1] == "." for answer in answers
    )
    assert answers[1] == {
        "file": str(good),
        "votes": {"b": 2, "a": 1},
        "score": {"b": 2, "a": 1},
        "selected": ["b"],
        "part_funded": [],
        "left": "40.5",
        "ties": [],
        "remarks": [],
    }
    assert answers[4] == answers[1]


def test_all_good_is_exit_code_0(tmp_path: Path) -> None:
    good = tmp_path / "good.pb"
    good.write_text(SMALL, encoding="utf-8")
    result = run(str(good), "--json")
    assert (result.exit_code, len(lines(result))) == (0, 1)


def test_in_words(tmp_path: Path) -> None:
    good = tmp_path / "good.pb"
    good.write_text(SMALL, encoding="utf-8")
    result = run(str(good), str(tmp_path / "nope"))
    assert result.exit_code == 1
    assert "“Bomen” krijgt geld: 2 stemmen, kosten € 60. Daarna is er nog € 40,50." in result.stdout
    assert "Bänken" in result.stdout
    assert "nope: Dit bestand bestaat niet." in result.stdout


def test_a_mistake_of_ours_is_one_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("ballots.filecount.count", broken)
    good = tmp_path / "good.pb"
    good.write_text(SMALL, encoding="utf-8")
    result = run("--json", str(good))
    assert result.exit_code == 1
    assert result.exception is not None
    assert isinstance(result.exception, SystemExit)
    assert "RuntimeError" in lines(result)[0]["error"]


def test_counting_needs_no_database_and_no_settings(tmp_path: Path) -> None:
    """Counting works where nothing is set up, and the command line imports it only when asked."""
    good = tmp_path / "good.pb"
    good.write_text(SMALL, encoding="utf-8")
    program = (
        "import sys\nfrom ballots.cli import ballots\n"
        "assert 'ballots.filecount' not in sys.modules\n"
        f"ballots.main(['count', '--json', {str(good)!r}], standalone_mode=False)\n"
        "assert not {'sqlalchemy', 'flask_sqlalchemy', 'ballots.models'} & set(sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["selected"] == ["b"]


# -- the real files, against a plain recomputation -----------------------------------------------------

SUPPORTED: dict[str, list[str]] = {
    "France_Toulouse_2022_6_-_Saint-Cyprien.pb": [],
    "Netherlands_Amsterdam_166.pb": [],
    "Netherlands_Amsterdam_212.pb": ["grenzen in het bestand: 2100 van 3834"],
    "Netherlands_Amsterdam_252.pb": [],
    "Netherlands_Amsterdam_267.pb": [],
    "Netherlands_Amsterdam_285.pb": [],
    "Netherlands_Amsterdam_324.pb": [],
    "Netherlands_Amsterdam_523.pb": [],
    "Netherlands_Amsterdam_588.pb": [],
    "Netherlands_Amsterdam_604.pb": ["grenzen in het bestand: 1 van 2324", "meer dan eens noemen: 1"],
    "Netherlands_Amsterdam_643.pb": [],
}


def recount(path: Path) -> tuple[dict[str, int], list[str], Fraction]:
    """Count a file without ties by the plain reading of its rule, with nothing of ours."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    at = {row[0]: n for n, row in enumerate(rows) if row and row[0] in ("META", "PROJECTS", "VOTES")}
    meta = {row[0]: row[1] for row in rows[at["META"] + 2 : at["PROJECTS"]]}
    head = rows[at["PROJECTS"] + 1]
    projects = [dict(zip(head, row, strict=True)) for row in rows[at["PROJECTS"] + 2 : at["VOTES"]]]
    column = rows[at["VOTES"] + 1].index("vote")
    votes = Counter(id for row in rows[at["VOTES"] + 2 :] for id in row[column].split(","))
    caps: dict[str, dict[str, Fraction]] = {"category": {}, "neighborhood": {}}
    for names, values, name in (
        ("categories", "budget_per_category", "category"),
        ("neighborhoods", "budget_per_neighborhood", "neighborhood"),
    ):
        if values in meta:
            caps[name] = dict(
                zip(meta[names].split(","), map(Fraction, meta[values].split(",")), strict=True)
            )
    left, won = Fraction(meta["budget"]), []
    projects.sort(key=lambda project: -votes[project["project_id"]])
    for with_caps in (True, False) if meta.get("leftover_budget", "").startswith("Fund") else (True,):
        for project in projects:
            cost = Fraction(project["cost"])
            mine = [(kind, project[kind]) for kind, by_name in caps.items() if project.get(kind) in by_name]
            held = with_caps and any(caps[kind][name] < cost for kind, name in mine)
            if project["project_id"] not in won and cost <= left and not held:
                won.append(project["project_id"])
                left -= cost
                for kind, name in mine:
                    caps[kind][name] -= cost
    return {project["project_id"]: votes[project["project_id"]] for project in projects}, won, left


@needs_samples
@pytest.mark.parametrize("name", sorted(SUPPORTED))
def test_real_files_count_as_a_plain_recomputation(name: str) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"no {name} among the samples")
    result = run("--json", str(path))
    assert result.exit_code == 0
    (answer,) = lines(result)
    votes, won, left = recount(path)
    assert answer["votes"] == answer["score"] == votes
    assert answer["selected"] == won
    assert (answer["part_funded"], Fraction(answer["left"]), answer["ties"]) == ([], left, [])
    assert len(answer["remarks"]) == len(SUPPORTED[name])
    for remark, words in zip(answer["remarks"], SUPPORTED[name], strict=True):
        assert words in remark


@needs_samples
def test_the_other_real_files_say_that_they_come_later() -> None:
    others = sorted(path for path in SAMPLES.glob("*.pb") if path.name not in SUPPORTED)
    result = run("--json", *map(str, others))
    assert [answer["file"] for answer in lines(result)] == [str(path) for path in others]
    assert all("later" in answer["error"] for answer in lines(result))
    assert result.exit_code == (1 if others else 2)


@needs_samples
def test_real_files_survive_being_written_again() -> None:
    from ballots.pabulib import read, write

    for path in sorted(SAMPLES.glob("*.pb")):
        source = path.read_bytes()
        assert read(write(read(source))) == read(source), path.name
        assert write(read(source)).split() == source.decode().split(), path.name
