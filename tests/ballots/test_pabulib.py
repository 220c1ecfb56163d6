"""Pabulib files: read, written without loss, and refused in one sentence with a line number."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pabulib.checker import Checker

from ballots.pabulib.ballots import ballots
from ballots.pabulib.file import PbError, write
from ballots.pabulib.reading import read
from ballots.pabulib.recount import as_line, count

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "pabulib"

SMALL = """META
key;value
description;Buurtbudget Kastanjeplein
num_projects;3
num_votes;4
budget;1000
vote_type;approval
rule;greedy
PROJECTS
project_id;cost;votes;name
1;600;3;Bomen
2;500;2;"Banken; van hout"
3;400;1;"De ""Kas\"""
VOTES
voter_id;vote
v1;1,2
v2;1
v3;1,2,3
v4;
"""


def changed(*pairs: tuple[str, str]) -> str:
    text = SMALL
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def with_meta(*lines: str) -> str:
    return changed(("rule;greedy\n", "rule;greedy\n" + "".join(line + "\n" for line in lines)))


def test_a_small_file_is_read_and_counted() -> None:
    pb = read(SMALL)
    assert [project.cells[3] for project in pb.projects] == ["Bomen", "Banken; van hout", 'De "Kas"']
    assert ballots(pb) == [("1", "2"), ("1",), ("1", "2", "3"), ()]
    assert list(pb.votes.lines) == [16, 17, 18, 19]
    assert as_line("x.pb", count(pb)) == {
        "file": "x.pb",
        "votes": {"1": 3, "2": 2, "3": 1},
        "score": {"1": 3, "2": 2, "3": 1},
        "selected": ["1", "3"],
        "part_funded": [],
        "left": "0",
        "ties": [],
        "remarks": [],
    }


def test_written_again_it_is_the_same_file() -> None:
    assert write(read(SMALL)) == SMALL.replace("\n", "\r\n")
    odd = with_meta("Eigen sleutel;ja", "comment;#1: a", "comment;#2: b").replace(
        "voter_id;vote", "voter_id;Age;vote"
    )
    odd = (
        odd.replace("v1;1,2", "v1;34;1,2")
        .replace("v2;1\n", "v2;;1\n")
        .replace("v3;1,2,3", "v3;9;1,2,3;extra")
    )
    pb = read(odd.replace("v4;\n", "v4;;\n"))
    assert read(write(pb)) == pb
    assert "Eigen sleutel;ja" in write(pb)
    assert "comment;#2: b" in write(pb)
    assert "voter_id;Age;vote" in write(pb)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace(";", " ; "),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("META", "META;;").replace("budget;1000", "budget;1000;;"),
        lambda text: text.replace("META", "meta").replace("project_id;cost", "Project_ID;COST"),
        lambda text: text.replace("budget;1000", "budget;1000.00"),
        lambda text: text.replace("budget;1000", "budget;1000,0"),
        lambda text: text.replace("budget;1000", "BUDGET;1e3"),
        lambda text: text.replace("1;600;", "1;600.0;"),
        lambda text: text.replace("key;value\ndescription;Buurtbudget Kastanjeplein", "unit;X\nkey;value"),
        lambda text: text.replace("v1;1,2", 'v1;"1, 2,"'),
        lambda text: text.replace("Bomen", '"Bomen\nen gras"'),
    ],
)
def test_other_spellings_of_the_same(change: Callable[[str], str]) -> None:
    counted = as_line("x", count(read(change(SMALL).encode())))
    assert counted == as_line("x", count(read(SMALL)))


def test_money_is_exact() -> None:
    pb = read(
        changed(("budget;1000", "budget;0,3"), ("1;600", "1;0.1"), ("2;500", "2;,2"), ("3;400", "3;0.000001"))
    )
    assert [project.cost for project in pb.projects] == [Fraction(1, 10), Fraction(1, 5), Fraction(1, 10**6)]
    counted = as_line("x", count(pb))
    assert (counted["selected"], counted["left"]) == (["1", "2"], "0")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", None),
        (b"\n \r\n;;\n", None),
        (b"\xff\xfe\x00", 1),
        (SMALL.replace("Bomen", "B\u00f3men").encode("latin-1"), 11),
        (b"\x7fELF\x02\x01\x01\x00\x00", 1),
        (b"\x89PNG\r\n\x1a\n", 1),
        (SMALL.replace("Bomen", "Bo\x00men"), 11),
        ("hallo\nwereld\n", 1),
        ("project_id;cost\n1;2\n", 1),
        (SMALL.replace("key;value\n", ""), 2),
        (SMALL.replace("key;value", "sleutel;waarde"), 2),
        (SMALL[: SMALL.index("PROJECTS")], 8),
        (SMALL[: SMALL.index("VOTES")], 13),
        (SMALL[: SMALL.index("voter_id")], 14),
        (SMALL[: SMALL.index("project_id")], 9),
        (SMALL[: SMALL.index("2;500") + 1], 12),
        (SMALL[: SMALL.index("van hout") + 3], 12),
        (SMALL[: SMALL.index("v3") + 1], 18),
        (SMALL.replace("project_id;cost", "id;cost"), 10),
        (SMALL.replace("project_id;cost", "project_id;kosten"), 10),
        (SMALL.replace("voter_id;vote", "voter_id;stem"), 15),
        (SMALL.replace("v1;1,2", "v1;1,9"), 16),
        (SMALL.replace("1;600", "1;-600"), 11),
        (SMALL.replace("1;600", "1;gratis"), 11),
        (SMALL.replace("1;600", "1;"), 11),
        (SMALL.replace("1;600", "1;NaN"), 11),
        (SMALL.replace("1;600", "1;1e999"), 11),
        (SMALL.replace("1;600", "1;1.000,50"), 11),
        (SMALL.replace("1;600", ";600"), 11),
        (SMALL.replace("2;500", "1;500"), 12),
        (SMALL.replace("budget;1000\n", ""), 7),
        (SMALL.replace("budget;1000", "budget;"), 6),
        (SMALL.replace("budget;1000", "budget;veel"), 6),
        (SMALL.replace("budget;1000", "budget;-1"), 6),
        (SMALL.replace("budget;1000", "budget;1000\nbudget;2000"), 7),
        (SMALL.replace("vote_type;approval\n", ""), 7),
        (SMALL.replace("VOTES", "PROJECTS"), 14),
        (SMALL.replace("PROJECTS", "VOTES"), 9),
        (SMALL + "META\n", 20),
        (with_meta("categories;a,b", "budget_per_category;1,2,3"), 10),
        ("META\nkey;value\nbudget;1\nPROJECTS\nproject_id;cost\nVOTES\nvoter_id;vote\n", 5),
        ('META\nkey;"value\n' + "x" * 200_000, 2),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_in_one_sentence_with_its_line(text: str | bytes, line: int | None) -> None:
    with pytest.raises(PbError) as refused:
        count(read(text))
    sentence = str(refused.value)
    assert sentence.endswith((".", "?"))
    assert "%(" not in sentence
    assert "\n" not in sentence
    if line is not None:
        assert f"egel {line} " in sentence or f"egel {line}." in sentence or f"egel {line}," in sentence, (
            sentence
        )


CHECKED = (
    changed(("project_id;cost;votes;name\n", "project_id;cost;votes;name;selected\n"))
    .replace(
        "description;Buurtbudget Kastanjeplein\n", "description;B\ncountry;Netherlands\nunit;U\ninstance;1\n"
    )
    .replace("rule;greedy\n", "rule;greedy\ndate_begin;2023\ndate_end;04.10.2023\nmax_sum_cost;900,5\n")
    .replace("Bomen\n", "Bomen;1\n")
    .replace('hout"\n', 'hout";0\n')
    .replace('""Kas"""\n', '""Kas""";1\n')
    .replace("num_votes;4", "num_votes;3")
    .replace("v4;\n", "")
)


def complaints(text: str) -> object:
    """Return what the field's own checker calls errors."""
    results = Checker().process_files([text])
    return results[1]["results"]["errors"]


def test_a_file_that_is_written_passes_the_checker() -> None:
    text = write(read(CHECKED))
    assert "900,5" in text
    assert "date_end;04.10.2023" in text
    assert complaints(text.replace("900,5", "900.5")) == {}
    assert complaints(text) == complaints(CHECKED) != {}  # a decimal comma is kept as it stands


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no Pabulib samples in ../shared/data/pabulib")
def test_real_files_survive_being_written_again() -> None:
    for path in sorted(SAMPLES.glob("*.pb")):
        source = path.read_bytes()
        assert read(write(read(source))) == read(source), path.name
        if b"\r\n" in source:
            assert write(read(source)).encode() == source, path.name
        assert complaints(write(read(source))) == complaints(source.decode()), path.name


def test_the_line_of_a_vote_is_right_after_blank_lines_and_long_cells() -> None:
    for before in ("", "\n", "\n;\n\n"):
        for quoted in ("", '"v0\n\n";1\n'):
            text = changed(("v1;1,2", f"{before}{quoted}v1;1,9"))
            line = 16 + before.count("\n") + quoted.count("\n")
            with pytest.raises(PbError, match=rf"regel {line} noemt project 9,"):
                count(read(text))


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from(';"\n,'), max_size=12
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(cells, max_size=4), st.lists(cells, min_size=1, max_size=4))
def test_any_text_in_any_cell_survives(meta: list[str], names: list[str]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    text = "META\nkey;value\nbudget;9\n" + "".join(f"k{n};{quoted(v)}\n" for n, v in enumerate(meta))
    text += "PROJECTS\nproject_id;cost;name\n" + "".join(f"{n};1;{quoted(v)}\n" for n, v in enumerate(names))
    pb = read(text + "VOTES\nvoter_id;vote\na;0\n")
    assert read(write(pb)) == pb
    assert len(pb.projects) == len(names)
    assert len(pb.entries) == 1 + len(meta)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_no_damage_gives_anything_but_a_sentence(data: st.DataObject) -> None:
    raw = bytearray(SMALL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b";", b"\n", b'"', b",", b"-"])
        )
    sentence = "gelezen"
    try:
        as_line("x", count(read(bytes(raw))))
    except PbError as refused:
        sentence = str(refused)
    assert sentence
    assert "\n" not in sentence
