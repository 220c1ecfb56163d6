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


def test_in_short(tmp_path: Path) -> None:
    good = tmp_path / "good.pb"
    good.write_text(SMALL.replace("description", "num_votes;9\ndescription"), encoding="utf-8")
    result = run(str(good), str(tmp_path / "nope"))
    assert result.exit_code == 1
    said = result.stdout.splitlines()
    assert said[0] == f"Plein ({good})"
    assert said[2] == "“Bomen” krijgt geld."
    assert [row.split() for row in said if "€" in row] == [
        ["2", "€", "60", "gekozen", "Bomen"],
        ["1", "€", "50", "Bänken"],
    ]
    assert "Let op: Het aantal stembiljetten is volgens het bestand 9; geteld zijn er 3." in said
    assert "Waarom" not in said
    assert said[-1] == f"{tmp_path / 'nope'}: Dit bestand bestaat niet."


def test_explained(tmp_path: Path) -> None:
    good = tmp_path / "good.pb"
    good.write_text(SMALL, encoding="utf-8")
    result = run("--explain", str(good))
    assert result.exit_code == 0
    assert "“Bomen” krijgt geld." in result.stdout
    assert "Waarom" in result.stdout.splitlines()
    assert "er was nog € 40,50" in result.stdout
    assert (
        "3 stembiljetten zijn geteld. Hoeveel mensen mochten stemmen, staat niet in het bestand."
        in result.stdout
    )


def test_a_theme_with_a_limit_stands_at_each_plan_and_thousands_are_apart(tmp_path: Path) -> None:
    head = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\ncategories;groen\nbudget_per_category;70\n"
    projects = "PROJECTS\nproject_id;cost;name;category\n1;60;Bomen;groen\n2;20;Banken;groen\n"
    votes = "VOTES\nvoter_id;vote\n" + "".join(f"v{n};1\n" for n in range(1200)) + "w;2\n"
    given = tmp_path / "themes.pb"
    given.write_text(head + projects + votes, encoding="utf-8")
    said = run("--explain", str(given)).stdout.splitlines()
    assert (
        "1.201 stembiljetten zijn geteld. Hoeveel mensen mochten stemmen, staat niet in het bestand."
        in said[3]
    )
    assert "  Bomen (1.200 stemmen, € 60, thema “groen”)" in said
    assert "  Banken (1 stem, € 20, thema “groen”)" in said
    assert any(line.split()[:1] == ["1.200"] for line in run(str(given)).stdout.splitlines())


def test_a_tie_and_a_part_are_named_in_the_table(tmp_path: Path) -> None:
    tie, part = tmp_path / "tie.pb", tmp_path / "part.pb"
    tie.write_text(SMALL.replace("2;b\n", ""), encoding="utf-8")
    part.write_text(SMALL.replace("rule", "leftover_budget;Partially fund one more\nrule"), encoding="utf-8")
    assert run(str(tie)).stdout.count("gelijk ") == 2
    assert "deels    Bänken" in run(str(part)).stdout


def test_a_mistake_of_ours_is_one_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("ballots.pabulib.recount.count", broken)
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
        "assert 'ballots.pabulib.recount' not in sys.modules\n"
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


def recount(path: Path) -> tuple[dict[str, int], dict[str, int], list[str], Fraction]:
    """Count a file without ties by the plain reading of its rule, with nothing of ours.

    For Equal Shares the winners are those the file states itself.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    at = {row[0]: n for n, row in enumerate(rows) if row and row[0] in ("META", "PROJECTS", "VOTES")}
    meta = {row[0]: row[1] for row in rows[at["META"] + 2 : at["PROJECTS"]]}
    head = rows[at["PROJECTS"] + 1]
    projects = [dict(zip(head, row, strict=True)) for row in rows[at["PROJECTS"] + 2 : at["VOTES"]]]
    voters = [dict(zip(rows[at["VOTES"] + 1], row, strict=True)) for row in rows[at["VOTES"] + 2 :]]
    votes, score = Counter[str](), Counter[str]()
    for voter in voters:
        ids = voter["vote"].split(",")
        votes.update(ids)
        worth = [1] * len(ids)
        if meta["vote_type"] == "cumulative":
            worth = [int(points) for points in voter["points"].split(",")]
        if meta["vote_type"] == "ordinal":
            worth = [int(meta["max_length"]) - n for n in range(len(ids))]
        for id, points in zip(ids, worth, strict=True):
            score[id] += points
    for project in projects:
        project["score"] = str(score[project["project_id"]])
    won = [project["project_id"] for project in projects if project.get("selected") == "1"]
    if meta["rule"].startswith("greedy"):
        won = plainly(meta, projects)
    left = Fraction(meta["budget"]) - sum(Fraction(p["cost"]) for p in projects if p["project_id"] in won)
    ids = [project["project_id"] for project in projects]
    return {id: votes[id] for id in ids}, {id: score[id] for id in ids}, won, left


def plainly(meta: dict[str, str], projects: list[dict[str, str]]) -> list[str]:
    """Return who wins by the plain reading of the greedy rules."""
    caps: dict[str, dict[str, Fraction]] = {"category": {}, "neighborhood": {}}
    for names, values, name in (
        ("categories", "budget_per_category", "category"),
        ("neighborhoods", "budget_per_neighborhood", "neighborhood"),
    ):
        if values in meta:
            caps[name] = dict(
                zip(meta[names].split(","), map(Fraction, meta[values].split(",")), strict=True)
            )
    left = Fraction(meta["budget"])
    least = int(meta.get("min_project_score_threshold", 0))
    won: list[str] = []
    ranked = sorted(projects, key=lambda project: -int(project["score"]))
    for with_caps in (True, False) if meta.get("leftover_budget", "").startswith("Fund") else (True,):
        for project in ranked:
            cost = Fraction(project["cost"])
            mine = [(kind, project[kind]) for kind, by_name in caps.items() if project.get(kind) in by_name]
            held = with_caps and any(caps[kind][name] < cost for kind, name in mine)
            held = held or int(project["score"]) < least
            if project["project_id"] not in won and cost <= left and not held:
                won.append(project["project_id"])
                left -= cost
                for kind, name in mine:
                    caps[kind][name] -= cost
    return won


REMARKS: dict[str, list[str]] = {
    "Netherlands_Amsterdam_166.pb": ["staat alleen in een opmerking"],
    "Netherlands_Amsterdam_212.pb": [
        "ingevuld dan mocht: 2.100 van de 3.834 (te veel plannen van één thema, "
        "toegestaan was hoogstens 3 per thema). Wat erop staat, telt gewoon mee."
    ],
    "Netherlands_Amsterdam_604.pb": [
        "ingevuld dan mocht: 1 van de 2.324 (plannen van één thema die samen te veel kosten, toegestaan was "
        "hoogstens € 80.715 voor “Klimaat en duurzaamheid”). Wat erop staat, telt gewoon mee. Voor de uitslag maakt "
        "het niets uit: ook zonder deze biljetten krijgen dezelfde plannen geld.",
        "hetzelfde plan vaker staat: 1. Zo staat het in het bestand en zo is het geteld: elke keer telt mee. "
        "Voor wie er geld krijgt, maakt dat niets uit.",
    ],
}
FILES = sorted(SAMPLES.glob("*.pb"))


@needs_samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_files_count_as_a_plain_recomputation(path: Path) -> None:
    result = run("--json", str(path))
    assert result.exit_code == 0
    (answer,) = lines(result)
    votes, score, won, left = recount(path)
    assert (answer["votes"], answer["score"]) == (votes, score)
    assert set(answer["selected"]) == set(won)
    assert (answer["part_funded"], Fraction(answer["left"]), answer["ties"]) == ([], left, [])
    said = REMARKS.get(path.name, [])
    assert len(answer["remarks"]) == len(said)
    for remark, words in zip(answer["remarks"], said, strict=True):
        assert words in remark


@needs_samples
def test_all_real_files_in_one_run() -> None:
    result = run("--json", *map(str, FILES))
    assert result.exit_code == 0
    assert [answer["file"] for answer in lines(result)] == list(map(str, FILES))
