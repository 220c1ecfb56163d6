"""The recount in the browser: known answers, and counting as the service does, which it shares no code with."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page

from ballots import paper
from ballots.codes import CodeLength, CodeRefusal, fingerprint, mint, proof, read
from ballots.counting.count import Rule, count
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.counting.greedy import GreedyRule, Leftover
from ballots.counting.majority import Base, Majority, MajorityRule, MissedQuorum, Quorum
from ballots.counting.outcome import as_json
from ballots.counting.plurality import PluralityRule
from ballots.counting.ties import TieKey
from ballots.paper import Kind, Option, Question
from tests.browser import lab
from tests.conftest import yes_no
from tests.trust import bundles
from tests.trust.elections import Election, election

POLL = bytes(range(16))
NO_ORDER: tuple[TieKey, ...] = ()
PAPER_ORDER: tuple[TieKey, ...] = ("paper-order",)
SHARES = (Fraction(0), Fraction(1, 5), Fraction(1, 2), Fraction(1))
QUORUMS = [
    (quorum, share, blank, missed)
    for quorum, share, blank, missed in product(Quorum, SHARES, (True, False), MissedQuorum)
]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with lab.opened(browser) as page:
        yield page


# Known answers


def test_sha256_of_every_length(page: Page) -> None:
    data = random.Random(1).randbytes(300)
    expected = [hashlib.sha256(data[:length]).hexdigest() for length in range(300)]
    found = page.evaluate(
        """async (data) => {
            const bytes = lab.binary(data), own = [], file = [];
            for (let length = 0; length < bytes.length; length++) {
                own.push(lab.bytes.hex(lab.sha256.sha256(bytes.subarray(0, length))));
                file.push(lab.bytes.hex(await lab.sha256.sha256File(bytes.subarray(0, length))));
            }
            return [own, file];
        }""",
        lab.encoded({"": data})[""],
    )
    assert found == [expected, expected]


def test_sha256_of_a_large_message(page: Page) -> None:
    found = page.evaluate("lab.bytes.hex(lab.sha256.sha256(new Uint8Array(3_000_000).fill(7)))")
    assert found == hashlib.sha256(b"\x07" * 3_000_000).hexdigest()


def test_sha512_of_every_length(page: Page) -> None:
    data = random.Random(2).randbytes(300)
    found = page.evaluate(
        """(data) => {
            const bytes = lab.binary(data);
            return Array.from(bytes, (_, length) => lab.bytes.hex(lab.signatures.sha512(bytes.subarray(0, length))));
        }""",
        lab.encoded({"": data})[""],
    )
    assert found == [hashlib.sha512(data[:length]).hexdigest() for length in range(300)]


def test_the_hash_of_the_protocol(page: Page) -> None:
    """The vectors of docs/protocol.md."""
    found = page.evaluate(
        "[[], [''], ['ab', 'c'], ['a', 'bc']].map((parts) => lab.bytes.hex(lab.bytes.H(...parts)))"
    )
    assert found == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119",
        "f2939f903016e5bb29b1e4a61cdbd376220ca03a24180b39995f2d50f2e0a647",
        "b534ce16ac9c8b36823f39a395ce8e0e3c7ad9605b82b5444f18cadacd217a5d",
    ]


RFC_8032 = [  # section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]

VERIFY = """(given) => given.map(([key, message, signature]) => lab.signatures.verify(
    lab.bytes.unhex(key), lab.bytes.unhex(message), lab.bytes.unhex(signature)))"""


def test_ed25519_vectors_of_the_rfc(page: Page) -> None:
    assert page.evaluate(VERIFY, [list(each) for each in RFC_8032]) == [True] * 3


def test_ed25519_as_a_library_signs(page: Page) -> None:
    chance, given = random.Random(3), []
    for length in range(0, 400, 20):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message = chance.randbytes(length)
        given.append((key.public_key().public_bytes_raw(), message, key.sign(message)))
    order = 2**252 + 27742317777372353535851937790883648493
    wrong: list[tuple[bytes, bytes, bytes]] = []
    for public, message, signature in given:
        at = chance.randrange(64)
        wrong.append((public, message, bytes([*signature[:at], signature[at] ^ 1, *signature[at + 1 :]])))
        wrong.append((public, message + b"x", signature))
        wrong.append((wrong[0][0] if public != wrong[0][0] else bytes(32), message, signature))
        twice = int.from_bytes(signature[32:], "little") + order  # the same number, written another way
        wrong.append((public, message, signature[:32] + twice.to_bytes(32, "little")))
        wrong.append((public, message, signature[:63]))
    as_hex = [[part.hex() for part in each] for each in [*given, *wrong]]
    assert page.evaluate(VERIFY, as_hex) == [True] * len(given) + [False] * len(wrong)


@pytest.mark.parametrize("key", ["ff" * 32, "02" + "00" * 31, "01" + "00" * 30 + "80", "00" * 31])
def test_what_is_no_key_signs_nothing(page: Page, key: str) -> None:
    assert page.evaluate(VERIFY, [[key, "", "00" * 64]]) == [False]


ROOTS = [  # of Certificate Transparency, over the first 0 to 8 of the leaves below
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

GROW = """(leaves) => {
    const tree = new lab.tree.Tree(), roots = [lab.bytes.hex(tree.root())];
    for (const leaf of leaves) { tree.add(lab.bytes.unhex(leaf)); roots.push(lab.bytes.hex(tree.root())); }
    return roots;
}"""


def test_the_tree_of_rfc_6962(page: Page) -> None:
    assert page.evaluate(GROW, LEAVES) == ROOTS
    leaves = [random.Random(n).randbytes(33) for n in range(70)]
    expected = [bundles.root(leaves[:size]).hex() for size in range(71)]
    assert page.evaluate(GROW, [leaf.hex() for leaf in leaves]) == expected


def test_an_index_of_hashes(page: Page) -> None:
    """As a dict would: also when it grows, when a hash comes twice, and when hashes look alike."""
    chance = random.Random(6)
    hashes = [chance.randbytes(32) for _ in range(2_000)]
    hashes += [bytes(28) + number.to_bytes(4, "big") for number in range(500)]
    hashes += [number.to_bytes(4, "big") + bytes(28) for number in range(500)]
    given = hashes + chance.sample(hashes, 300)
    chance.shuffle(given)
    numbers: dict[bytes, int] = {}
    added = [-1 if each in numbers else numbers.setdefault(each, len(numbers)) for each in given]
    asked = [*given, *(chance.randbytes(32) for _ in range(300))]
    for expected in (0, 10, 5_000):
        found = page.evaluate(
            """([expected, given, asked]) => {
                const index = new lab.index.Index(expected), bytes = (each) => lab.bytes.unhex(each, 32);
                const added = given.map((each) => index.add(bytes(each)));
                return [added, asked.map((each) => index.find(bytes(each))), index.size];
            }""",
            [expected, [each.hex() for each in given], [each.hex() for each in asked]],
        )
        assert found == [added, [numbers.get(each, -1) for each in asked], len(numbers)]


# Codes


def test_codes_are_read_as_the_service_reads_them(page: Page) -> None:
    chance, typed = random.Random(4), []
    for serial in range(300):
        code = mint(bytes(range(32)), serial)
        signs = list(" ".join(code[at : at + 4] for at in range(0, 20, 4)))
        for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
            signs[chance.randrange(len(signs))] = chance.choice(ALPHABET + "uil o-·.ÿß!")
        typed.append(chance.choice(["", "https://stem.example/s#"]) + "".join(signs))
    typed += ["", "#", "A", "u" * 20, "١" * 20]
    expected: list[list[object]] = []
    for each in typed:
        try:
            expected.append([read(each), None])
        except CodeRefusal as refusal:
            kind = CodeLength if isinstance(refusal, CodeLength) else type(refusal)
            expected.append([kind.__name__, refusal.values.get("group")])
    found = page.evaluate(
        """(typed) => typed.map((each) => {
            const { code, problem, values } = lab.codes.readCode(each);
            const names = { 'code-sign': 'CodeSymbol', 'code-length': 'CodeLength', 'code-typo': 'CodeTypo',
                            'code-typos': 'CodeTypos' };
            return [code ?? names[problem], values?.group ?? null];
        })""",
        typed,
    )
    assert found == expected
    assert {each[0] for each in expected} >= {"CodeSymbol", "CodeLength", "CodeTypo", "CodeTypos"}


def test_the_chain_of_a_code(page: Page) -> None:
    codes = [mint(bytes(range(32)), serial) for serial in (1, 2, 412)]
    assert codes[0] == "EXGV3K1549YZS85XDPQX"
    found = page.evaluate(
        """([poll, codes]) => codes.map((code) => {
            const { p, h } = lab.codes.proofs(lab.bytes.unhex(poll), code);
            return [lab.bytes.hex(p), lab.bytes.hex(h)];
        })""",
        [POLL.hex(), codes],
    )
    proofs = [proof(POLL, code) for code in codes]
    assert found == [[p.hex(), fingerprint(POLL, p).hex()] for p in proofs]


# Canonical JSON


@pytest.mark.parametrize(
    "value",
    [
        {"é": 1, "z": [], "a": {}, "": None, "😀": True, "\ufffd": False, "__proto__": {"constructor": 0}},
        ['\0\x01\b\t\n\v\f\r\x1f\x7f\\"/', " ", 0, -1, 2**53 - 1, 2**53, -(10**29), "a" * 100_000],
    ],
)
def test_canonical_json_is_read_and_written(page: Page, value: object) -> None:
    text = bundles.canonical(value)
    again = page.evaluate(
        "(data) => lab.json.write(lab.json.parse(lab.binary(data)))", lab.encoded({"": text})[""]
    )
    assert again.encode() == text


@pytest.mark.parametrize(
    "text",
    [
        b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{ "a":1}', b"[1, 2]", b"1.0", b"1e3", b"-0", b"01", b'"\\u0041"',
        b'"\\/"', b'"\\u000A"', b'"\\ud800"', b'"\\u001F"', b'"\n"', b'"\xff"', b"\xef\xbb\xbf1", b"1\n", b"", b"[",
        b"[" * 100_000, b"9" * 31, b"NaN", b"[1,]", b'{"a"}', b'"', b"nul",
    ],
)  # fmt: skip
def test_any_other_json_is_refused(page: Page, text: bytes) -> None:
    found = page.evaluate(
        """(data) => {
            try { lab.json.parse(lab.binary(data)); return 'read'; } catch (error) { return error.constructor.name; }
        }""",
        lab.encoded({"": text})[""],
    )
    assert found == "Misplaced"


# Markings


def test_markings_are_judged_as_the_service_does(page: Page) -> None:
    chance, given, expected = random.Random(5), [], []
    questions = (
        bundles.YES_NO,
        bundles.ONE,
        bundles.APPROVE,
        bundles.BASKET,
        bundles.POINTS,
        bundles.RANKING,
    )
    rules = (bundles.QUORUM, PluralityRule(), bundles.GREEDY, bundles.GREEDY, bundles.GREEDY, bundles.GREEDY)
    for question, rule in zip(questions, rules, strict=True):
        ids = [option.id for option in question.options]
        texts = [
            "",
            "blanco",
            "blanco,blanco",
            "blanco,bomen",
            ",",
            "bomen,",
            "bomen:1:1",
            "toString",
            "ongeldig",
        ]
        for _ in range(400):
            marks = chance.sample(ids, chance.randint(1, len(ids)))
            if chance.random() < 0.1:
                marks.append(chance.choice(ids))
            if chance.random() < 0.6:
                marks.sort(key=ids.index)
            if question.points:
                marks = [f"{id}:{chance.choice([*range(12), '01', '', '-1', '1.0'])}" for id in marks]
            texts.append(",".join(marks))
        right = [
            not paper.check(question, text.split(",")) and paper.marking(question, text.split(",")) == text
            for text in texts
        ]
        assert 10 < sum(right) < len(texts) - 10
        given.append([asked(question, rule), texts])
        expected.append([paper.longest(question), right])
    found = page.evaluate(
        """(given) => given.map(([files, texts]) => {
            const [question] = lab.definition.readDefinition(lab.files(files), null, () => {}).questions;
            return [lab.paper.length(question), texts.map((text) => lab.paper.problem(question, text) === null)];
        })""",
        given,
    )
    assert found == expected


# Two programs that never saw each other count the same

COUNT = """(cases) => cases.flatMap(([files, boxes, letters, lots, expected], at) => {
    const definition = lab.definition.readDefinition(lab.files(files), null, () => {});
    const given = new Map(boxes.map(([channel, box]) => [channel, new Map(box)]));
    let found;
    try {
        found = lab.json.write(lab.count.count(definition.questions[0], definition.rules[0], given, letters, lots));
    } catch (error) { found = `${error.constructor.name}: ${error.message}`; }
    return found === expected ? [] : [[at, found, expected]];
})"""


def asked(question: Question, rule: Any) -> dict[str, str]:
    """Return the files of a definition that asks this, encoded."""
    _, keys = bundles.invented_keys(random.Random(1))
    terms = replace(yes_no(), questions=(question,), rules=(rule,))
    data = bundles.definition(POLL, terms, [], keys)
    line = f"{hashlib.sha256(data).hexdigest()}  definition.json\n".encode()
    return lab.encoded({"definition.json": data, "definition.sha256": line})


def case(held: Election, drawn: Sequence[Sequence[str]]) -> tuple[list[Any], Any]:
    """Return what the page is to count and what the service makes of it, and the service's outcome."""
    boxes = {channel: list(box.items()) for channel, box in held.boxes.items()}
    outcome = count(held.question, held.rule, boxes, held.letters, drawn)
    service = as_json(outcome)
    del service["steps"]
    given = [list(each) for each in boxes.items()]
    expected = bundles.canonical(service).decode()
    return [asked(held.question, held.rule), given, held.letters, list(map(list, drawn)), expected], outcome


@pytest.mark.parametrize("start", range(0, 4000, 1000))
def test_both_count_the_same(page: Page, start: int) -> None:
    """And again after each lot, until nothing is equal."""
    cases, rules, with_lots = [], Counter[str](), 0
    for seed in range(start, start + 1000):
        chance = random.Random(seed)
        held = election(chance)
        if held is None:
            continue
        drawn: list[Sequence[str]] = []
        for _ in range(5):
            given, outcome = case(held, drawn)
            cases.append(given)
            if not outcome.ties:
                break
            tie = chance.choice(outcome.ties)
            drawn.append(chance.sample(tie, len(tie)))
        rules[type(held.rule).__name__] += 1
        with_lots += bool(drawn)
    assert page.evaluate(COUNT, cases) == []
    assert len(rules) == 6
    assert with_lots > 20
    assert len(cases) > 700


def test_every_majority(page: Page) -> None:
    """Few votes, and every way to look at them: every bound is met, missed by one and passed by one."""
    chance, cases = random.Random(1), []
    bases = product(Majority, Base, (True, False))
    for (majority, base, counts), quorum in product(bases, QUORUMS):
        rule = MajorityRule(majority, base, counts, *quorum)
        for _ in range(8):
            votes = {
                "voor": chance.randint(0, 6),
                "tegen": chance.randint(0, 4),
                "blanco": chance.randint(0, 4),
            }
            letters = sum(votes.values()) + chance.randint(0, 6)
            cases.append(case(Election(bundles.YES_NO, rule, {"web": Counter(votes)}, letters), [])[0])
    assert page.evaluate(COUNT, cases) == []


def test_every_quorum_of_a_plurality(page: Page) -> None:
    chance, cases = random.Random(2), []
    for quorum, order in product(QUORUMS, (NO_ORDER, PAPER_ORDER)):
        rule = PluralityRule(*quorum, order)
        for _ in range(15):
            votes = {id: chance.randint(0, 4) for id in ("bomen", "x", "y.2", "blanco")}
            letters = sum(votes.values()) + chance.randint(0, 6)
            cases.append(case(Election(bundles.ONE, rule, {"web": Counter(votes)}, letters), [])[0])
    assert page.evaluate(COUNT, cases) == []


def equals(chance: random.Random) -> Election:
    """Return an election of which nearly all options are equal, with a budget that is too small for all."""
    costs = chance.choice([[10, 20], [10, 20, 30], [5, 15, 40], list(range(1, 12))])
    places = [chance.choice(["", "", "P"]) for _ in range(chance.randint(3, 6))]
    options = tuple(
        Option(f"o{n}", f"Plan {n}", chance.choice(costs), chance.choice(["", "A", "B"]), place)
        for n, place in enumerate(places)
    )
    ids = [option.id for option in options]
    cast = [",".join(ids)] * chance.randint(1, 2)
    cast += [",".join(sorted(chance.sample(ids, chance.randint(1, 2)))) for _ in range(chance.randint(0, 2))]
    budget, skip = chance.randint(0, int(sum(option.cost for option in options))), chance.random() < 0.6
    leftover = chance.choice([each for each in Leftover if skip or each is not Leftover.MORE])
    theme_caps = {"A": chance.randint(0, 30)} if chance.random() < 0.5 else {}
    place_caps = {"P": chance.randint(0, 30)} if chance.random() < 0.5 else {}
    rule: Rule = GreedyRule(budget, theme_caps, place_caps, leftover, NO_ORDER, skip)
    if chance.random() < 0.3:
        step = Fraction(chance.choice([1, 5]), 2)
        rule = EqualSharesRule(budget, chance.choice(list(Utility)), chance.choice(list(Completion)), step)
    return Election(Question("Wat?", Kind.APPROVE, options, 1, len(ids)), rule, {"web": Counter(cast)}, 9)


def test_budgets_among_equals(page: Page) -> None:
    cases, with_ties = [], 0
    for seed in range(1500):
        chance = random.Random(seed)
        held, drawn = equals(chance), list[Sequence[str]]()
        for _ in range(3):
            given, outcome = case(held, drawn)
            cases.append(given)
            with_ties += bool(outcome.ties)
            if not outcome.ties:
                break
            tie = chance.choice(outcome.ties)
            drawn.append(chance.sample(tie, len(tie)))
    assert page.evaluate(COUNT, cases) == []
    assert with_ties > 500


@pytest.mark.parametrize("options", [3, 24])
def test_ties_too_many_to_follow_are_said(page: Page, options: int) -> None:
    """Of 24 that are equal and all cost something else nobody can follow every lot; of three, anybody."""
    plans = tuple(Option(f"plan-{n}", f"Plan {n}", 10_00 + 37 * 2**n % 1009) for n in range(options))
    question = Question("Welke plannen?", Kind.APPROVE, plans, 1, options)
    rule = GreedyRule(sum(plan.cost for plan in plans) // 2, {}, {}, Leftover.NONE, ())
    held = Election(question, rule, {"web": Counter({",".join(plan.id for plan in plans): 3})}, 4)
    wrong = page.evaluate(COUNT, [case(held, [])[0]])
    assert [found for _, found, _ in wrong] == (["TooMany: too many ways"] if options == 24 else [])


def test_a_case_that_differs_is_found(page: Page) -> None:
    held = next(filter(None, (election(random.Random(seed)) for seed in range(5, 20))))
    given, _ = case(held, [])
    outcome = json.loads(given[-1])
    outcome["votes"] = {id: number + 1 for id, number in outcome["votes"].items()}
    given[-1] = bundles.canonical(outcome).decode()
    assert len(page.evaluate(COUNT, [given])) == 1
