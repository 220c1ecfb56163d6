"""Rankings: worked examples, the axioms, ties and lots, brute-force oracles, and pyrankvote."""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.counting import blocks, ranked
from ballots.counting.outcome import Outcome, as_json
from ballots.counting.ranked import Method, RankedRule, add, strongest_paths
from ballots.counting.tally import Ballots, Marking
from ballots.counting.ties import Lots, TieKey
from ballots.pabulib import reading
from ballots.paper import Money, Option

KRAKOW = Path(__file__).parents[3] / "shared/data/pabulib/Poland_Krakow_2018_Wzgorza_Krzeslawickie.pb"
IDS = ("a", "b", "c", "d")

INSTANCES = 1_000  # random elections that an oracle counts too

Papers = list[tuple[tuple[str, ...], int]]
Rule = Callable[..., Outcome]


def on_paper(ids: Sequence[str]) -> list[Option]:
    """Options of which each costs more than the next."""
    return [Option(id, id.upper(), 100 - n) for n, id in enumerate(ids)]


def run_off(ids: Sequence[str], papers: Ballots, lots: Lots = (), order: tuple[TieKey, ...] = ()) -> Outcome:
    return ranked.run_off(on_paper(ids), papers, RankedRule(Method.RUN_OFF, order), lots)


def schulze(ids: Sequence[str], papers: Ballots, lots: Lots = (), order: tuple[TieKey, ...] = ()) -> Outcome:
    return ranked.schulze(on_paper(ids), papers, RankedRule(Method.SCHULZE, order), lots)


RULES: tuple[Rule, ...] = (run_off, schulze)


def papers(**weights: int) -> Papers:
    """`ab=3` is three rankings of a before b."""
    return [(tuple(ids), weight) for ids, weight in weights.items()]


def steps(outcome: Outcome, kind: str) -> list[tuple[str | None, dict[str, Money | str]]]:
    return [(step.option, dict(step.values)) for step in outcome.steps if step.kind == kind]


# -- points for places ----------------------------------------------------------------------------


def test_the_first_of_so_many_places_gives_so_many_points() -> None:
    added = add("abc", papers(abc=2, cb=1), 3)
    assert added.score == {"a": 6, "b": 6, "c": 5}
    assert added.votes == {"a": 2, "b": 3, "c": 3, "blanco": 0}
    assert add("abc", papers(abc=2, cb=1), 2).score == {"a": 4, "b": 3, "c": 2}


@pytest.mark.skipif(not KRAKOW.exists(), reason="the shared Pabulib files are not here")
def test_krakow_2018_has_the_scores_of_its_file() -> None:
    pb = reading.read_path(str(KRAKOW))
    ids = [project.id for project in pb.projects]
    added = add(ids, [(cell, 1) for cell in pb.of_votes("vote") or ()], int(pb.meta["max_length"]))
    assert {id: str(number) for id, number in added.score.items()} == pb.of_projects("score")


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


def test_a_run_off_is_as_long_as_its_paper() -> None:
    ids = [f"o{n}" for n in range(200)]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        one_by_one = run_off(ids, [((id,), 10 + n) for n, id in enumerate(ids)])
        equal = run_off(ids, [((id,), 1) for id in ids])
    finally:
        sys.setrecursionlimit(limit)
    assert one_by_one.winners == ("o199",)
    assert (len(steps(one_by_one, "round")), equal.steps[-1].kind) == (199, "stopped")


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


@pytest.mark.parametrize("rule", RULES)
def test_without_rankings_nobody_wins(rule: Rule) -> None:
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
    for winner in schulze(IDS, given_papers).winners:  # a run-off is not monotone
        up = (winner, *(id for id in ranking if id != winner))
        moved = [*given_papers]
        moved[at % len(given_papers)] = (up, weight)
        assert schulze(IDS, moved).winners == (winner,)


@given(rankings)
def test_clones_of_a_loser_do_not_change_who_wins(given_papers: Papers) -> None:
    for rule in RULES:
        for winner in rule(IDS, given_papers).winners:
            for loser in set(IDS) - {winner}:
                cloned = [
                    (
                        tuple(other for id in ranking for other in ((id, "e") if id == loser else (id,))),
                        weight,
                    )
                    for ranking, weight in given_papers
                ]
                after = rule((*IDS, "e"), cloned)
                assert winner in after.winners or (rule is run_off and after.ties)


@given(rankings)
def test_reversal_who_alone_is_unbeaten_is_not_when_all_rank_the_other_way_round(
    given_papers: Papers,
) -> None:
    full = [((*ranking, *sorted(set(IDS) - set(ranking))), weight) for ranking, weight in given_papers]
    backwards = [(ranking[::-1], weight) for ranking, weight in full]
    for winner in schulze(IDS, full).winners:
        assert schulze(IDS, backwards).winners != (winner,)


# -- ties and lots --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "ran_off", "unbeaten"),
    [((), (), ()), (("paper-order",), "a", "a"), (("lower-cost",), "c", "b"), (("more-votes",), "c", "b")],
)
def test_a_tie_order_parts_equals(
    order: tuple[TieKey, ...], ran_off: Sequence[str], unbeaten: Sequence[str]
) -> None:
    # b and c have the fewest: without c, a has five of seven; without b, c wins of a
    assert run_off("abc", papers(a=3, bc=2, ca=2, c=0), order=order).winners == tuple(ran_off)
    # a and b are unbeaten
    assert schulze("abc", papers(ab=1, b=1, a=1, cb=1, ac=0), order=order).winners == tuple(unbeaten)


def test_a_lot_says_who_is_out_and_who_of_the_unbeaten_wins() -> None:
    tied = papers(a=3, bc=2, ca=2)
    assert run_off("abc", tied, [("b", "c")]).winners == ("a",)  # b was drawn first: c is out, a has five
    assert run_off("abc", tied, [("c", "b")]).winners == ("c",)
    for lot in ("ab", "ba"):
        assert schulze("abc", papers(a=1, b=1), [tuple(lot)]).winners == (lot[0],)


def test_a_lot_says_nothing_of_who_was_not_in_it() -> None:
    # c and d are equal; when d is out c has as many as b, which was in no lot yet
    tied = papers(a=5, ba=4, cb=2, dcb=2)
    assert run_off("abcd", tied).ties == (("c", "d"),)
    assert run_off("abcd", tied, [("d", "c")]).winners == ("b",)
    assert run_off("abcd", tied, [("c", "d")]).ties == (("b", "c"),)
    assert run_off("abcd", tied, [("c", "d"), ("b", "c")]).winners == ("b",)
    assert run_off("abcd", tied, [("c", "d"), ("c", "b")]).winners == ("a",)


@given(rankings, st.randoms(use_true_random=False))
def test_every_order_of_every_lot_ends_in_a_possible_outcome(given_papers: Papers, random: Any) -> None:
    for rule in RULES:
        outcome, lots = rule(IDS, given_papers), list[tuple[str, ...]]()
        possible = {id for tie in outcome.ties for id in tie} | {id for id, _ in steps(outcome, "depends")}
        possible |= set(outcome.winners)
        while outcome.ties:
            (tie,) = outcome.ties
            assert tie not in map(tuple, map(sorted, lots)), "no lot is drawn twice"
            lots.append(tuple(random.sample(tie, len(tie))))
            outcome = rule(IDS, given_papers, lots)
        assert len(outcome.winners) == (1 if possible else 0)
        assert set(outcome.winners) <= possible


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


@settings(max_examples=INSTANCES)
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


@settings(max_examples=INSTANCES)
@given(rankings)
def test_points_and_duels_are_those_of_a_plain_count(given_papers: Papers) -> None:
    added = add(IDS, given_papers, 3)
    for id in IDS:
        placed = [(ranking.index(id), weight) for ranking, weight in given_papers if id in ranking]
        assert added.score[id] == sum((3 - place) * weight for place, weight in placed if place < 3)
        assert added.votes[id] == sum(weight for _, weight in placed)
    for step in schulze(IDS, given_papers).steps:
        if step.kind != "duel":
            continue
        one, other, duel = str(step.option), str(step.values["other"]), step.values
        assert duel["for"] == sum(weight for ids, weight in given_papers if prefers(ids, one, other))
        assert duel["against"] == sum(weight for ids, weight in given_papers if prefers(ids, other, one))


@given(rankings, st.integers(1, 3))
def test_ids_text_ids_named_twice_and_small_blocks_come_to_the_same(given_papers: Papers, size: int) -> None:
    texts: list[tuple[Marking, int]] = [(",".join(ids) or "blanco", weight) for ids, weight in given_papers]
    twice = [((*ranking, *ranking[:2]), weight) for ranking, weight in given_papers]
    by_place: Callable[..., object] = lambda ids, papers: add(ids, papers, 2)  # noqa: E731
    for rule in (*RULES, by_place):
        plain = rule(IDS, given_papers)
        assert rule(IDS, texts) == plain
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(blocks, "AT_ONCE", size)
            assert rule(IDS, texts) == rule(IDS, twice) == plain


def test_many_options_have_their_places() -> None:
    for number in (253, 254, 255, 256, 300):  # around what fits in a byte
        ids = [f"o{n}" for n in range(number)]
        assert run_off(ids, [(tuple(ids[::-1]), 2), ((ids[0],), 1)]).winners == (ids[-1],)
        assert add(ids, [(tuple(ids), 1), ((), 1)], number).score == {
            id: number - n for n, id in enumerate(ids)
        }


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=INSTANCES)
@given(rankings)
def test_pyrankvote_elects_the_same(given_papers: Papers) -> None:
    pyrankvote = pytest.importorskip("pyrankvote", reason="pyrankvote (an oracle) is not installed")
    outcome = run_off(IDS, given_papers)
    if not outcome.winners:
        return
    candidates = {id: pyrankvote.Candidate(id) for id in IDS}
    votes = [
        pyrankvote.Ballot([candidates[id] for id in ranking])
        for ranking, weight in given_papers
        for _ in range(weight)
        if ranking
    ]
    elected = pyrankvote.instant_runoff_voting(list(candidates.values()), votes).get_winners()
    assert [candidate.name for candidate in elected] == list(outcome.winners)
