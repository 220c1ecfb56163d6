"""Pabulib files: read, written, refused with a line number, and turned into a paper and a rule."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots import pabulib
from ballots.counting.greedy import Leftover
from ballots.filecount import as_line, count
from ballots.pabulib import ComesLater, NotOnPaper, PbError, live_question, live_rule, read, write
from ballots.paper import Kind

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
    assert [vote.chosen for vote in pb.votes] == [("1", "2"), ("1",), ("1", "2", "3"), ()]
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


@pytest.mark.parametrize("kind", ["ordinal", "cumulative", "scoring", "iets anders"])
def test_other_votes_come_later(kind: str) -> None:
    pb = read(changed(("vote_type;approval", f"vote_type;{kind}")))
    for ask in (count, live_question):
        with pytest.raises(ComesLater) as refused:
            ask(pb)
        assert kind in str(refused.value)
        assert "later" in str(refused.value)


@pytest.mark.parametrize("rule", ["equalshares", "equalshares/add1", "greedy-no-skip", "greedy-threshold"])
def test_other_rules_come_later(rule: str) -> None:
    pb = read(changed(("rule;greedy", f"rule;{rule}")))
    for ask in (count, live_rule):
        with pytest.raises(ComesLater, match=rule):
            ask(pb)


def test_a_threshold_comes_later_too() -> None:
    with pytest.raises(ComesLater, match="min_project_score_threshold"):
        count(read(with_meta("min_project_score_threshold;2")))


@pytest.mark.parametrize("rule", ["rule;unknown\n", "rule;\n", ""])
def test_an_unknown_rule_counts_and_selects_nobody(rule: str) -> None:
    counted = as_line("x", count(read(changed(("rule;greedy\n", rule)))))
    assert (counted["votes"], counted["selected"], counted["left"]) == ({"1": 3, "2": 2, "3": 1}, [], "1000")
    assert len(counted["remarks"]) == 1
    assert "regel" in counted["remarks"][0]


def remarks(text: str) -> list[str]:
    return [str(remark) for remark in count(read(text)).remarks]


def test_what_differs_is_remarked_and_counted() -> None:
    text = changed(
        ("num_projects;3", "num_projects;4"), ("num_votes;4", "num_votes;5"), ("1;600;3", "1;600;7")
    )
    said = remarks(text)
    assert said == [
        "Volgens het bestand is num_projects 4; geteld zijn er 3.",
        "Volgens het bestand is num_votes 5; geteld zijn er 4.",
        (
            "De kolom votes van het bestand is anders dan geteld; aantal projecten: 1"
            " (bij 1 staat 7, geteld is 3)."
        ),
    ]
    assert "score" in remarks(SMALL.replace("cost;votes;", "cost;score;").replace("1;600;3", "1;600;9"))[0]
    official = SMALL.replace("cost;votes;", "cost;selected;")
    assert (
        "1, 2, 3"
        in remarks(
            official.replace("1;600;3", "1;600;0").replace("2;500;2", "2;500;1").replace("3;400;1", "3;400;0")
        )[0]
    )
    assert remarks(official.replace("1;600;3", "1;600;1").replace("2;500;2", "2;500;0")) == []


def test_a_repeated_id_counts_as_often_as_it_stands() -> None:
    text = changed(("v2;1\n", "v2;1,1\n"), ("1;600;3", "1;600;4"))
    assert count(read(text)).outcome.votes["1"] == 4
    assert len(remarks(text)) == 1
    assert "meer dan eens" in remarks(text)[0]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["min_length;2"], 2),  # v2 and v4
        (["max_length;2"], 1),
        (["min_length;1", "max_length;2"], 2),
        (["max_sum_cost;1000"], 2),
        (["min_sum_cost;1"], 1),
        (["max_length_per_category;1", "categories;x,y"], 2),
        (["max_sum_cost_per_category;1200,300", "categories;x,y"], 1),
        (["min_length_per_category;0"], 0),
        (["max_length;"], 0),
    ],
)
def test_broken_limits_are_remarked_with_their_number(lines: list[str], number: int) -> None:
    text = with_meta(*lines).replace("votes;name", "votes;category").replace("Bomen", "x")
    text = text.replace('"Banken; van hout"', "x").replace('"De ""Kas"""', "y")
    said = remarks(text)
    assert ([] if not number else [number]) == [int(each.split(": ")[1].split()[0]) for each in said]
    assert count(read(text)).outcome == count(read(SMALL)).outcome


def test_a_limit_that_makes_no_sense_is_remarked() -> None:
    assert remarks(with_meta("max_length;geen")) == [
        "De grens max_length in het bestand is niet te begrijpen."
    ]


def test_caps_of_themes_and_places() -> None:
    text = with_meta(
        "categories;x,y", "budget_per_category;700,400", "neighborhoods;oost", "budget_per_neighborhood;50.5"
    )
    text = text.replace("votes;name", "votes;category;neighborhood").replace("Bomen", "x;oost")
    text = text.replace('"Banken; van hout"', "x;west").replace('"De ""Kas"""', "z;")
    rule = pabulib.greedy_rule(read(text))
    assert (rule.theme_caps, rule.place_caps) == ({"x": 700, "y": 400}, {"oost": Fraction("50.5")})
    counted = count(read(text))
    assert counted.outcome.winners == ("2", "3")
    assert [str(remark).split("”")[0] for remark in counted.remarks] == ["Voor “z", "Voor “west"]
    one = read(text.replace("700,400", "700"))
    assert pabulib.greedy_rule(one).theme_caps == {"x": 700, "y": 700}


def test_left_over_money() -> None:
    more = "leftover_budget;Fund additional projects that fit within leftover budget ordered by score"
    part = "leftover_budget;Partially fund one additional project with highest score"
    assert pabulib.greedy_rule(read(with_meta(more))).leftover is Leftover.MORE
    parted = as_line(
        "x",
        count(read(changed(("budget;1000", "budget;700")).replace("rule;greedy", f"rule;greedy\n{part}"))),
    )
    assert (parted["selected"], parted["part_funded"], parted["left"]) == (["1"], ["2"], "0")
    assert "restgeld" in remarks(with_meta("leftover_budget;Weggeven"))[0]
    assert remarks(with_meta("comment;#1: leftover budget was split in half")) == []


def test_ties_stay_out_of_the_selected() -> None:
    text = changed(("v3;1,2,3", "v3;1,3"), ("2;500;2", "2;500;1"))
    counted = as_line(
        "x",
        count(read(changed(("v3;1,2,3", "v3;1,3"), ("2;500;2", "2;500;1"), ("budget;1000", "budget;1100")))),
    )
    assert (counted["selected"], counted["ties"], counted["left"]) == (["1"], [["2", "3"]], "500")
    assert count(read(text)).outcome.winners == ("1", "3")  # 2 does not fit in any order


def test_the_live_paper() -> None:
    question = live_question(read(SMALL))
    assert (question.kind, question.least, question.most, question.budget) == (Kind.APPROVE, 1, 3, None)
    assert [(o.id, o.label, o.cost) for o in question.options][:2] == [
        ("1", "Bomen", 600_00),
        ("2", "Banken; van hout", 500_00),
    ]
    assert live_rule(read(SMALL)).budget == 1000_00
    bounded = live_question(read(with_meta("min_length;2", "max_length;9")))
    assert (bounded.least, bounded.most) == (2, 3)
    basket = live_question(read(with_meta("max_sum_cost;999.99", "min_length_per_category;0")))
    assert (basket.kind, basket.budget) == (Kind.BASKET, 999_99)
    one = live_question(read(changed(("vote_type;approval", "vote_type;choose-1"))))
    assert (one.kind, one.least, one.most) == (Kind.CHOOSE_ONE, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        with_meta("max_length_per_category;1", "categories;x"),
        with_meta("max_sum_cost_per_category;1", "categories;x"),
        with_meta("min_sum_cost;10"),
        with_meta("min_length;4"),
        with_meta("max_length;veel"),
        with_meta("max_length;1.5"),
        SMALL.replace("1;600", "1;600.001"),
        SMALL.replace("3;400", "drie bomen;400").replace("1,2,3", "1,2"),
        SMALL.replace("3;400", "blanco;400").replace("1,2,3", "1,2"),
    ],
)
def test_what_a_live_paper_cannot_hold_is_refused_but_counted(text: str) -> None:
    with pytest.raises(NotOnPaper) as refused:
        live_question(read(text))
    assert str(refused.value).startswith("Met dit bestand kan nog geen echte stemming")
    assert count(read(text)).outcome.winners


def test_a_live_poll_needs_a_known_rule() -> None:
    with pytest.raises(ComesLater):
        live_rule(read(changed(("rule;greedy", "rule;unknown"))))


def test_a_project_called_blanco_is_a_project() -> None:
    text = SMALL.replace("3;400", "blanco;400").replace("1,2,3", "1,2,blanco")
    assert count(read(text)).outcome.votes == {"1": 3, "2": 2, "blanco": 1}


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
    except (PbError, ComesLater) as refused:
        sentence = str(refused)
    assert sentence
    assert "\n" not in sentence
