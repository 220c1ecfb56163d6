"""The recount in the browser: what is published recounts, and whatever was changed is caught.

Bundles are invented from the specification (tests/trust/bundles.py). Who attacks holds the board key, and
signs again what was changed; only the hash on the letters is out of reach.
"""

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, Route

from ballots.paper import longest
from tests.browser import lab
from tests.conftest import START
from tests.trust import bundles
from tests.trust.bundles import CASES, Files, canonical, made, rebuilt, signed

UNPUBLISHED = {name for name in CASES if name.startswith(("under the floor", "nobody", "withdrawn", "to be"))}
PUBLISHED = [name for name in CASES if name not in UNPUBLISHED]
TIMES = 40


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with lab.opened(browser) as page:
        yield page


def on_letter(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(files["definition.json"]).hexdigest()


def verdict(page: Page, files: Mapping[str, bytes], **known: Any) -> tuple[str, str]:
    """Return how it ended, and the key of the last thing that was said."""
    end, said = lab.recounted(page, files, **known)
    assert [each["kind"] for each in said].count("wrong") == (end == "wrong")
    assert said[-1]["kind"] == ("wrong" if end == "wrong" else "end")
    return end, said[-1]["key"]


# What is published recounts


@pytest.mark.parametrize("name", CASES)
def test_what_is_published_recounts(page: Page, name: str) -> None:
    files, _ = made(CASES[name])
    end, key = verdict(page, files, hash=on_letter(files))
    if name in UNPUBLISHED:
        ends = {"withdrawn": "withdrawn", "to be asked again": "restarted"}
        assert (end, key) == ("unpublished", ends.get(name, "few"))
    else:
        assert (end, key) == ("right", "right")
        assert verdict(page, files) == ("right", "consistent")
    assert verdict(page, files, hash="0" * 64) == ("wrong", "hash-on-letter")


def test_everything_that_matters_is_said(page: Page) -> None:
    files, _ = made(CASES["several, and records"])
    end, said = lab.recounted(page, files, hash=on_letter(files))
    keys = [each["key"] for each in said]
    assert end == "right"
    assert keys[:3] == ["poll", "hash", "files"]
    assert {"records", "checkpoints", "letters", "redemptions", "openings", "numbers", "counted"} <= set(keys)
    assert {"contested", "restored"} <= set(keys)
    assert keys.count("counted") == 2


def test_files_of_the_dossier_are_named_and_not_judged(page: Page) -> None:
    files, key = made(CASES["yes or no"])
    _, said = lab.recounted(page, signed(files | {"journal.json": b"[]"}, key))
    assert {"kind": "note", "key": "others", "values": {"names": "journal.json"}} in said


@pytest.mark.parametrize("contested", [1, 2, 9])
def test_whether_contested_votes_matter(page: Page, contested: int) -> None:
    """With no quorum, all given to the one side, or all to the other, is the most that they can do."""
    files, key = made(CASES["yes or no"], seed=3)
    files = holding(files, key, [("contest", {"letters": [f"used{n}" for n in range(contested)]}, 1)])
    _, said = lab.recounted(page, files)
    (outcome,) = json.loads(files["outcome.json"])
    ahead = outcome["votes"]["voor"] - outcome["votes"]["tegen"]
    matters = outcome["passed"] != (ahead - 2 * contested > 0) or outcome["passed"] != (
        ahead + 2 * contested > 0
    )
    keys = [each["key"] for each in said]
    assert "contested" in keys
    assert ("contested-yes" in keys, "contested-no" in keys) == (matters, not matters)


def poll_of(files: Mapping[str, bytes]) -> bytes:
    return bytes.fromhex(json.loads(files["definition.json"])["poll"])


# A checkpoint that somebody kept


def test_a_checkpoint_that_was_kept(page: Page) -> None:
    files, key = made(CASES["several, and records"])
    kept = json.loads(files["checkpoints.json"])
    for note in kept:
        assert verdict(page, files, checkpoint=note)[0] == "right"
        assert verdict(page, files, checkpoint=note.replace("\n", "\r\n") + "\r\n")[0] == "right"
    other, _ = made(CASES["several, and records"], seed=2)
    assert (
        verdict(page, files, checkpoint=json.loads(other["checkpoints.json"])[0])[1]
        == "kept-checkpoint-signature"
    )
    assert verdict(page, files, checkpoint="")[1] == "kept-checkpoint-signature"
    lines = bundles.leaves(files)
    lost = bundles.note(key, poll_of(files), [*lines, lines[0]], 0, bytes.fromhex(on_letter(files)))
    swapped = bundles.note(key, poll_of(files), [lines[1], lines[0]], 0, bytes.fromhex(on_letter(files)))
    record_lost = bundles.note(key, poll_of(files), lines[:0], 1, bytes(32))
    for note in (lost, swapped, record_lost):
        assert verdict(page, files, checkpoint=note) == ("wrong", "kept-checkpoint-differs")


# Whatever is changed is caught


def parsed(name: str, data: bytes) -> object:
    """Return what is checked of a file, so that a change that changes nothing can be passed over.

    Not checked is what nothing in the bundle tells again: the steps that explain an outcome, who witnessed
    a lot and when, and the heading of the file for other programs.
    """
    try:
        if name == "outcome.json":
            return [
                {key: each for key, each in outcome.items() if key != "steps"} for outcome in json.loads(data)
            ]
        if name == "lots.json":
            return [(lot["question"], lot["drawn"], sorted(lot)) for lot in json.loads(data)]
        if name.endswith(".pb"):
            head, rest = data.decode().split("PROJECTS", 1)
            checked = ("num_votes", "num_projects", "vote_type", "budget")
            return sorted(row for row in head.split("\r\n") if row.startswith(checked)), sorted(
                rest.split("\r\n")
            )
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return data


def a_byte(files: Files, chance: random.Random) -> Files:
    name = chance.choice(sorted(set(files) - {"manifest.json", "manifest.sig", "narekenen.py"}))
    data = bytearray(files[name])
    at = chance.randrange(len(data))
    how = chance.choice(["change", "add", "leave"])
    if how == "change":
        data[at] ^= 1 << chance.randrange(8)
    elif how == "add":
        data.insert(at, chance.choice(b"0123456789abcdef;,\n "))
    else:
        del data[at]
    return files | {name: bytes(data)}


def a_row(files: Files, chance: random.Random) -> Files:
    """Leave out a row, double it, or change a cell of it; the rows stay sorted where they were."""
    name = chance.choice(sorted(name for name in files if name.endswith(".csv")))
    head, *lines, _ = files[name].decode().split("\n")
    if not lines:
        return files
    at, how = (
        chance.randrange(len(lines)),
        chance.choice(["leave", "double", "copy a cell", "new cell", "copy a row"]),
    )
    if how == "leave":
        del lines[at]
    elif how == "double":
        lines.insert(at, lines[at])
    elif how == "copy a row":
        lines[at] = chance.choice(lines)
    else:
        cells, other = lines[at].split(";"), chance.choice(lines).split(";")
        cell = chance.randrange(len(cells))
        new = chance.choice(["", "0", "2", "web", "x", "blanco", "voor", chance.randbytes(32).hex()])
        cells[cell] = new if how == "new cell" else other[cell]
        lines[at] = ";".join(cells)
    return files | {name: bundles.table(head, lines, in_order=name != "commitments.csv")}


def a_value(files: Files, chance: random.Random) -> Files:
    """Change one value somewhere in a JSON file."""
    names = sorted(name for name in files if name.endswith(".json") and name != "manifest.json")
    name = chance.choice(names)
    value = json.loads(files[name])
    places = list(_places(value))
    if not places:
        return files
    holder, key = chance.choice(places)
    old, how = holder[key], chance.choice(["change", "change", "leave", "type", "double"])
    if name == "checkpoints.json":  # one more of the same, or one less in the middle, is as true
        how = "change"
    if how == "leave":
        del holder[key]
    elif how == "double" and isinstance(holder, list):
        holder.insert(key, old)
    elif how == "type":
        holder[key] = chance.choice([None, True, "x", 7, [], {}, -1])
    elif isinstance(old, bool):
        holder[key] = not old
    elif isinstance(old, int):
        holder[key] = old + chance.choice([-1, 1, 100])
    elif isinstance(old, str):
        holder[key] = old + "0"
    elif isinstance(old, list):
        chance.shuffle(old)
    return files | {name: canonical(value)}


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    keys: Sequence[Any] = list(value) if isinstance(value, dict) else []
    keys = range(len(value)) if isinstance(value, list) else keys
    for key in keys:
        yield value, key
        yield from _places(value[key])  # type: ignore[index]  # it has keys


def a_file(files: Files, chance: random.Random) -> Files:
    """Leave out a file, empty it, or add one that is the poll's own."""
    name = chance.choice(sorted(set(files) - {"manifest.json", "manifest.sig", "narekenen.py"}))
    how = chance.choice(["leave", "empty", "add"])
    if how == "leave":
        return {other: data for other, data in files.items() if other != name}
    if how == "empty":
        return files | {name: b""}
    more = {"question-9.pb": b"META\r\n", "paper.csv": b"question;marking;number\n", "lots.json": b"[]"}
    return more | files


def a_forged_answer(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, and on the board; the signatures and the outcome are made again."""
    if "openings.csv" not in files:
        return files
    _, terms = bundles.terms(files)
    openings, board = bundles.rows(files, "openings.csv"), bundles.rows(files, "commitments.csv")
    at = chance.randrange(len(openings))
    number, _, old, _, before = openings[at]
    question = terms.questions[int(number) - 1]
    new = chance.choice(["blanco", question.options[0].id, "voor,tegen", question.options[0].id + ":99"])
    if new == before:
        return files
    secret = chance.randbytes(32)
    done = bundles.commitment(poll_of(files), int(number), secret, new, length(files, int(number)))
    openings[at] = bundles.opening(int(number), done, secret, new).split(";")
    board[board.index([number, old])] = [number, done.hex()]
    return files | {
        "openings.csv": bundles.table(
            "question;control;commitment;r_q;marking", [";".join(row) for row in openings]
        ),
        "commitments.csv": bundles.table(
            "question;commitment", [";".join(row) for row in board], in_order=False
        ),
    }


def length(files: Mapping[str, bytes], number: int) -> int:
    return longest(bundles.terms(files)[1].questions[number - 1])


ATTACKS: tuple[Callable[[Files, random.Random], Files], ...] = (
    a_byte,
    a_row,
    a_row,
    a_value,
    a_value,
    a_file,
)
ATTACKS += (a_forged_answer,)


@pytest.mark.parametrize("name", CASES)
def test_every_change_is_caught(page: Page, name: str) -> None:
    """Whoever changes something signs the manifest again; only the hash on the letter stays."""
    files, key = made(CASES[name], seed=7)
    hash = on_letter(files)
    caught = 0
    for seed in range(TIMES):
        chance = random.Random(seed)
        attack = chance.choice(ATTACKS)
        changed = attack(files, chance)
        if all(parsed(each, changed.get(each, b"")) == parsed(each, files[each]) for each in files) and set(
            changed
        ) == set(files):
            continue
        if changed.get("definition.json") not in (None, files["definition.json"]):
            line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
            changed["definition.sha256"] = line.encode()
        end, said = verdict(page, signed(changed, key), hash=hash)
        if name in UNPUBLISHED and end == "unpublished":
            continue  # where no answers are published less can be seen, and it is never said that all is right
        assert end == "wrong", (seed, attack.__name__, said)
        caught += 1
    assert caught >= TIMES * (0.3 if name in UNPUBLISHED else 0.5)


def test_a_manifest_that_is_not_signed_again(page: Page) -> None:
    files, key = made(CASES["approve, greedy"])
    files = signed(files | {"report.pdf": b"%PDF-1.7"}, key)
    for name in sorted(files):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        assert verdict(page, files | {name: bytes(changed)})[0] == "wrong"
        left = {other: data for other, data in files.items() if other != name}
        assert verdict(page, left)[0] == "wrong"
    assert verdict(page, files | {"more.txt": b""}) == ("wrong", "extra")
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert verdict(page, signed(files, stranger)) == ("wrong", "manifest-signature")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"version": 2}, "manifest-version"),
        ({"version": 0, "more": "things"}, "manifest-version"),
        ({"version": "1"}, "misplaced"),
        ({"version": True}, "misplaced"),
        ({"version": None}, "misplaced"),
        ({"poll": None}, "misplaced"),
        ({"more": "things"}, "misplaced"),
        ({"poll": bytes(16).hex()}, "manifest-poll"),
        ({"poll": 1}, "misplaced"),
    ],
)
def test_a_manifest_of_another_poll_or_version(page: Page, changed: dict[str, object], key: str) -> None:
    files, board = made(CASES["approve, greedy"])
    given = json.loads(files["manifest.json"]) | changed
    listed = canonical({name: value for name, value in given.items() if value is not None})
    files |= {"manifest.json": listed, "manifest.sig": f"{board.sign(listed).hex()}\n".encode()}
    assert verdict(page, files) == ("wrong", key)


# Records that may not be made


def record(
    kind: str, facts: object, people: int, at: Any = START, reason: str = "Er was iets."
) -> dict[str, Any]:
    body = {"kind": kind, "facts": facts, "people": people, "at": at.isoformat(), "reason": reason}
    return {"record": body | {"number": 0, "previous": ""}}


def with_records(*records: dict[str, Any]) -> Files:
    return {"records.json": canonical(list(records))}


A, B = "aa" * 32, "bb" * 32
LATE = START + timedelta(days=14)  # when it closes
LONGER = {"closes": (LATE + timedelta(days=7)).isoformat(), "closes_text": "later"}
ALLOWED: dict[str, list[Any]] = {
    "void": [("void", {"letters": ["unused"]}, 1)],
    "one replaced": [("replace", {"letters": [["unused", A]]}, 1)],
    "added": [("add", {"letters": [A, B]}, 2)],
    "lengthened": [("lengthen", LONGER, 2)],
    "lengthened by an hour more": [
        ("lengthen", LONGER | {"closes": (LATE + timedelta(days=7, hours=1)).isoformat()}, 2)
    ],
    "lengthened, and then in time": [("lengthen", LONGER, 2), ("void", {"letters": ["unused"]}, 1, LATE)],
    "contested late": [("contest", {"letters": ["used"]}, 1, LATE + timedelta(days=9))],
    "restored": [("restored", {"missing": 3}, 2)],
}
FORBIDDEN: dict[str, tuple[list[Any], str]] = {
    "void of a stranger": ([("void", {"letters": [A]}, 1)], "record-letter"),
    "void of a used letter": ([("void", {"letters": ["used"]}, 1)], "letter-void"),
    "void twice": ([("void", {"letters": ["unused"]}, 1)] * 2, "record-letter"),
    "void of nobody": ([("void", {"letters": []}, 1)], "misplaced"),
    "void in one record twice": ([("void", {"letters": ["unused", "unused"]}, 1)], "misplaced"),
    "replaced by a listed one": ([("replace", {"letters": [["unused", "used"]]}, 1)], "record-new-letter"),
    "many replaced by one": ([("replace", {"letters": [["unused", A], ["unused2", B]]}, 1)], "record-people"),
    "replaced along a chain": ([("replace", {"letters": [["unused", A], [A, B]]}, 2)], "*"),
    "added by one": ([("add", {"letters": [A]}, 1)], "record-people"),
    "added twice": ([("add", {"letters": [A]}, 2)] * 2, "record-new-letter"),
    "added late": ([("add", {"letters": [A]}, 2, LATE)], "record-late"),
    "lengthened twice": ([("lengthen", LONGER, 2)] * 2, "lengthened-twice"),
    "lengthened too much": (
        [("lengthen", LONGER | {"closes": (LATE + timedelta(days=7, hours=1, seconds=1)).isoformat()}, 2)],
        "lengthened-too-much",
    ),
    "shortened": ([("lengthen", LONGER | {"closes": START.isoformat()}, 2)], "lengthened-too-much"),
    "lengthened by one": ([("lengthen", LONGER, 1)], "record-people"),
    "contested, not used": ([("contest", {"letters": ["unused"]}, 1)], "contested-unused"),
    "contested, then void": (
        [("contest", {"letters": ["used"]}, 1), ("void", {"letters": ["used"]}, 1)],
        "record-letter",
    ),
    "withdrawn by one": ([("withdraw", {}, 1)], "record-people"),
    "withdrawn, and an outcome": ([("withdraw", {}, 2)], "letters-void"),
    "withdrawn, and more": ([("withdraw", {}, 2), ("add", {"letters": [A]}, 2)], "record-after-withdrawal"),
    "unknown": ([("forget", {}, 2)], "record-kind"),
    "no reason": ([("restored", {"missing": 1}, 2, START, " ")], "record-reason"),
    "more facts": ([("restored", {"missing": 1, "more": 1}, 2)], "misplaced"),
    "three people": ([("restored", {"missing": 1}, 3)], "misplaced"),
}


def holding(files: Files, key: Ed25519PrivateKey, records: Sequence[Any]) -> Files:
    used = [
        bundles.hashed("brief", poll_of(files), bytes.fromhex(p)).hex()
        for p, _ in bundles.rows(files, "redemptions.csv")
    ]
    unused = sorted(set(json.loads(files["definition.json"])["letters"]) - set(used))
    names = {f"used{n}": h for n, h in enumerate(sorted(used))} | {"used": used[0]}
    names |= {"unused": unused[0], "unused2": unused[1]}

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(each) for each in value]
        return names.get(value, value)

    made = []
    for kind, facts, *rest in records:
        facts = {name: named(each) for name, each in facts.items()}
        made.append(record(kind, facts, *rest))
    return rebuilt(files | with_records(*made), key)


@pytest.mark.parametrize("name", ALLOWED)
def test_a_record_that_may_be_made(page: Page, name: str) -> None:
    files, key = made(CASES["yes or no"])
    assert verdict(page, holding(files, key, ALLOWED[name]))[0] == "right"


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_record_that_may_not_be_made(page: Page, name: str) -> None:
    files, key = made(CASES["yes or no"])
    records, expected = FORBIDDEN[name]
    end, said = verdict(page, holding(files, key, records))
    assert end == "wrong"
    assert expected in (said, "*")


def test_records_of_another_hand_or_order(page: Page) -> None:
    files, key = made(CASES["several, and records"])
    entries = json.loads(files["records.json"])
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    forged = [{**entries[0], "signature": stranger.sign(canonical(entries[0]["record"])).hex()}, *entries[1:]]
    for changed in (forged, entries[1:], [entries[1], entries[0], *entries[2:]], entries[:-1]):
        assert verdict(page, signed(files | {"records.json": canonical(changed)}, key))[0] == "wrong"


# Checkpoints


def last_record(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(canonical(json.loads(files["records.json"])[-1]["record"])).hexdigest()


def test_checkpoints_of_another_history(page: Page) -> None:
    files, key = made(CASES["several, and records"])
    notes, leaves, poll = json.loads(files["checkpoints.json"]), bundles.leaves(files), poll_of(files)
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    hash = bytes.fromhex(on_letter(files))
    size, number = bundles.counts(notes[-1])
    other = bundles.note(
        key, poll, [*leaves[:-2], leaves[-1], leaves[-2]], number, bytes.fromhex(last_record(files))
    )
    assert bundles.counts(other) == (size, number)
    changes = {
        "checkpoint-differs": [*notes, other],
        "checkpoint-shrinks": [*notes, notes[0], notes[-1]],
        "checkpoint-not-last": notes[:-1],
        "checkpoint-signature": [bundles.note(stranger, poll, [], 0, hash), *notes],
        "misplaced": [7, *notes],
    }
    for expected, changed in changes.items():
        assert verdict(page, signed(files | {"checkpoints.json": canonical(changed)}, key)) == (
            "wrong",
            expected,
        )


# The same attacks on weak variants


def other_secret(files: Files) -> Files:
    first, *rest = bundles.rows(files, "openings.csv")
    first[3] = "00" * 32
    return files | {
        "openings.csv": bundles.table(
            "question;control;commitment;r_q;marking", [";".join(row) for row in (first, *rest)]
        )
    }


def other_outcome(files: Files) -> Files:
    (outcome,) = json.loads(files["outcome.json"])
    votes = outcome["votes"]
    votes["voor"], votes["tegen"] = votes["tegen"] + 1, votes["voor"]
    return files | {"outcome.json": canonical([outcome])}


def other_letter(files: Files) -> Files:
    _, *rest = bundles.rows(files, "redemptions.csv")
    return files | {"redemptions.csv": bundles.table("p;channel", ["00" * 32 + ";web", *map(";".join, rest)])}


def twice_a_letter(files: Files) -> Files:
    first, _, *rest = bundles.rows(files, "redemptions.csv")
    return files | {"redemptions.csv": bundles.table("p;channel", [*map(";".join, (first, first, *rest))])}


def off_the_board(files: Files) -> Files:
    """Put another commitment in the place of one, on the board only."""
    first, *rest = bundles.rows(files, "commitments.csv")
    first[1] = "00" * 32
    lines = list(map(";".join, (first, *rest)))
    return files | {"commitments.csv": bundles.table("question;commitment", lines, in_order=False)}


WEAK: dict[str, tuple[Callable[[Files], Files], str, str, str]] = {
    "no commitment": (other_secret, "ballots.js", "digest[i] !== commitment[i]", "false"),
    "no outcome": (
        other_outcome,
        "outcome.js",
        "write(counted.get(part)) === write(stated.get(part))",
        "true",
    ),
    "no list of letters": (other_letter, "ballots.js", "letter < 0", "false"),
    "letters twice": (twice_a_letter, "ballots.js", "used[letter]++", "false"),
    "no root": (off_the_board, "checkpoints.js", "same(roots.get(each.size), each.root)", "true"),
}


@pytest.mark.parametrize("name", WEAK)
def test_an_attack_that_a_weak_variant_misses(browser: Browser, page: Page, name: str) -> None:
    attack, file, old, new = WEAK[name]
    files, key = made(CASES["yes or no"])
    changed = signed(attack(files), key)
    text = (lab.STATIC / "js" / "recount" / file).read_text()
    assert text.count(old) == 1
    weaker = text.replace(old, new)
    if name == "no commitment":  # the code and the place on the board are of the same hash
        weaker = weaker.replace("!hasControlCode(line, control, digest)", "false")
        weaker = weaker.replace("board.questionOf(digest)", "board.questionOf(commitment)")

    def weak(route: Route) -> None:
        route.fulfill(body=weaker, content_type="text/javascript")

    with lab.served() as base, browser.new_context() as context:
        other = context.new_page()
        other.route(f"**/js/recount/{file}", weak)
        if name == "no root":  # and it does not miss the answer on the board
            ballots = (lab.STATIC / "js" / "recount" / "ballots.js").read_text()
            blind = ballots.replace("board.questionOf(digest) !== paper.question.number", "false")
            assert blind != ballots
            other.route(
                "**/js/recount/ballots.js",
                lambda route: route.fulfill(body=blind, content_type="text/javascript"),
            )
        other.goto(base)
        other.evaluate(lab.START)
        assert verdict(other, files)[0] == "right"
        assert verdict(other, changed)[0] == "right"
    assert verdict(page, changed)[0] == "wrong"


# Hostile and broken files

BROKEN = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "null": b"null",
    "number": b"7",
    "lists": b"[[],[[]]]",
    "object": b"{}",
    "deep": b"[" * 100_000,
    "large number": b"9" * 100_000,
    "half a sign": b'["\\ud800"]',
    "csv": b";;;;\n;;\n\n",
    "nul": b"\0\0\0",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_gives_a_sentence(page: Page, broken: str) -> None:
    files, key = made(CASES["lots"])
    for name in sorted({*files, "paper.csv"} - {"narekenen.py"}):
        changed = files | {name: BROKEN[broken]}
        if not name.startswith("manifest"):
            changed = signed(changed, key)
        assert verdict(page, changed)[0] == "wrong"


def test_a_definition_of_any_shape_gives_a_sentence(page: Page) -> None:
    """Without the hash on the letter a changed definition may pass, but nothing ever breaks."""
    files, key = made(CASES["several"])
    wrong = 0
    for seed in range(150):
        chance = random.Random(seed)
        changed = a_value({"definition.json": files["definition.json"]}, chance)
        for _ in range(chance.randint(0, 2)):
            changed = a_value(changed, chance)
        line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
        altered = signed(files | changed | {"definition.sha256": line.encode()}, key)
        wrong += verdict(page, altered)[0] == "wrong"
    assert wrong > 100


# The zip

UNZIP = """async (data) => {
    try {
        const files = await lab.zip.unzip(lab.binary(data));
        return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.length]));
    } catch (error) { return error.key ?? `${error.constructor.name}: ${error.message}`; }
}"""


def unzipped(page: Page, data: bytes) -> Any:
    return page.evaluate(UNZIP, lab.encoded({"": data})[""])


def zipped(files: Mapping[str, bytes], folder: str = "", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(folder + name, data)
    return buffer.getvalue()


def test_a_zip_however_it_was_packed(page: Page) -> None:
    files, _ = made(CASES["several"])
    sizes = {name: len(data) for name, data in files.items()}
    more = zipped(files | {".DS_Store": b"x"}, "dossier/", zipfile.ZIP_STORED)
    for data in (zipped(files), zipped(files, how=zipfile.ZIP_STORED), zipped(files, "het dossier/"), more):
        assert unzipped(page, data) == sizes


def test_a_bad_zip_gives_a_sentence(page: Page) -> None:
    files, _ = made(CASES["yes or no"])
    data, chance = zipped(files), random.Random(1)
    wrong = [b"", b"PK", b"no zip at all", data[: len(data) // 2], data[100:], b"PK\x05\x06" + bytes(18)]
    for _ in range(100):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        wrong.append(bytes(flipped))
    for each in wrong:
        found = unzipped(page, each)
        assert isinstance(found, dict) or ":" not in found, found
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("outcome.json", b"[]")
    assert unzipped(page, buffer.getvalue()) == "zip-twice"
    assert unzipped(page, zipped({f"{n}.txt": b"" for n in range(1_001)})) == "too-many-files"
    assert unzipped(page, zipped({"a": b"x" * 1000}, how=zipfile.ZIP_BZIP2)) == "unreadable"


def test_a_zip_bomb_gives_a_sentence(page: Page) -> None:
    bomb = zipped({f"openings-{n}.csv": bytes(130_000_000) for n in range(2)})
    assert unzipped(page, bomb) == "too-large-together"
    honest = zipped({"openings.csv": bytes(10_000_000)})
    size = (10_000_000).to_bytes(4, "little")
    assert honest.count(size) == 2
    assert unzipped(page, honest.replace(size, (10).to_bytes(4, "little"))) == "unreadable"


def test_the_cases_hold_what_they_are_for() -> None:
    assert len(PUBLISHED) > 15
    assert "paper.csv" in made(CASES["weighed"])[0]
    assert "lots.json" in made(CASES["lots"])[0]
