"""narekenen.py on the board and its records: what may be recorded, checkpoints, contested votes."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from tests.conftest import RULE, START
from tests.trust import bundles
from tests.trust.bundles import (
    CASES,
    LENGTHEN,
    YES_NO,
    Case,
    Files,
    canonical,
    hashed,
    made,
    rebuilt,
    rows,
    signed,
)
from tests.trust.changing import another_order
from tests.trust.recounting import (
    NOT_PUBLISHED,
    RIGHT,
    WRONG,
    another_key,
    ended,
    ends,
    on_letter,
    recorded,
    verdict,
    zipped,
)


def before(days: float = 0, **more: object) -> dict[str, object]:
    """Return the moment of a record, so many days after the start."""
    return {"at": (START + timedelta(days=days)).isoformat()} | more


CLOSES = START + timedelta(days=14)


def lengthened(days: float) -> dict[str, object]:
    return {"closes": (CLOSES + timedelta(days=days)).isoformat(), "closes_text": "tot en met zondag"}


@dataclass(frozen=True)
class Known:
    """Letters of a bundle, by what became of them."""

    used: list[str]
    open: list[str]
    void: list[str]


def known(files: Files) -> Known:
    poll = bytes.fromhex(json.loads(files["definition.json"])["poll"])
    used = sorted(hashed("brief", poll, bytes.fromhex(p)).hex() for p, _ in rows(files, "redemptions.csv"))
    listed, void = set(json.loads(files["definition.json"])["letters"]), set[str]()
    for record in (entry["record"] for entry in json.loads(files["records.json"])):
        if record["kind"] == "replace":
            void |= {old for old, _ in record["facts"]["letters"]}
        if record["kind"] == "void":
            void |= set(record["facts"]["letters"])
    return Known(used, sorted(listed - void - set(used)), sorted(void))


NEW = ["00" * 32, "01" * 32, "02" * 32]
Made = Callable[[Known], tuple[str, object, int, dict[str, object]]]
MAY: dict[str, Made] = {
    "void": lambda k: ("void", {"letters": k.open[:2]}, 1, {}),
    "by two": lambda k: ("void", {"letters": k.open[:1]}, 2, {}),
    "replace": lambda k: ("replace", {"letters": [[k.open[0], NEW[1]]]}, 1, {}),
    "replace more": lambda k: ("replace", {"letters": [[k.open[0], NEW[1]], [k.open[1], NEW[0]]]}, 2, {}),
    "add": lambda k: ("add", {"letters": NEW}, 2, {}),
    "lengthen": lambda k: ("lengthen", lengthened(LENGTHEN), 2, before(13.999)),
    "contest": lambda k: ("contest", {"letters": k.used}, 1, before(99)),
    "restored": lambda k: ("restored", {"missing": 3}, 2, before(99)),
}
NOT_OPEN = "maakt een brief ongeldig die niet geldig was."
NOT_NEW = "voegt een brief toe die er al was."
UNKNOWN = "heeft iets wat dit programma niet kent."
FEW = "is door te weinig mensen besloten."
NOT_SO = "verlengt de stemming niet zoals vooraf is vastgelegd."
IN = "in aantekening {} van records.json staat iets wat daar niet hoort."
MAY_NOT: dict[str, tuple[Made, str]] = {
    "void, not listed": (lambda k: ("void", {"letters": NEW[:1]}, 1, {}), NOT_OPEN),
    "void, void": (lambda k: ("void", {"letters": k.void[:1]}, 1, {}), NOT_OPEN),
    "void, twice": (lambda k: ("void", {"letters": k.open[:1] * 2}, 1, {}), NOT_OPEN),
    "void, not sorted": (lambda k: ("void", {"letters": k.open[1::-1]}, 1, {}), IN),
    "void, none": (lambda k: ("void", {"letters": []}, 1, {}), IN),
    "void, no letter": (
        lambda k: ("void", {"letters": ["x"]}, 1, {}),
        "in aantekening {} staat een brief die geen brief is.",
    ),
    "void, no letters": (lambda k: ("void", {"letters": "x"}, 1, {}), IN),
    "void, more facts": (lambda k: ("void", {"letters": k.open[:1], "x": 1}, 1, {}), UNKNOWN),
    "void, by nobody": (lambda k: ("void", {"letters": k.open[:1]}, 0, {}), IN),
    "void, by three": (lambda k: ("void", {"letters": k.open[:1]}, 3, {}), IN),
    "void, by true": (lambda k: ("void", {"letters": k.open[:1]}, True, {}), IN),
    "void, after close": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, before(14 + LENGTHEN)),
        "is van nadat de stemming was gesloten.",
    ),
    "void, another time zone": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, {"at": "2026-06-02T12:00:00+02:00"}),
        IN,
    ),
    "void, no reason": (
        lambda k: ("void", {"letters": k.open[:1]}, 1, {"reason": " \n"}),
        "heeft geen reden.",
    ),
    "void, more": (lambda k: ("void", {"letters": k.open[:1]}, 1, {"x": ""}), UNKNOWN),
    "replace, void": (lambda k: ("replace", {"letters": [[k.void[0], NEW[0]]]}, 1, {}), NOT_OPEN),
    "replace by a known one": (lambda k: ("replace", {"letters": [[k.open[0], k.open[1]]]}, 1, {}), NOT_NEW),
    "replace by a void one": (lambda k: ("replace", {"letters": [[k.open[0], k.void[0]]]}, 1, {}), NOT_NEW),
    "replace two by one": (
        lambda k: ("replace", {"letters": [[k.open[0], NEW[0]], [k.open[1], NEW[0]]]}, 2, {}),
        NOT_NEW,
    ),
    "replace, alone": (
        lambda k: ("replace", {"letters": [[k.open[0], NEW[0]], [k.open[1], NEW[1]]]}, 1, {}),
        FEW,
    ),
    "replace, no pair": (lambda k: ("replace", {"letters": [[k.open[0]]]}, 1, {}), IN),
    "add, known": (lambda k: ("add", {"letters": k.open[:1]}, 2, {}), NOT_NEW),
    "add, alone": (lambda k: ("add", {"letters": NEW}, 1, {}), FEW),
    "lengthen, too long": (lambda k: ("lengthen", lengthened(LENGTHEN + 1 / 24 + 1e-6), 2, {}), NOT_SO),
    "lengthen, not longer": (lambda k: ("lengthen", lengthened(0), 2, {}), NOT_SO),
    "lengthen, no day": (lambda k: ("lengthen", lengthened(1) | {"closes_text": " "}, 2, {}), NOT_SO),
    "lengthen, alone": (lambda k: ("lengthen", lengthened(1), 1, {}), FEW),
    "lengthen, after close": (
        lambda k: ("lengthen", lengthened(1), 2, before(14)),
        "is van nadat de stemming was gesloten.",
    ),
    "contest, not listed": (
        lambda k: ("contest", {"letters": NEW[:1]}, 1, {}),
        "betwist een brief die niet geldig was.",
    ),
    "contest, void": (
        lambda k: ("contest", {"letters": k.void[:1]}, 1, {}),
        "betwist een brief die niet geldig was.",
    ),
    "withdraw, alone": (lambda k: ("withdraw", {}, 1, {}), FEW),
    "restart, with facts": (lambda k: ("restart", {"x": 1}, 2, {}), UNKNOWN),
    "restored, alone": (lambda k: ("restored", {"missing": 1}, 1, {}), FEW),
    "restored, fewer than none": (lambda k: ("restored", {"missing": -1}, 2, {}), "telt niet goed."),
    "restored, no number": (lambda k: ("restored", {"missing": "1"}, 2, {}), "telt niet goed."),
    "another kind": (lambda k: ("undo", {}, 2, {}), UNKNOWN),
}


def with_record(files: Files, key: Ed25519PrivateKey, made: Made) -> Files:
    kind, facts, people, more = made(known(files))
    return rebuilt(files | {"records.json": recorded(files, kind, facts, people, **more)}, key)


@pytest.mark.parametrize("name", MAY)
def test_a_record_that_may_be_made(tmp_path: Path, program: ModuleType, name: str) -> None:
    files, key = made(CASES["quorum, web and paper"])
    assert verdict(program, tmp_path, with_record(files, key, MAY[name])) == RIGHT


@pytest.mark.parametrize("name", MAY_NOT)
def test_a_record_that_may_not_be_made(tmp_path: Path, program: ModuleType, name: str) -> None:
    files, key = made(CASES["quorum, web and paper"])
    files = with_record(files, key, lambda k: ("void", {"letters": k.open[2:]}, 1, {}))
    record, sentence = MAY_NOT[name]
    expected = sentence.format(2) if "{}" in sentence else f"aantekening 2 {sentence}"
    assert ended(program, tmp_path, with_record(files, key, record)) == (WRONG, f"FOUT: {expected}")


def test_what_records_make_impossible(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["quorum, web and paper"])
    twice = with_record(with_record(files, key, MAY["lengthen"]), key, MAY["lengthen"])
    assert ended(program, tmp_path, twice)[1] == "FOUT: aantekening 2 verlengt de stemming nog een keer."
    contested = with_record(files, key, MAY["contest"])
    void = with_record(contested, key, lambda k: ("void", {"letters": k.used[:1]}, 1, {}))
    assert ended(program, tmp_path, void)[1] == f"FOUT: aantekening 2 {NOT_OPEN}"
    unused = with_record(files, key, lambda k: ("contest", {"letters": k.open[:1]}, 1, {}))
    sentence = "FOUT: in records.json staat een betwiste brief die niet is gebruikt."
    assert ended(program, tmp_path, unused)[1] == sentence
    files, key = made(CASES["withdrawn"])
    more = rebuilt(files | {"records.json": recorded(files, "restored", {"missing": 1}, 2)}, key)
    sentence = "FOUT: aantekening 2 is van nadat de stemming was ingetrokken."
    assert ended(program, tmp_path, more)[1] == sentence
    files, key = made(CASES["yes or no"])
    withdrawn = rebuilt(files | {"records.json": recorded(files, "withdraw", {}, 2)}, key)
    assert verdict(program, tmp_path, withdrawn) == WRONG  # with an outcome all the same


def test_replacing_a_letter_raises_no_quorum(tmp_path: Path, program: ModuleType) -> None:
    """An address counts once, however many letters it was sent; one that was added counts."""
    rule = MajorityRule(
        Majority.SIMPLE, Base.VOTES, False, Quorum.TURNOUT, Fraction(3, 4), True, MissedQuorum.BARS
    )
    files, key = made(Case(((YES_NO, rule),)))  # 9 of 12 letters, just enough
    assert json.loads(files["outcome.json"])[0]["quorum_met"] is True
    replaced = with_record(files, key, MAY["replace"])
    assert json.loads(replaced["outcome.json"])[0]["quorum_met"] is True
    added = with_record(files, key, MAY["add"])
    assert json.loads(added["outcome.json"])[0]["quorum_met"] is False
    assert verdict(program, tmp_path, replaced) == verdict(program, tmp_path, added) == RIGHT


def test_records_follow_each_other(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    for change in ({"number": 4}, {"number": True}, {"number": "3"}, {"previous": "00" * 32}):
        entries = json.loads(files["records.json"])
        body = entries[2]["record"] | change
        entries[2] = {"record": body, "signature": key.sign(canonical(body)).hex()}
        changed = signed(files | {"records.json": canonical(entries)}, key)
        assert verdict(program, tmp_path, changed) == WRONG, change
    entries = json.loads(files["records.json"])
    for other in (entries[:2] + entries[3:], entries[:-1], [entries[1], entries[0], *entries[2:]]):
        changed = signed(files | {"records.json": canonical(other)}, key)
        assert verdict(program, tmp_path, changed) == WRONG


def test_checkpoints_agree_with_the_board(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    notes = json.loads(files["checkpoints.json"])
    leaves, poll = bundles.leaves(files), bytes.fromhex(json.loads(files["definition.json"])["poll"])
    hashes = [hashlib.sha256(files["definition.json"]).digest()]
    hashes += [
        hashlib.sha256(canonical(entry["record"])).digest() for entry in json.loads(files["records.json"])
    ]
    ninth = [*leaves[:8], leaves[0]]
    wrong = {
        "other leaves": (
            [*notes[:-1], bundles.note(key, poll, ninth, 6, hashes[6])],
            "daar staan andere antwoorden.",
        ),
        "other records": (
            [*notes[:-1], bundles.note(key, poll, leaves, 6, hashes[5])],
            "andere aantekeningen.",
        ),
        "more records": ([*notes, bundles.note(key, poll, leaves, 7, hashes[6])], "andere aantekeningen."),
        "more leaves": (
            [*notes, bundles.note(key, poll, [*leaves, b"\1" * 33], 6, hashes[6])],
            "telt 10 antwoorden op het bord, en nu zijn het er 9.",
        ),
        "a smaller one": ([*notes, notes[-2]], "telt minder dan het vorige."),
        "an earlier one": ([notes[1], notes[0], *notes[1:]], "telt minder dan het vorige."),
        "not the last": (notes[:-1], "het laatste controlepunt telt niet alles wat op het bord staat."),
        "none": ([], "het laatste controlepunt telt niet alles wat op het bord staat."),
        "no text": ([7], "in checkpoints.json staat iets wat daar niet hoort."),
    }
    for name, (given, sentence) in wrong.items():
        changed = signed(files | {"checkpoints.json": canonical(given)}, key)
        code, said = ended(program, tmp_path, changed)
        assert code == WRONG, name
        assert said.endswith(sentence), name
    twice = signed(files | {"checkpoints.json": canonical([*notes, notes[-1]])}, key)
    assert verdict(program, tmp_path, twice) == RIGHT
    files, key = made(CASES["nobody"])
    assert verdict(program, tmp_path, signed(files | {"checkpoints.json": b"[]"}, key)) == NOT_PUBLISHED


def test_a_checkpoint_that_was_kept(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(CASES["yes or no, and records"])
    notes = json.loads(files["checkpoints.json"])
    other, _ = made(CASES["yes or no, and records"], seed=2)
    path, kept = zipped(tmp_path, files), tmp_path / "kept.txt"
    for right in (notes[0], notes[4], notes[-1].replace("\n", "\r\n"), notes[3].strip(), f"\n{notes[3]}\n\n"):
        kept.write_bytes(right.encode())
        assert ends(program, path, "--checkpoint", kept)[0] == RIGHT
        assert ends(program, "--checkpoint", kept, path, "--hash", on_letter(files))[0] == RIGHT
    line = notes[4].splitlines()[-1]
    of_another = json.loads(other["checkpoints.json"])[3]
    forged = rebuilt(files, another_key())
    poll, leaves = bytes.fromhex(json.loads(files["definition.json"])["poll"]), bundles.leaves(files)
    more = bundles.note(key, poll, [*leaves, b"\1" * 33], 0, bytes(32))
    wrong = {
        b"": "is geen controlepunt van een stemming.",
        b"hallo": "is geen controlepunt van een stemming.",
        b"\xff\xfe": "is niet te lezen.",
        of_another.encode(): "is van een andere stemming.",
        json.loads(forged["checkpoints.json"])[3].encode(): "klopt niet.",
        notes[4].replace("records 3", "records 2").encode(): "klopt niet.",
        notes[4].replace(line, notes[3].splitlines()[-1]).encode(): "klopt niet.",
        (notes[4] + line + "\n").encode(): "is geen controlepunt van een stemming.",
        more.encode(): "telt 10 antwoorden op het bord, en nu zijn het er 9.",
        b"x" * 1_000_000: "is geen controlepunt van een stemming.",
    }
    for given, sentence in wrong.items():
        kept.write_bytes(given)
        code, said = ends(program, path, "--checkpoint", kept)
        assert code == WRONG, given[:300]
        assert said.splitlines()[-1].startswith("FOUT: ")
        assert said.splitlines()[-1].endswith(sentence), said
    assert ends(program, path, "--checkpoint", tmp_path / "nergens")[0] == WRONG
    assert ends(program, path, "--checkpoint", tmp_path)[0] == WRONG


@pytest.mark.parametrize("name", ["under the floor", "withdrawn", "to be asked again"])
def test_little_is_published_but_a_kept_checkpoint_is_compared(
    tmp_path: Path, program: ModuleType, name: str
) -> None:
    files, key = made(CASES[name])
    note = json.loads(files["checkpoints.json"])[-2]
    assert verdict(program, tmp_path, files, kept=note) == NOT_PUBLISHED
    forged = rebuilt(another_order(files, random.Random(1)), key)
    assert verdict(program, tmp_path, forged) == NOT_PUBLISHED
    assert verdict(program, tmp_path, forged, kept=note) == WRONG


def test_contested_votes_are_told(tmp_path: Path, program: ModuleType) -> None:
    files, key = made(Case(((YES_NO, RULE),), web=30), seed=4)
    (outcome,) = json.loads(files["outcome.json"])
    margin = abs(outcome["votes"]["voor"] - outcome["votes"]["tegen"])
    assert margin > 2
    for number, certain in ((1, True), (margin, False)):
        letters = known(files).used[:number]
        changed = with_record(files, key, lambda k, some=letters: ("contest", {"letters": some}, 1, {}))  # type: ignore[misc]
        code, said = ends(program, zipped(tmp_path, changed))
        assert code == RIGHT
        assert f"gebruikte brieven waarvan het adres zegt dat het niet stemde: {number}." in said
        assert ("die stemmen kunnen de uitslag niet veranderen" in said) == certain
        assert ("niet uit te sluiten dat dit de uitslag verandert" in said) != certain
