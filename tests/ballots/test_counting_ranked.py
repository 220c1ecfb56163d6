"""Rankings: worked examples, the axioms, brute-force oracles, and pyrankvote."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots import filecount, pabulib
from ballots.counting import ranked
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.outcome import Outcome, as_json
from ballots.counting.ranked import add, borda, divide, run_off, schulze, strongest_paths
from ballots.paper import Money, Option

KRAKOW = Path(__file__).parents[3] / "shared/data/pabulib/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb"
IDS = ("a", "b", "c", "d")

Papers = list[tuple[tuple[str, ...], int]]


def papers(**weights: int) -> Papers:
    """`ab=3` is three rankings of a before b."""
    return [(tuple(ids), weight) for ids, weight in weights.items()]


def steps(outcome: Outcome, kind: str) -> list[tuple[str | None, dict[str, Money | str]]]:
    return [(step.option, dict(step.values)) for step in outcome.steps if step.kind == kind]


# -- Borda ----------------------------------------------------------------------------------------


def test_the_first_of_so_many_places_gives_so_many_points() -> None:
    added = add("abc", papers(abc=2, cb=1), 3)
    assert added.score == {"a": 6, "b": 6, "c": 5}
    assert added.votes == {"a": 2, "b": 3, "c": 3, "blanco": 0}
    assert add("abc", papers(abc=2, cb=1), 2).score == {"a": 4, "b": 3, "c": 2}


def test_places_divide_a_budget_or_choose_one() -> None:
    options = [Option("a", "A", 60), Option("b", "B", 50), Option("c", "C", 40)]
    outcome = divide(options, papers(abc=2, cb=1), 2, GreedyRule(100, {}, {}, Leftover.NONE, ()))
    assert (outcome.winners, outcome.score, outcome.votes["c"]) == (("a", "c"), {"a": 4, "b": 3, "c": 2}, 3)
    assert borda("abc", papers(abc=2, cb=1), 3).ties == (("a", "b"),)
    assert borda("abc", papers(abc=2, cb=1), 2).winners == ("a",)


@pytest.mark.skipif(not KRAKOW.exists(), reason="the shared Pabulib files are not here")
def test_krakow_2018_has_the_scores_of_its_file() -> None:
    pb = filecount.read_path(str(KRAKOW))
    ids = [project.id for project in pb.projects]
    added = add(ids, [(ids, 1) for ids in pabulib.ballots(pb)], int(pb.meta["max_length"]))
    assert {id: str(number) for id, number in added.score.items()} == pb.column("score")


# -- instant run-off ------------------------------------------------------------------------------


def test_who_has_the_fewest_is_out_and_the_votes_move_on() -> None:
    outcome = run_off("abc", papers(a=4, bc=3, cb=2, c=0))
    assert outcome.winners == ("b",)
    assert outcome.score == {"a": 4, "b": 5, "c": 2}
    assert [(step.kind, step.option, dict(step.values)) for step in outcome.steps] == [
        ("round", None, {"round": 1, "size": 9, "needed": 5, "exhausted": 0}),
        ("stands", "a", {"round": 1, "score": 4}),
        ("stands", "b", {"round": 1, "score": 3}),
        ("stands", "c", {"round": 1, "score": 2}),
        ("out", "c", {"round": 1, "score": 2, "short": 2}),
        ("moved", "b", {"round": 1, "gained": 2}),
        ("round", None, {"round": 2, "size": 9, "needed": 5, "exhausted": 0}),
        ("stands", "b", {"round": 2, "score": 5}),
        ("stands", "a", {"round": 2, "score": 4}),
        ("elected", "b", {"round": 2, "size": 9, "needed": 5, "score": 5}),
    ]


def test_rankings_that_name_nobody_left_are_exhausted() -> None:
    outcome = run_off("abc", papers(a=4, b=3, c=2))
    assert outcome.winners == ("a",)
    assert steps(outcome, "round")[1] == (None, {"round": 2, "size": 7, "needed": 4, "exhausted": 2})


def test_few_enough_go_out_together() -> None:
    outcome = run_off("abcde", papers(ab=4, b=4, ca=1, da=1))
    assert [option for option, _ in steps(outcome, "out")] == ["e", "c", "d"]
    assert (outcome.winners, outcome.ties) == (("a",), ())


def test_equally_few_and_it_matters_is_a_tie() -> None:
    outcome = run_off("abc", papers(a=3, bc=2, ca=2))
    assert (outcome.winners, outcome.ties) == ((), (("b", "c"),))
    assert steps(outcome, "depends") == [("a", {"score": 3})]
    last = run_off("ab", papers(a=3, b=3))
    assert (last.winners, last.ties) == ((), (("a", "b"),))


def test_equally_few_and_it_does_not_matter_is_no_tie() -> None:
    outcome = run_off("abc", papers(a=3, ba=2, ca=2))
    assert (outcome.winners, outcome.ties) == (("a",), ())
    assert steps(outcome, "either") == [(None, {"options": "b,c", "score": 2, "round": 1})]


def test_too_many_lots_are_said_to_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked, "MOST_SETS", 3)
    outcome = run_off("abcd", papers(a=1, b=1, c=1, d=1))
    assert (outcome.winners, outcome.ties) == ((), (tuple("abcd"),))
    assert outcome.steps[-1].kind == "stopped"


# -- Schulze --------------------------------------------------------------------------------------


def test_schulze_his_own_example() -> None:
    # Schulze, A New Monotonic, Clone-Independent, Reversal Symmetric... Method, example of 45 voters
    given_papers = papers(
        acbed=5, adecb=5, bedac=8, cabed=3, caebd=7, cbade=2, dceba=7, ebadc=8
    )  # fmt: skip
    outcome = schulze("abcde", given_papers)
    assert outcome.winners == ("e",)
    assert outcome.score == {"e": 4, "a": 3, "c": 2, "b": 1, "d": 0}
    assert steps(outcome, "duel")[0] == ("a", {"other": "b", "for": 20, "against": 25})
    assert steps(outcome, "unbeaten") == [("e", {"score": 4, "other": "a", "strength": 25, "back": 24})]
    assert dict(steps(outcome, "beaten"))["d"]["score"] == 0


def test_unbeaten_together_is_a_tie() -> None:
    outcome = schulze("abc", papers(a=1, b=1))
    assert (outcome.winners, outcome.ties) == ((), (("a", "b"),))


def test_who_is_not_named_comes_after_who_is() -> None:
    assert schulze("abc", papers(c=2, ab=1)).winners == ("c",)


@pytest.mark.parametrize("rule", [run_off, schulze, lambda ids, papers: borda(ids, papers, 2)])
def test_without_rankings_nobody_wins(rule: Callable[..., Outcome]) -> None:
    for nothing in ([], [("blanco", 3), ((), 1)]):
        outcome = rule("ab", nothing)
        assert (outcome.winners, outcome.ties, outcome.steps[-1].kind) == ((), (), "nobody")
    assert rule("ab", [("blanco", 3), ((), 1)]).votes == {"a": 0, "b": 0, "blanco": 4}
    alone = rule("a", [("a", 1)])
    assert alone.winners == ("a",)


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="not on the paper"):
        run_off("ab", papers(c=1))
    with pytest.raises(ValueError, match="less than nothing"):
        run_off("ab", papers(a=-1))
    with pytest.raises(ValueError, match="same id"):
        run_off("aa", [])
    with pytest.raises(ValueError, match="one place"):
        add("ab", [], 0)


# -- axioms ---------------------------------------------------------------------------------------

RULES: list[Callable[[Iterable[str], Papers], Outcome]] = [
    lambda ids, papers: borda(tuple(ids), papers, 4),
    lambda ids, papers: run_off(tuple(ids), papers),
    lambda ids, papers: schulze(tuple(ids), papers),
]
rankings = st.lists(
    st.tuples(
        st.tuples(st.permutations(IDS), st.integers(0, 4)).map(lambda drawn: tuple(drawn[0][: drawn[1]])),
        st.integers(1, 4),
    ),
    max_size=7,
)


@given(rankings, st.randoms(use_true_random=False))
def test_anonymity(given_papers: Papers, random: Any) -> None:
    one_by_one = [(ranking, 1) for ranking, weight in given_papers for _ in range(weight)]
    random.shuffle(one_by_one)
    for rule in RULES:
        assert as_json(rule(IDS, one_by_one)) == as_json(rule(IDS, given_papers))


@given(rankings, st.permutations(IDS))
def test_neutrality(given_papers: Papers, order: list[str]) -> None:
    rename = dict(zip(IDS, order, strict=True))
    renamed = [(tuple(rename[id] for id in ranking), weight) for ranking, weight in given_papers]
    for rule in RULES:
        before, after = rule(IDS, given_papers), rule(IDS, renamed)
        assert after.winners == tuple(rename[id] for id in before.winners)
        assert {frozenset(tie) for tie in after.ties} == {
            frozenset(rename[id] for id in tie) for tie in before.ties
        }


@given(rankings)
def test_majority_who_more_than_half_put_first_wins(given_papers: Papers) -> None:
    size = sum(weight for ranking, weight in given_papers if ranking)
    for id in IDS:
        if 2 * sum(weight for ranking, weight in given_papers if ranking[:1] == (id,)) > size:
            assert run_off(IDS, given_papers).winners == (id,)
            assert schulze(IDS, given_papers).winners == (id,)


def prefers(ranking: tuple[str, ...], one: str, other: str) -> bool:
    return one in ranking and (other not in ranking or ranking.index(one) < ranking.index(other))


def lead(given_papers: Papers, one: str, other: str) -> int:
    return sum(
        weight * (prefers(ranking, one, other) - prefers(ranking, other, one))
        for ranking, weight in given_papers
    )


@given(rankings)
def test_condorcet_who_wins_every_duel_wins_schulze_and_who_loses_every_duel_never(
    given_papers: Papers,
) -> None:
    outcome = schulze(IDS, given_papers)
    for id in IDS:
        leads = [lead(given_papers, id, other) for other in IDS if other != id]
        if min(leads) > 0:
            assert outcome.winners == (id,)
        if max(leads) < 0:
            assert id not in outcome.winners
            assert all(id not in tie for tie in outcome.ties)
            assert id not in run_off(IDS, given_papers).winners


@given(rankings, st.integers(0, 6))
def test_monotonicity_a_winner_moved_up_still_wins(given_papers: Papers, at: int) -> None:
    if not given_papers:
        return
    ranking, weight = given_papers[at % len(given_papers)]
    for rule in (RULES[0], RULES[2]):  # a run-off is not monotone
        for winner in rule(IDS, given_papers).winners:
            up = (winner, *(id for id in ranking if id != winner))
            moved = [*given_papers]
            moved[at % len(given_papers)] = (up, weight)
            assert rule(IDS, moved).winners == (winner,)


@given(rankings)
def test_clones_of_a_loser_do_not_change_who_wins_a_run_off(given_papers: Papers) -> None:
    outcome = run_off(IDS, given_papers)
    if not outcome.winners:
        return
    for loser in set(IDS) - set(outcome.winners):
        cloned = [
            (tuple(other for id in ranking for other in ((id, "e") if id == loser else (id,))), weight)
            for ranking, weight in given_papers
        ]
        after = run_off((*IDS, "e"), cloned)
        assert outcome.winners[0] in after.winners or after.ties


# -- oracles --------------------------------------------------------------------------------------


def every_winner(given_papers: Papers, still: frozenset[str]) -> Iterator[str]:
    """Who can win a run-off: everybody out who may be, one by one, until one is left."""
    if len(still) == 1:
        yield from still
        return
    firsts = dict.fromkeys(still, 0)
    for ranking, weight in given_papers:
        first = next((id for id in ranking if id in still), None)
        if first:
            firsts[first] += weight
    for id in still:
        if firsts[id] == min(firsts.values()):
            yield from every_winner(given_papers, still - {id})


@settings(max_examples=300)
@given(rankings)
def test_a_run_off_elects_who_every_lot_elects(given_papers: Papers) -> None:
    outcome = run_off(IDS, given_papers)
    if not any(ranking for ranking, _ in given_papers):
        return
    possible = set(every_winner(given_papers, frozenset(IDS)))
    assert outcome.winners == (tuple(possible) if len(possible) == 1 else ())
    assert bool(outcome.ties) == (len(possible) > 1)
    told = {id for tie in outcome.ties for id in tie} | {id for id, _ in steps(outcome, "depends")}
    assert possible <= told | set(outcome.winners)


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4))
def test_strongest_paths_are_the_strongest_of_all_chains(duels: list[list[int]]) -> None:
    won = [[n if n > duels[j][i] else 0 for j, n in enumerate(row)] for i, row in enumerate(duels)]
    paths = strongest_paths(duels)
    for i, j in permutations(range(4), 2):
        chains = []
        others = [n for n in range(4) if n not in (i, j)]
        for length in range(3):
            for via in permutations(others, length):
                stops = (i, *via, j)
                chains.append(min(won[one][two] for one, two in pairwise(stops)))
        assert paths[i][j] == max(chains)


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
@settings(max_examples=200, deadline=None)  # the first import of numpy takes its time
@given(rankings)
def test_with_numpy_it_is_the_same(given_papers: Papers) -> None:
    texts = [(",".join(ranking) or "blanco", weight) for ranking, weight in given_papers]
    filled = [(text, weight) for text, weight in texts if text != "blanco"]
    twice = [((*ranking, *ranking[:2]), weight) for ranking, weight in given_papers]
    for rule in RULES:
        plain = as_json(rule(IDS, given_papers))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ranked, "QUICK_FROM", 1)
            assert as_json(rule(IDS, given_papers)) == plain
            assert as_json(rule(IDS, texts)) == plain  # type: ignore[arg-type]
            assert as_json(rule(IDS, twice)) == plain
            quick = as_json(rule(IDS, filled))  # type: ignore[arg-type]
        assert quick == as_json(rule(IDS, filled))  # type: ignore[arg-type]


@pytest.mark.skipif(find_spec("pyrankvote") is None, reason="pyrankvote (an oracle) is not installed")
@settings(max_examples=300, deadline=None)
@given(rankings)
def test_pyrankvote_elects_the_same(given_papers: Papers) -> None:
    outcome = run_off(IDS, given_papers)
    if not outcome.winners:
        return
    pyrankvote = import_module("pyrankvote")
    candidates = {id: pyrankvote.Candidate(id) for id in IDS}
    votes = [
        pyrankvote.Ballot([candidates[id] for id in ranking])
        for ranking, weight in given_papers
        for _ in range(weight)
        if ranking
    ]
    elected = pyrankvote.instant_runoff_voting(list(candidates.values()), votes).get_winners()
    assert [candidate.name for candidate in elected] == list(outcome.winners)
