"""Counting a file: every kind of paper and rule, and the remarks on what is odd about it."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import decimal
from ballots.money import in_words
from ballots.pabulib import rules
from ballots.pabulib.file import PbError
from ballots.pabulib.reading import read
from ballots.pabulib.recount import FileCount, as_line, count

HEAD = "META\nkey;value\ndescription;Plein\nbudget;1000\nvote_type;approval\nrule;greedy\n"
PROJECTS = "PROJECTS\nproject_id;cost;name\n1;600;Bomen\n2;500;Banken\n3;400;Kas\n"
VOTES = "VOTES\nvoter_id;vote\nv1;1,2\nv2;1\nv3;1,2,3\nv4;\n"


def file(*meta: str, projects: str = PROJECTS, votes: str = VOTES, **head: str) -> str:
    """Return a file; `head` replaces values of the standard META, `meta` are lines to add."""
    text = HEAD
    for key, value in head.items():
        text = "\n".join(
            f"{key};{value}" if line.startswith(f"{key};") else line for line in text.split("\n")
        )
    return text + "".join(line + "\n" for line in meta) + projects + votes


def line(text: str) -> dict[str, Any]:
    return as_line("x", count(read(text)))


def remarks(text: str) -> list[str]:
    return list(map(str, count(read(text)).remarks))


# -- kinds of paper ----------------------------------------------------------------------------------

POINTS = "VOTES\nvoter_id;vote;points\na;1,2;5,1\nb;2;2\nc;3,1;0.5,-1\nd;;\n"
RANKED = "VOTES\nvoter_id;vote\na;1,2,3\nb;2\nc;3,1\nd;\n"


@pytest.mark.parametrize(
    ("kind", "meta", "votes", "expected"),
    [
        ("approval", [], VOTES, ({"1": 3, "2": 2, "3": 1}, {"1": 3, "2": 2, "3": 1})),
        ("choose-1", [], VOTES, ({"1": 3, "2": 2, "3": 1}, {"1": 3, "2": 2, "3": 1})),
        ("cumulative", [], POINTS, ({"1": 2, "2": 2, "3": 1}, {"1": 4, "2": 3, "3": "0.5"})),
        ("scoring", [], POINTS, ({"1": 2, "2": 2, "3": 1}, {"1": 4, "2": 3, "3": "0.5"})),
        ("ordinal", [], RANKED, ({"1": 2, "2": 2, "3": 2}, {"1": 5, "2": 5, "3": 4})),
        ("ordinal", ["max_length;5"], RANKED, ({"1": 2, "2": 2, "3": 2}, {"1": 9, "2": 9, "3": 8})),
        ("ordinal", ["max_length;2"], RANKED, ({"1": 2, "2": 2, "3": 2}, {"1": 3, "2": 3, "3": 2})),
        ("ordinal", [], VOTES.replace("v2;1", "v2;1,1"), ({"1": 4, "2": 2, "3": 1}, {"1": 11, "2": 4, "3": 1})),
    ],
)  # fmt: skip
@pytest.mark.parametrize("spelled", [str, str.upper, str.title, lambda kind: kind.replace("-", "")])
def test_what_a_paper_scores(
    kind: str, meta: list[str], votes: str, expected: tuple[object, object], spelled: Any
) -> None:
    counted = line(file(*meta, votes=votes, vote_type=spelled(kind)))
    assert (counted["votes"], counted["score"]) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (";1,2;5,1\n", ";1, 2 ;5 ,1\n"),
        (";1,2;5,1\n", ';"1,,2,";"5,1,"\n'),
        (";1,2;5,1\n", ";1,2;5.0,+1\n"),
        (";1,2;5,1\n", ";2,1;1,5\n"),
        ("voter_id;vote;points\na;1,2;5,1\nb;2;2\nc;3,1;0.5,-1\nd;;\n",
         "Points;Vote\n5,1;1,2\n2;2\n0.5,-1;3,1\n"),
    ],
)  # fmt: skip
def test_other_spellings_of_the_same_points(old: str, new: str) -> None:
    assert old in POINTS
    other = line(file(votes=POINTS.replace(old, new), vote_type="scoring"))
    assert other == line(file(votes=POINTS, vote_type="scoring"))


@pytest.mark.parametrize(
    ("votes", "number", "words"),
    [
        (VOTES, 13, "kolom points"),
        (POINTS.replace("5,1", "5"), 14, "2 projecten en geeft 1 keer punten"),
        (POINTS.replace("b;2;2", "b;2;2,3"), 15, "1 projecten en geeft 2 keer punten"),
        (POINTS.replace("b;2;2", "b;2;veel"), 15, "geen aantal punten"),
        (POINTS.replace("b;2;2", "b;9;2"), 15, "noemt project 9"),
        (POINTS.replace("b;2;2", "b;blanco;2"), 15, "noemt project blanco"),
    ],
)
def test_points_that_cannot_be_read_are_one_sentence(votes: str, number: int, words: str) -> None:
    with pytest.raises(PbError) as refused:
        count(read(file(votes=votes, vote_type="cumulative")))
    assert words in str(refused.value)
    assert f"regel {number} " in str(refused.value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (file(vote_type="iets anders"), 5),
        (file("max_length;veel", vote_type="ordinal"), 7),
        (file("max_length;0", vote_type="ordinal"), 7),
        (file("max_length;2.5", vote_type="ordinal"), 7),
        (file("min_project_score_threshold;hoog"), 7),
    ],
)
def test_what_decides_and_cannot_be_read_is_an_error(text: str, number: int) -> None:
    with pytest.raises(PbError, match=rf"egel {number} "):
        count(read(text))


# -- rules -------------------------------------------------------------------------------------------

PLAIN = GreedyRule(1000, {}, {}, Leftover.NONE, ())


@pytest.mark.parametrize(
    ("name", "meta", "rule"),
    [
        ("greedy", [], PLAIN),
        ("Greedy", [], PLAIN),
        ("greedy-threshold", ["min_project_score_threshold;2"], replace(PLAIN, threshold=2)),
        ("greedy", ["min_project_score_threshold;2,5"], replace(PLAIN, threshold=Fraction("2.5"))),
        ("greedy-no-skip", [], replace(PLAIN, skip=False)),
        ("Greedy No Skip", ["min_project_score_threshold;2"], replace(PLAIN, skip=False, threshold=2)),
        ("equalshares", [], EqualSharesRule(1000, Utility.COST, Completion.NONE, 1)),
        ("EqualShares/Add1", [], EqualSharesRule(1000, Utility.COST, Completion.ADD1, 1)),
        ("equal-shares/add1u", [], EqualSharesRule(1000, Utility.COST, Completion.ADD1U, 1)),
        ("unknown", [], None),
        ("", [], None),
        ("greedy-custom", [], None),
    ],
)  # fmt: skip
def test_the_rule_of_a_file(name: str, meta: list[str], rule: object) -> None:
    assert rules.rule(read(file(*meta, rule=name))) == rule


@pytest.mark.parametrize(
    ("rule", "meta", "selected", "left"),
    [
        ("greedy", [], ["1", "3"], "0"),
        ("greedy-no-skip", [], ["1"], "400"),
        ("greedy-threshold", ["min_project_score_threshold;2"], ["1"], "400"),
        ("greedy-threshold", ["min_project_score_threshold;3"], ["1"], "400"),
        ("greedy-threshold", ["min_project_score_threshold;4"], [], "1000"),
        ("equalshares", [], ["1"], "400"),
        ("unknown", [], [], "1000"),
    ],
)
def test_who_wins(rule: str, meta: list[str], selected: list[str], left: str) -> None:
    counted = line(file(*meta, rule=rule))
    assert (counted["selected"], counted["left"]) == (selected, left)


@pytest.mark.parametrize(("rule", "said"), [("unknown", "noemt zijn regel niet"), ("", "noemt zijn regel niet"),
                                            ("greedy-custom", "“greedy-custom”"), ("loten", "“loten”")])  # fmt: skip
def test_without_a_rule_all_is_counted_and_nobody_chosen(rule: str, said: str) -> None:
    counted = line(file(rule=rule))
    assert (counted["votes"], counted["selected"], counted["ties"]) == ({"1": 3, "2": 2, "3": 1}, [], [])
    assert [said in remark for remark in counted["remarks"]] == [True]


@pytest.mark.parametrize(
    ("kind", "votes"), [("cumulative", POINTS), ("scoring", POINTS), ("ordinal", RANKED)]
)
def test_equal_shares_are_for_projects_that_were_chosen(kind: str, votes: str) -> None:
    counted = line(file(votes=votes, vote_type=kind, rule="equalshares"))
    assert counted["selected"] == []
    assert "“equalshares”" in counted["remarks"][0]


def test_points_and_places_divide_the_budget() -> None:
    points = line(file(vote_type="scoring", votes="VOTES\nvoter_id;vote;points\na;1;1\nb;2;9\nc;1;1\n"))
    assert (points["votes"], points["selected"]) == ({"1": 2, "2": 1, "3": 0}, ["2", "3"])
    places = line(file(vote_type="ordinal", votes="VOTES\nvoter_id;vote\na;2,1\nb;2,1\nc;1,2\n"))
    assert (places["score"], places["selected"]) == ({"1": 4, "2": 5, "3": 0}, ["2", "3"])


def test_a_withdrawn_project_does_not_stop_a_rule_that_stops() -> None:
    projects = PROJECTS.replace("1;600", "1;999999999")
    text = file(projects=projects, rule="greedy-no-skip")
    assert line(text)["selected"] == ["2", "3"]
    assert line(text)["votes"] == {"1": 3, "2": 2, "3": 1}
    assert remarks(text) == [
        "Ingetrokken, want de kosten staan op 999999999: 1; de telling gaat daar gewoon door."
    ]
    assert line(file(projects=projects))["selected"] == ["2", "3"]


def test_caps_of_themes_and_places() -> None:
    projects = "PROJECTS\nproject_id;cost;category;neighborhood\n1;600;x;oost\n2;500;x;west\n3;400;z;\n"
    caps = [
        "categories;x, y",
        "budget_per_category;700,400",
        "neighborhoods;oost",
        "budget_per_neighborhood;50.5",
    ]
    text = file(*caps, projects=projects)
    assert rules.rule(read(text)) == GreedyRule(
        1000, {"x": 700, "y": 400}, {"oost": Fraction("50.5")}, Leftover.NONE, ()
    )
    assert line(text)["selected"] == ["2", "3"]
    assert [remark.split("”")[0] for remark in remarks(text)] == ["Voor “z", "Voor “west"]
    for all_alike in (
        text.replace("700,400", "700"),
        text.replace("700,400", "700").replace("categories;x, y\n", ""),
    ):
        rule = rules.rule(read(all_alike))
        assert isinstance(rule, GreedyRule)
        assert set(rule.theme_caps.values()) == {700}


def test_left_over_money() -> None:
    more = "leftover_budget;Fund additional projects that fit within leftover budget ordered by score"
    part = "leftover_budget;Partially fund one additional project with highest score"
    rule = rules.rule(read(file(more)))
    assert isinstance(rule, GreedyRule)
    assert rule.leftover is Leftover.MORE
    parted = line(file(part, budget="700"))
    assert (parted["selected"], parted["part_funded"], parted["left"]) == (["1"], ["2"], "0")
    assert "restgeld" in remarks(file("leftover_budget;Weggeven"))[0]
    assert "restgeld" in remarks(file(more, rule="greedy-no-skip"))[0]
    assert remarks(file("comment;#1: leftover budget was split in half")) == []


def test_ties_stay_out_of_the_selected() -> None:
    votes = VOTES.replace("v3;1,2,3", "v3;1,3")
    counted = line(file(votes=votes, budget="1100"))
    assert (counted["selected"], counted["ties"], counted["left"]) == (["1"], [["2", "3"]], "500")
    assert line(file(votes=votes))["selected"] == ["1", "3"]  # 2 does not fit in any order


def test_ballots_are_told_apart_by_the_way_they_came() -> None:
    votes = "VOTES\nvoter_id;vote;voting_method\nv1;1,2;internet\nv2;1;paper\nv3;1,2,3;internet\nv4;;\n"
    counted = count(read(file(votes=votes)))
    assert (counted.ballots, counted.ways) == (4, {"internet": 2, "paper": 1, "": 1})
    assert count(read(file())).ways == {}


# -- remarks -----------------------------------------------------------------------------------------


def test_what_differs_is_remarked_and_counted() -> None:
    projects = (
        PROJECTS.replace("cost;name", "cost;votes")
        .replace("Bomen", "7")
        .replace("Banken", "2")
        .replace("Kas", "")
    )
    assert remarks(file("num_projects;4", "num_votes;5", projects=projects)) == [
        "Het aantal plannen is volgens het bestand 4; geteld zijn er 3.",
        "Het aantal stembiljetten is volgens het bestand 5; geteld zijn er 4.",
        "De kolom votes van het bestand is anders dan geteld; aantal plannen: 1 (bij 1 staat 7, geteld is 3).",
    ]
    scores = (
        projects.replace("votes", "score")
        .replace("7", "5.0")
        .replace(";2\n", ";5\n")
        .replace("400;", "400;9")
    )
    assert remarks(file(projects=scores, votes=RANKED, vote_type="ordinal")) == [
        "De kolom score van het bestand is anders dan geteld; aantal plannen: 1 (bij 3 staat 9, geteld is 4)."
    ]


@pytest.mark.parametrize(
    ("stated", "differs"),
    [
        ("101", ""),
        ("010", "1, 2, 3"),
        ("1 1", ""),
        ("102", ""),
        ("212", "2"),
        ("302", ""),
        ("000", ""),
        ("111", "2"),
    ],
)
def test_winners_that_the_file_states(stated: str, differs: str) -> None:
    projects = "PROJECTS\nproject_id;cost;selected\n" + "".join(
        f"{id};{cost};{told.strip()}\n" for id, cost, told in zip("123", (600, 500, 400), stated, strict=True)
    )
    said = [remark for remark in remarks(file(projects=projects)) if "winnaars" in remark]
    assert [remark.split("(")[1] for remark in said] == ([f"{differs})."] if differs else [])


COUNTED = "Zo staat het in het bestand en zo is het geteld: elke keer telt mee."


def test_a_repeat_that_decides_is_not_told_to_change_nothing() -> None:
    assert remarks(file(budget="600", votes="VOTES\nvoter_id;vote\na;2,2\nb;1\nc;2\nd;1\n")) == [
        f"Stembiljetten waarop hetzelfde plan vaker staat: 1. {COUNTED}"
    ]


def test_a_repeated_id_counts_as_often_as_it_stands() -> None:
    text = file(votes=VOTES.replace("v2;1\n", "v2;1,1\nv2;1,1\n"))
    assert line(text)["votes"]["1"] == 6
    assert remarks(text) == [
        f"Stembiljetten waarop hetzelfde plan vaker staat: 2. {COUNTED} Voor wie er geld krijgt, maakt dat niets uit.",
        "Stembiljetten van een kiezer die al eerder in het bestand staat: 1; zij tellen mee.",
    ]


@pytest.mark.parametrize(
    ("meta", "number"),
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
        (["max_sum_points;1"], 0),
    ],
)
def test_broken_limits_are_remarked_with_their_number(meta: list[str], number: int) -> None:
    projects = "PROJECTS\nproject_id;cost;category\n1;600;x\n2;500;x\n3;400;y\n"
    said = remarks(file(*meta, projects=projects))
    assert ([number] if number else []) == [int(each.split(": ")[1].split()[0]) for each in said]
    assert line(file(*meta, projects=projects))["selected"] == ["1", "3"]


@pytest.mark.parametrize(
    ("kind", "meta", "limits"),
    [
        (
            "scoring",
            ["min_points;0"],
            "1 van de 4 (te weinig punten voor één plan, toegestaan was minstens 0)",
        ),
        (
            "scoring",
            ["max_points;4"],
            "1 van de 4 (te veel punten voor één plan, toegestaan was hoogstens 4)",
        ),
        (
            "scoring",
            ["max_sum_points;2", "min_sum_points;0"],
            "2 van de 4 (samen te weinig punten: 1, toegestaan was minstens 0; "
            "samen te veel punten: 1, toegestaan was hoogstens 2)",
        ),
        ("cumulative", [], "1 van de 4 (te weinig punten voor één plan, toegestaan was minstens 0)"),
        ("choose-1", [], "2 van de 4 (te veel plannen, toegestaan was hoogstens 1)"),
    ],
)
def test_limits_of_points(kind: str, meta: list[str], limits: str) -> None:
    assert [limits in each for each in remarks(file(*meta, votes=POINTS, vote_type=kind))] == [True]


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ("max_length;geen", "De grens max_length in het bestand is niet te begrijpen."),
        (
            "comment;#1: All paper votes were weighted half.",
            "staat alleen in een opmerking; het is niet toegepast.",
        ),
        ("comment;#1: Paper and internet. #2: A tie was broken by lot.", None),
        ("comment;#1: Budget raised to 5000, weighted by nobody.", None),
        ("onbekend;ja", None),
    ],
)
def test_other_remarks(meta: str, said: str | None) -> None:
    found = remarks(file(meta))
    assert [each.endswith(said or "") for each in found] == ([True] if said else [])
    assert line(file(meta))["selected"] == ["1", "3"]


def test_a_rule_that_lacks_its_threshold_says_so() -> None:
    assert ["drempel" in each for each in remarks(file(rule="greedy-threshold"))] == [True]
    shares = file("min_project_score_threshold;2", rule="equalshares")
    assert ["drempel" in each for each in remarks(shares)] == [True]


def test_points_for_who_is_not_on_a_ballot_are_remarked() -> None:
    text = file("default_score;3", votes=POINTS, vote_type="scoring")
    assert line(text)["score"]["3"] == "0.5"
    assert ["default_score: 3" in each for each in remarks(text)] == [True]
    assert remarks(file("default_score;0", votes=POINTS, vote_type="scoring")) == []


def test_a_project_called_blanco_is_a_project() -> None:
    text = file(projects=PROJECTS.replace("3;", "blanco;"), votes=VOTES.replace("1,2,3", "1,2,blanco"))
    assert line(text)["votes"] == {"1": 3, "2": 2, "blanco": 1}


def test_ids_may_hold_anything_but_a_comma() -> None:
    odd = ("BO.D1.1/20", "plein; noord", "“é” & <b>")
    projects = "PROJECTS\nproject_id;cost\n" + "".join(f'"{id}";1\n' for id in odd)
    votes = f'VOTES\nvoter_id;vote\na;"{",".join(odd)}"\nb;"{odd[1]}"\n'
    assert line(file(projects=projects, votes=votes))["votes"] == dict(zip(odd, (1, 2, 1), strict=True))


# -- any ballots at all ------------------------------------------------------------------------------

PICKS = st.lists(st.lists(st.tuples(st.sampled_from("123"), st.integers(-2, 9)), max_size=5), max_size=12)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PICKS, st.sampled_from(["approval", "scoring", "ordinal"]), st.booleans())
def test_votes_and_scores_are_what_the_ballots_say(
    picks: list[list[tuple[str, int]]], kind: str, quoted: bool
) -> None:
    mark = '"' if quoted else ""
    rows = "".join(
        f"{mark}v{n}{mark};{mark}{','.join(id for id, _ in pick)}{mark};{','.join(str(p) for _, p in pick)}\n"
        for n, pick in enumerate(picks)
    )
    counted = line(file("max_length;4", vote_type=kind, votes="VOTES\nvoter_id;vote;points\n" + rows))
    for id in "123":
        places = [(n, points) for pick in picks for n, (each, points) in enumerate(pick) if each == id]
        assert counted["votes"][id] == len(places)
        score = {
            "approval": len(places),
            "scoring": sum(points for _, points in places),
            "ordinal": sum(max(4 - n, 0) for n, _ in places),
        }
        assert counted["score"][id] == score[kind]


COSTS = {"1": "600", "2": "0.1", "3": "400", "twaalf tekens": "1"}
ROWS = st.lists(st.lists(st.sampled_from([*COSTS]), max_size=4), max_size=30)
BOUNDS = st.sampled_from(["0", "1", "2", "2.5", "600", "1000.1", "9e30"])
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        f"{end}_{of}": BOUNDS
        for end in ("min", "max")
        for of in ("length", "sum_cost", "length_per_category", "sum_cost_per_category")
    },
)


def counted_or_refused(meta: dict[str, str], kind: str, rows: list[tuple[str, str]]) -> object:
    """Return the count of these voters and votes, or the sentence that refuses it."""
    themes = dict(zip(COSTS, ("x", "x", "y", ""), strict=True))
    projects = "".join(f"{id};{cost};{themes[id]}\n" for id, cost in COSTS.items())
    text = file(
        *(f"{key};{value}" for key, value in meta.items()),
        projects=f"PROJECTS\nproject_id;cost;category\n{projects}",
        votes="VOTES\nvoter_id;vote\n" + "".join(f"{voter};{vote}\n" for voter, vote in rows),
        vote_type=kind,
    )
    try:
        return count(read(text))
    except PbError as refused:
        return str(refused)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    ROWS, LIMITS, st.sampled_from(["approval", "choose-1", "ordinal"]), st.sampled_from([",", " , ", ",,"])
)
def test_quoted_or_not_a_file_counts_the_same(
    ballots: list[list[str]], limits: dict[str, str], kind: str, comma: str
) -> None:
    """Without quotes the votes are split all at once; with quotes the csv reader takes them row by row."""
    rows = [(f"v{n % 20}", comma.join(ballot)) for n, ballot in enumerate(ballots)]
    quoted = [(f'"{voter}"', f'"{vote}"') for voter, vote in rows]
    assert counted_or_refused(limits, kind, rows) == counted_or_refused(limits, kind, quoted)


IN_WORDS = {
    "min_length": "te weinig plannen",
    "max_length": "te veel plannen",
    "min_length_per_category": "te weinig plannen van één thema",
    "max_length_per_category": "te veel plannen van één thema",
    "min_sum_cost": "plannen die samen te weinig kosten",
    "max_sum_cost": "plannen die samen te veel kosten",
    "min_sum_cost_per_category": "plannen van één thema die samen te weinig kosten",
    "max_sum_cost_per_category": "plannen van één thema die samen te veel kosten",
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ROWS, LIMITS)
def test_limits_are_held_against_every_ballot(ballots: list[list[str]], limits: dict[str, str]) -> None:
    def broken(ballot: list[str], key: str, bound: Fraction) -> set[str]:
        """Return the themes in which a ballot breaks a limit; the empty name is that of no theme."""
        parts = {"x": ["1", "2"], "y": ["3"]} if key.endswith("category") else {"": list(COSTS)}
        worth = {id: Fraction(COSTS[id]) if "cost" in key else 1 for id in COSTS}
        sums = {name: sum(worth[id] for id in ballot if id in part) for name, part in parts.items()}
        least = key.startswith("min")
        return {name for name, mine in sums.items() if (mine < bound if least else mine > bound)}

    def breaks(ballot: list[str], key: str, bound: Fraction) -> bool:
        return bool(broken(ballot, key, bound))

    def allowed(key: str) -> str:
        bound = decimal(Fraction(limits[key])).replace(".", ",")
        amount = in_words(Fraction(limits[key])) if "cost" in key else bound
        said = f"{'minstens' if key.startswith('min') else 'hoogstens'} {amount}"
        names = sorted(set().union(*(broken(ballot, key, Fraction(limits[key])) for ballot in ballots)))
        if names == [""]:
            return said
        return f"{said} per thema" if len(names) > 1 else f"{said} voor “{names[0]}”"

    per_limit = {
        key: sum(breaks(ballot, key, Fraction(bound)) for ballot in ballots) for key, bound in limits.items()
    }
    any_limit = sum(
        any(breaks(ballot, key, Fraction(bound)) for key, bound in limits.items()) for ballot in ballots
    )
    rows = [(f"v{n}", ",".join(ballot)) for n, ballot in enumerate(ballots)]
    counted = counted_or_refused(limits, "approval", rows)
    assert isinstance(counted, FileCount)
    said = [dict(remark.values) for remark in counted.remarks if "limits" in remark.values]
    order = [f"{end}_{of}" for of in ("length", "length_per_category", "sum_cost", "sum_cost_per_category")
             for end in ("min", "max")]  # fmt: skip
    known = [key for key in order if per_limit.get(key)]
    told = "; ".join(
        f"{IN_WORDS[key]}{f': {per_limit[key]}' if len(known) > 1 else ''}, toegestaan was {allowed(key)}"
        for key in known
    )
    assert said == ([{"number": any_limit, "all": len(ballots), "limits": told}] if any_limit else [])
    kept = [
        row
        for row, ballot in zip(rows, ballots, strict=True)
        if not any(breaks(ballot, key, Fraction(bound)) for key, bound in limits.items())
    ]
    without = counted_or_refused({}, "approval", kept)
    assert isinstance(without, FileCount)
    same = (set(counted.outcome.winners), counted.outcome.ties) == (
        set(without.outcome.winners),
        without.outcome.ties,
    )
    remarked = [str(remark) for remark in counted.remarks if "limits" in remark.values]
    assert [
        each.endswith("ook zonder deze biljetten krijgen dezelfde plannen geld.") for each in remarked
    ] == ([same] if any_limit else [])


@pytest.mark.parametrize(
    "row",
    ["v5", "v5;1;meer", "v5; 1", ";;", "", "v5;", '"v5";1', "v5;1,\n\n", "v5;1\r", " ; "],
)
def test_one_odd_row_changes_no_other(row: str) -> None:
    text = file(votes=VOTES + row + "\n" + "v6;3\n")
    if row == "v5":
        with pytest.raises(PbError, match=r"egel 18 "):
            count(read(text))
    else:
        votes = line(text)["votes"]
        assert (votes["2"], votes["3"]) == (2, 2)
        assert votes["1"] == 3 + ("1" in row)


def test_votes_kept_are_whole_rows() -> None:
    pb = read(file(votes=VOTES.replace("v2;1\n", "v2;1;meer;nog\n")))
    assert list(pb.votes.rows())[1] == ("v2", "1", "meer", "nog")
    kept = pb.only([3, 1])
    assert list(kept.votes.rows()) == [("v4", ""), ("v2", "1", "meer", "nog")]
    assert (len(kept.votes), list(kept.votes.lines)) == (2, [17, 15])
    assert count(kept).outcome.votes == {"1": 1, "2": 0, "3": 0}


def test_points_and_places_beyond_any_machine_number_are_exact() -> None:
    points = line(file(votes="VOTES\nvote;points\n1,2;1e40,0.1\n1,2;1,0.2\n", vote_type="scoring"))
    assert points["score"] == {"1": 10**40 + 1, "2": "0.3", "3": 0}
    places = line(file("max_length;1e30", votes=RANKED, vote_type="ordinal"))
    assert places["score"] == {"1": 2 * 10**30 - 1, "2": 2 * 10**30 - 1, "3": 2 * 10**30 - 2}
