"""Whole bundles, made from docs/protocol.md and docs/bundle.md only, to try a recount on.

No verb of the service makes them: a second reading of the same pages. `made` invents a poll and everything
in it; `rebuilt` makes again whatever follows from the other files and signs it, as somebody who holds the
board key could. Both work on a bundle as a `dict` of files and a key, wherever these come from. What is
borrowed from the service is what is no part of the protocol: the outcome of a count, and a `.pb` file.
"""

import base64
import dataclasses
import hashlib
import hmac
import io
import json
import random
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ballots import paper
from ballots.counting.channels import ChannelRule, Part
from ballots.counting.count import Rule, WeighedRule, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.ranked import Method, RankedRule
from ballots.definition import Definition, Terms, decode
from ballots.keys import Keys
from ballots.pabulib.export import exported
from ballots.pabulib.file import write
from ballots.paper import BLANK, UNUSABLE, YES_NO_OPTIONS, Kind, Option, Points, Question
from tests.conftest import RULE, yes_no

Files = dict[str, bytes]

PROGRAM = Path(__file__).parents[2] / "static" / "narekenen.py"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTHEN = 7  # days
CLOSED = ("outcome.json", "redemptions.csv")
PUBLISHED = ("openings.csv", "paper.csv")


@dataclass(frozen=True)
class Case:
    """A poll: its questions and rules, how many vote by web and on paper, and what becomes of it."""

    asked: tuple[tuple[Question, Rule], ...]
    web: int = 9
    paper: int = 0
    unusable: int = 0
    withdrawn: str = ""  # or the kind of record that ends it
    choice: tuple[
        str, ...
    ] = ()  # what all choose but the first, who is blank: these are equal, so lots are drawn
    undrawn: bool = False  # or not
    records: bool = False  # letters are replaced, void and added, voting is lengthened, votes are contested


PLANS = (
    Option("bomen", "Bomen & banken", 40_00, "Groen", "Noord"),
    Option("plein-7", "Een <plein>; groot", 60_00, "Spelen"),
    Option("x", "حديقة", 30_00, "Groen"),
    Option("y.2", "Bankjes, overal", 30_00, "Zorg, wonen"),
)
YES_NO = Question("Voor of tegen?", Kind.YES_NO, YES_NO_OPTIONS)
ONE = Question("Welk plan?", Kind.CHOOSE_ONE, PLANS)
APPROVE = Question("Welke plannen?", Kind.APPROVE, PLANS, 1, 4, theme_most={"Groen": 2})
BASKET = Question("Waar gaat het geld heen?", Kind.BASKET, PLANS, 1, 3, 110_00, theme_budget={"Groen": 65_00})
POINTS = Question("Hoe verdeelt u ze?", Kind.POINTS, PLANS, 1, 3, points=Points(12, 2, 10))
RANKING = Question("Wat het liefst?", Kind.RANKING, PLANS, 1, 4, shuffled=True)
QUORUM = MajorityRule(
    Majority.TWO_THIRDS, Base.VOTES, True, Quorum.TURNOUT, Fraction(1, 3), True, MissedQuorum.BARS
)
GREEDY = GreedyRule(100_00, {"Groen": 50_00}, {"Noord": 45_00}, Leftover.NONE, ("lower-cost",))
HALVES = {"web": Fraction(1, 2), "paper": Fraction(1, 2)}

CASES: dict[str, Case] = {
    "yes or no": Case(((YES_NO, RULE),)),
    "yes or no, and records": Case(((YES_NO, replace(QUORUM, quorum_share=Fraction(3, 4))),), records=True),
    "quorum, web and paper": Case(((YES_NO, QUORUM),), paper=5),
    "one, plurality": Case(((ONE, PluralityRule(tie_order=("paper-order",))),)),
    "approve, greedy": Case(((APPROVE, GREEDY),), paper=4),
    "approve, more": Case(((APPROVE, replace(GREEDY, leftover=Leftover.MORE)),)),
    "approve, part": Case(((APPROVE, replace(GREEDY, leftover=Leftover.PART, skip=False)),)),
    "basket, equal shares": Case(
        ((BASKET, EqualSharesRule(150_00, Utility.COST, Completion.ADD1U, 100)),), paper=3, unusable=1
    ),
    "points, greedy": Case(((POINTS, replace(GREEDY, theme_caps={}, threshold=5)),)),
    "ranking, run-off": Case(((RANKING, RankedRule(Method.RUN_OFF)),), paper=4),
    "ranking, Schulze": Case(((RANKING, RankedRule(Method.SCHULZE, ("paper-order",))),)),
    "ranking, places": Case(((RANKING, GREEDY),)),
    "weighed": Case(
        ((APPROVE, WeighedRule(replace(GREEDY, tie_order=()), ChannelRule(HALVES, Part.BALLOTS))),), paper=4
    ),
    "joined paper": Case(((ONE, PluralityRule()),), paper=2),
    "joined and unusable paper": Case(((YES_NO, RULE),), paper=2, unusable=1),
    "only unusable paper": Case(((YES_NO, RULE),), paper=3, unusable=3),
    "several": Case(
        (
            (YES_NO, RULE),
            (POINTS, PluralityRule()),
            (BASKET, EqualSharesRule(150_00, Utility.NUMBER, Completion.ADD1, 100)),
        ),
        paper=3,
    ),
    "several, and records": Case(((ONE, PluralityRule()), (RANKING, GREEDY)), paper=3, records=True),
    "lots": Case(
        ((APPROVE, GreedyRule(60_00, {}, {}, Leftover.PART, ())),), choice=("bomen", "plein-7", "x")
    ),
    "under the floor": Case(((YES_NO, RULE), (APPROVE, GREEDY)), web=2),
    "under the floor, with paper": Case(((ONE, PluralityRule()),), web=1, paper=1, records=True),
    "nobody": Case(((YES_NO, RULE),), web=0),
    "withdrawn": Case(((YES_NO, RULE),), withdrawn="withdraw"),
    "to be asked again": Case(((YES_NO, RULE),), paper=2, withdrawn="restart", records=True),
}


# -- bytes -------------------------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hashed(*parts: bytes | str) -> bytes:
    """Return H of these parts."""
    data = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in data)).digest()


def commitment(poll: bytes, question: int, secret: bytes, marking: str, length: int) -> bytes:
    return hashed("stem", poll, str(question), secret, marking.ljust(length))


def opening(number: int, made: bytes, secret: bytes, marking: str) -> str:
    """Return the line of openings.csv, without its end."""
    bits = int.from_bytes(made, "big") >> 256 - 80
    signs = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(15, -1, -1))
    code = " ".join(signs[at : at + 4] for at in range(0, 16, 4))
    return f"{number};{code};{made.hex()};{secret.hex()};{marking}"


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaves, word by word as RFC 6962 (2.1) defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()


def note(key: Ed25519PrivateKey, poll: bytes, leaves: Sequence[bytes], records: int, last: bytes) -> str:
    """Return a checkpoint over these leaves; `last` is the hash of the last of so many records."""
    name, public = f"wijkstem/{poll.hex()}", key.public_key().public_bytes_raw()
    text = (
        f"{name}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\nrecords {records} {last.hex()}\n"
    )
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    return f"{text}\n— {name} {base64.b64encode(key_id + key.sign(text.encode())).decode()}\n"


def table(header: str, lines: Sequence[str], in_order: bool = True) -> bytes:
    return "".join(line + "\n" for line in [header, *(sorted(lines) if in_order else lines)]).encode()


def rows(files: Mapping[str, bytes], name: str) -> list[list[str]]:
    """Return the cells of each line below the header; nothing where there is no such file."""
    return [line.split(";") for line in files.get(name, b"").decode().split("\n")[1:-1]]


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(to: Path, files: Mapping[str, bytes]) -> Path:
    """Write these files to a zip as they are, a wrong manifest too."""
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return to


# -- what follows from the other files ---------------------------------------------------------------


def signed(files: Mapping[str, bytes], key: Ed25519PrivateKey) -> Files:
    """Return these files with a manifest of them, signed with this key."""
    others = {name: data for name, data in files.items() if name not in ("manifest.json", "manifest.sig")}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in others.items()}
    manifest = canonical({"version": 1, "poll": _poll(files), "sha256": hashes})
    return others | {"manifest.json": manifest, "manifest.sig": f"{key.sign(manifest).hex()}\n".encode()}


def _poll(files: Mapping[str, bytes]) -> object:
    """Return the poll of a definition, also of a spoiled one."""
    try:
        return json.loads(files["definition.json"])["poll"]
    except (LookupError, TypeError, ValueError, RecursionError):
        return bytes(16).hex()


def rebuilt(files: Mapping[str, bytes], key: Ed25519PrivateKey) -> Files:
    """Return these files with everything made again that follows from the others, and signed.

    Others are the definition, the commitments, openings, papers, redemptions and lots, what records say
    and how much each checkpoint counts. An outcome follows where there are openings.
    """
    new = dict(files)
    digest = hashlib.sha256(new["definition.json"]).digest()
    new["definition.sha256"] = f"{digest.hex()}  definition.json\n".encode()
    hashes = _records(new, digest, key)
    _checkpoints(new, hashes, key)
    if "redemptions.csv" in new:
        _letters(new)
    if "openings.csv" in new:
        _outcome(new)
    return signed(new, key)


def _records(files: Files, digest: bytes, key: Ed25519PrivateKey) -> list[bytes]:
    """Chain and sign the records; return the hash of the definition and of each."""
    hashes, entries = [digest], []
    for number, entry in enumerate(json.loads(files["records.json"]), 1):
        body = entry["record"] | {"number": number, "previous": hashes[-1].hex()}
        entries.append({"record": body, "signature": key.sign(canonical(body)).hex()})
        hashes.append(hashlib.sha256(canonical(body)).digest())
    files["records.json"] = canonical(entries)
    return hashes


def leaves(files: Mapping[str, bytes]) -> list[bytes]:
    return [bytes([int(number)]) + bytes.fromhex(made) for number, made in rows(files, "commitments.csv")]


def counts(checkpoint: str) -> tuple[int, int]:
    """Return how many leaves and records a checkpoint counts."""
    lines = checkpoint.split("\n")
    return int(lines[1]), int(lines[3].split()[1])


def _checkpoints(files: Files, hashes: Sequence[bytes], key: Ed25519PrivateKey) -> None:
    """Make every checkpoint again, of no more than there is, the last of everything."""
    poll = bytes.fromhex(json.loads(files["definition.json"])["poll"])
    there, records = leaves(files), len(hashes) - 1
    sizes = [counts(each) for each in json.loads(files["checkpoints.json"])]
    wanted = [(min(size, len(there)), min(number, records)) for size, number in sizes]
    if wanted[-1:] != [(len(there), records)]:
        wanted.append((len(there), records))
    notes = [note(key, poll, there[:size], number, hashes[number]) for size, number in wanted]
    files["checkpoints.json"] = canonical(notes)


def _standing(files: Mapping[str, bytes]) -> tuple[int, int, int]:
    """Return how many letters were issued, are void by a record, and were sent: one for each address."""
    issued = sent = len(json.loads(files["definition.json"])["letters"])
    void = 0
    for entry in json.loads(files["records.json"]):
        kind, letters = entry["record"]["kind"], entry["record"]["facts"].get("letters", [])
        void += len(letters) if kind in ("void", "replace") else 0
        issued += len(letters) if kind in ("replace", "add") else 0
        sent += len(letters) if kind == "add" else 0
    return issued, void, sent


def _letters(files: Files) -> None:
    issued, void, _ = _standing(files)
    channels = Counter(channel for _, channel in rows(files, "redemptions.csv"))
    web, on_paper = channels["web"], channels["paper"]
    numbers = {"used": web + on_paper, "web": web, "paper": on_paper, "issued": issued, "void": void}
    files["letters.json"] = canonical(numbers | {"open": issued - void - web - on_paper})


def terms(files: Mapping[str, bytes]) -> tuple[bytes, Terms]:
    """Return the poll and what was asked, as the service knows them."""
    value = json.loads(files["definition.json"])
    known = {each.name for each in dataclasses.fields(Terms)}
    value["terms"] = {name: each for name, each in value["terms"].items() if name in known}
    definition = decode(canonical(value))
    return definition.poll, definition.terms


def _outcome(files: Files) -> None:
    """Count, and write the outcome and the files for other programs."""
    poll, frozen = terms(files)
    boxes: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for of, _, _, _, marking in rows(files, "openings.csv"):
        boxes[int(of), "web"][marking] += 1
    for of, marking, papers in rows(files, "paper.csv"):
        if marking != UNUSABLE:
            boxes[int(of), "paper"][marking] += int(papers)
    outcomes = []
    for number, (question, rule) in enumerate(zip(frozen.questions, frozen.rules, strict=True), 1):
        by = {"web": list(boxes[number, "web"].items()), "paper": list(boxes[number, "paper"].items())}
        if not by["paper"]:
            del by["paper"]
        lots = [
            lot["drawn"] for lot in json.loads(files.get("lots.json", b"[]")) if lot["question"] == number
        ]
        outcome = count(question, rule, by, _standing(files)[2], lots)
        outcomes.append(as_json(outcome))
        if file := exported(poll, frozen, number, by, outcome, "Wijkstem"):
            files[f"question-{number}.pb"] = write(file).encode()
    files["outcome.json"] = canonical(outcomes)


# -- a poll that never was ---------------------------------------------------------------------------


def made(case: Case, seed: int = 1) -> tuple[Files, Ed25519PrivateKey]:
    """Return the bundle of an invented poll, and its board key. All chance in it hangs on case and seed."""
    return _Poll(case, random.Random(f"{seed} {case}")).files()


def marks(chance: random.Random, question: Question) -> tuple[str, ...]:
    """Return a valid answer."""
    ids = [option.id for option in question.options]
    for _ in range(100):
        chosen = chance.sample(ids, chance.randint(1, question.most))
        if question.points:
            chosen = [f"{id}:{chance.randint(1, question.points.each)}" for id in chosen]
        if not paper.check(question, chosen) and chance.random() < 0.9:
            return tuple(paper.marking(question, chosen).split(","))
    return (BLANK,)


def definition(poll: bytes, asked: Terms, letters: Sequence[bytes], keys: Mapping[str, bytes]) -> bytes:
    """Return the canonical bytes of a definition that may be lengthened, with service custody."""
    value = json.loads(Definition(poll, Keys(**keys), asked, tuple(sorted(letters))).encode())
    value["terms"] |= {"custody": "service", "lengthen": LENGTHEN}
    return canonical(value)


def invented_keys(chance: random.Random) -> tuple[Ed25519PrivateKey, dict[str, bytes]]:
    """Return a board key, and the public keys of a definition."""
    board, receipt = (Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)) for _ in range(2))
    poll = X25519PrivateKey.from_private_bytes(chance.randbytes(32))
    public = {"poll": poll.public_key().public_bytes_raw()}
    public |= {
        "board": board.public_key().public_bytes_raw(),
        "receipt": receipt.public_key().public_bytes_raw(),
    }
    return board, public


class _Poll:
    """A poll that is being invented."""

    def __init__(self, case: Case, chance: random.Random) -> None:
        self.case, self.chance = case, chance
        questions, rules = zip(*case.asked, strict=True)
        self.terms = replace(yes_no(), questions=questions, rules=rules)
        self.poll = chance.randbytes(16)
        self.key, public = invented_keys(chance)
        self.used = case.web + case.paper
        self.letters = [self._letter() for _ in range(self.used + 3)]
        frozen = [h for _, h in self.letters]
        self.definition = definition(self.poll, self.terms, frozen, public)
        self.commitments: list[str] = []
        self.records: list[dict[str, Any]] = []
        self.checkpoints: list[str] = []  # only how much each counts: `rebuilt` makes them

    def _letter(self) -> tuple[bytes, bytes]:
        p = self.chance.randbytes(32)
        return p, hashed("brief", self.poll, p)

    def files(self) -> tuple[Files, Ed25519PrivateKey]:
        case, chance = self.case, self.chance
        if case.records:
            self._before_close()
        people, rest = [p for p, _ in self.letters[: self.used]], self.letters[self.used :]
        chance.shuffle(people)
        redemptions = [f"{p.hex()};{'web' if n < case.web else 'paper'}" for n, p in enumerate(people)]
        answers = [self._answers() for _ in range(self.used)]
        if case.choice:
            answers = [[BLANK], *([",".join(case.choice)] for _ in range(1, self.used))]
        joined = case.paper and min(case.web, case.paper) < self.terms.floor
        papers = answers[case.web + case.unusable :]
        to_mix = answers[: case.web] + (papers if joined and not case.withdrawn else [])
        openings = self._mixed(to_mix, case.web)
        if case.records:
            self._record("void", {"letters": [rest[0][1].hex()]}, 1, closing=True)
        if case.withdrawn:
            self._record(case.withdrawn, {}, 2)
        elif case.records:
            contested = [hashed("brief", self.poll, people[0]).hex()]
            self._record("contest", {"letters": contested}, 1, days=30)
            self._record("restored", {"missing": 1}, 2, days=30)
        files = self._written(openings, redemptions, [] if joined else papers)
        if not case.withdrawn:
            self._draw(files)
            if self.used < self.terms.floor:
                gone = [name for name in files if name in PUBLISHED or name.endswith(".pb")]
                files = signed({name: data for name, data in files.items() if name not in gone}, self.key)
        return files, self.key

    def _before_close(self) -> None:
        """Replace two letters that are then used, add one that is used, and lengthen the vote."""
        old, new = self.letters[:2], [self._letter(), self._letter()]
        added = self._letter()
        pairs = sorted([before[1].hex(), after[1].hex()] for before, after in zip(old, new, strict=True))
        self._record("replace", {"letters": pairs}, 2)
        self._record("add", {"letters": [added[1].hex()]}, 2)
        self.letters = [
            *new[: self.used],
            *self.letters[2 : max(2, self.used - 1)],
            added,
            *self.letters[-3:],
        ]
        closes = self.terms.closes + timedelta(days=LENGTHEN)
        facts = {"closes": closes.isoformat(), "closes_text": "tot en met zondag 21 juni 2026"}
        self._record("lengthen", facts, 2)

    def _record(self, kind: str, facts: object, people: int, days: int = 0, closing: bool = False) -> None:
        """Add a record; one while the last days of a lengthened vote go by, or so many days after the start."""
        at = self.terms.closes + timedelta(days=1) if closing else self.terms.opens + timedelta(days=days)
        body = {"kind": kind, "facts": facts, "people": people, "at": at.isoformat()}
        body["reason"] = f"Er was iets ({kind}): “geen post”."
        self.records.append({"record": body})
        self._checkpoint()

    def _checkpoint(self) -> None:
        self.checkpoints.append(f"\n{len(self.commitments)}\n\nrecords {len(self.records)}")

    def _answers(self) -> list[str]:
        return [",".join(marks(self.chance, question)) for question, _ in self.case.asked]

    def _mixed(self, answers: Sequence[Sequence[str]], before_close: int) -> list[str]:
        """Put the answers on the board, in two mixes or in one; return their openings.

        Of a poll that is withdrawn only the first mix was made.
        """
        openings, batches = [], [answers[: before_close // 2], answers[before_close // 2 :]]
        for batch in batches[:1] if self.case.withdrawn else batches:
            leaves = []
            for answer in batch:
                r = self.chance.randbytes(32)
                for number, marking in enumerate(answer, 1):
                    secret = hmac.digest(r, str(number).encode(), "sha256")
                    length = paper.longest(self.terms.questions[number - 1])
                    done = commitment(self.poll, number, secret, marking, length)
                    leaves.append((number, done.hex()))
                    openings.append(opening(number, done, secret, marking))
            self.commitments += [f"{number};{done}" for number, done in sorted(leaves)]
            self._checkpoint()
        return openings

    def _written(
        self, openings: Sequence[str], redemptions: Sequence[str], apart: Sequence[Sequence[str]]
    ) -> Files:
        """Return the files, but for what a lot would change."""
        case = self.case
        files = {
            "narekenen.py": PROGRAM.read_bytes(),
            "definition.json": self.definition,
            "records.json": canonical(self.records),
            "checkpoints.json": canonical(self.checkpoints),
            "commitments.csv": table("question;commitment", self.commitments, in_order=False),
            "redemptions.csv": table("p;channel", redemptions),
        }
        if case.withdrawn:
            files = rebuilt(files, self.key)
            numbers = json.loads(files["letters.json"])
            numbers |= {"open": 0, "void": numbers["void"] + numbers["open"]}
            del files["redemptions.csv"]
            return signed(files | {"letters.json": canonical(numbers)}, self.key)
        files["openings.csv"] = table("question;control;commitment;r_q;marking", openings)
        on_paper: Counter[tuple[int, str]] = Counter()
        for number in range(1, len(case.asked) + 1):
            on_paper.update((number, answer[number - 1]) for answer in apart)
            on_paper[number, UNUSABLE] += case.unusable
        lines = [f"{number};{marking};{papers}" for (number, marking), papers in on_paper.items() if papers]
        if lines:
            files["paper.csv"] = table("question;marking;number", lines)
        return rebuilt(files, self.key)

    def _draw(self, files: Files) -> None:
        """Draw a lot for every tie."""
        lots: list[dict[str, Any]] = []
        at = (self.terms.closes + timedelta(days=LENGTHEN + 1)).isoformat()
        for number, outcome in enumerate(json.loads(files["outcome.json"]), 1):
            for tie in outcome["ties"]:
                drawn = self.chance.sample(tie, len(tie))
                lots.append({"question": number, "drawn": drawn, "witnesses": ["Jo Bos", "Mo Pot"], "at": at})
        if lots and not self.case.undrawn:
            files.update(rebuilt(files | {"lots.json": canonical(lots)}, self.key))
