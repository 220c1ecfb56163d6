"""The board: RFC 6962's own vectors, growing in any portions, and notes that nobody else can write."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ballots import board
from ballots.board import EMPTY_ROOT, Checkpoint, Edge, grown, leaf, leaf_hash, note, read_note, root
from ballots.refusals import CheckpointForged, CheckpointOther, CheckpointUnreadable, Refusal

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
POLL = bytes(range(16))

# What the reference implementation of Certificate Transparency tests itself with: leaves, and roots by size.
CT_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
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

# As in docs/protocol.md, worked out there without this program: question, C, leaf hash, root behind it.
VECTORS = [
    (
        1,
        "a49a50d0140e3dd6678ad900b949106831a5afdc69e66181fe59b4db820a4551",
        "2780ee23c27ea5c97ba7e36e17a9cf16f4d2cd97230e561620299b6bf34b1351",
        "2780ee23c27ea5c97ba7e36e17a9cf16f4d2cd97230e561620299b6bf34b1351",
    ),
    (
        1,
        "f1f83803d64c684413b67b6c3ee8914a767168fd527506c8128838697bd4b6a3",
        "ae9692bbef9603d10c1af2cc7effb3bc39f7f518b793f7174e3034087bf7e5e6",
        "ab80e160ceee7f1068922d99dab6ceedb871bb8a70e6cf1d6cd187c03d59cbbe",
    ),
    (
        1,
        "b3e5c7aaef9d94af507412044b13d7c3dcc908964edb7cb1550521d6f9d19d33",
        "4419ab8b3ffb894d1837db1a20e089f3bddcbe40bc6553e6e92ec77593c2cb21",
        "c7b3bea94222345d58c230e4e81b630a38964fcb776e88910bbde69dad1adb32",
    ),
    (
        2,
        "ed94c98884f6ea166c92f8ac93016c832ed0c339366d22ae74dd727b564807f0",
        "c1134a576588769a3c8f1f78d39ad8efc3d0c8ccaa1d54857e78718e689968de",
        "2496ba3a731b3338009d297f9f763ee60f048710146ab34c8b5f83466472c547",
    ),
]
KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("defffe0b18a4a603abaceea491fcd0840d5d6a2e8a94327a75858b22ade4bd89")
)
PUBLIC = KEY.public_key().public_bytes_raw()
DEFINITION = bytes(range(0x60, 0x80))
EMPTY = Checkpoint(POLL, 0, EMPTY_ROOT, 0, DEFINITION)
LATER = Checkpoint(
    POLL,
    3,
    bytes.fromhex(VECTORS[2][3]),
    2,
    bytes.fromhex("d87b07eae3683e99bf850b090f6b951a8ff9f0fcc5fb53aa34df281b07922a7b"),
)

hashes = st.binary(min_size=32, max_size=32)
some_leaves = st.lists(hashes, max_size=40)


def test_the_tree_is_that_of_certificate_transparency() -> None:
    leaves = [leaf_hash(bytes.fromhex(each)) for each in CT_LEAVES]
    assert [root(leaves[:size]).hex() for size in range(9)] == CT_ROOTS
    assert [grown(Edge(), leaves[:size]).root().hex() for size in range(9)] == CT_ROOTS


def test_vectors_of_the_tree() -> None:
    edge = Edge()
    assert edge.root().hex() in PROTOCOL
    for size, (question, commitment, leaf_is, root_is) in enumerate(VECTORS, 1):
        made = leaf(question, bytes.fromhex(commitment))
        edge = grown(edge, [made])
        assert (made.hex(), edge.root().hex()) == (leaf_is, root_is)
        assert f"| {size} | `{leaf_is}` | `{root_is}` |" in PROTOCOL


@given(st.integers(1, 255), hashes)
def test_a_leaf_is_the_question_and_the_commitment(question: int, commitment: bytes) -> None:
    assert leaf(question, commitment) == hashlib.sha256(bytes([0, question]) + commitment).digest()


@given(some_leaves, st.data())
def test_an_edge_grows_in_any_portions_to_the_root_of_all(leaves: list[bytes], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(leaves)), max_size=5)))
    edge = Edge()
    for start, end in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        edge = Edge.decode(grown(edge, iter(leaves[start:end])).encode())
        assert edge.root() == root(leaves[:end])
    assert edge.size == len(leaves)
    assert edge == grown(Edge(), leaves)
    assert len(edge.encode()) == 8 + 32 * len(leaves).bit_count()


@given(st.lists(hashes, min_size=1, max_size=40), st.data())
def test_any_other_leaf_is_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(hashes.filter(lambda each: each != leaves[place]))
    changed = [*leaves[:place], other, *leaves[place + 1 :]]
    roots = {root(each) for each in (leaves, changed, leaves[:-1], [*leaves, other])}
    assert len(roots) == 4


def test_another_order_is_another_root() -> None:
    leaves = [bytes([n]) * 32 for n in range(5)]
    assert root(leaves) != root(leaves[::-1])


def test_a_node_is_no_leaf() -> None:
    """Of a tree of two the root is not the leaf that holds both hashes: their prefixes differ."""
    one, two = leaf_hash(b"a"), leaf_hash(b"b")
    assert root([one, two]) == hashlib.sha256(b"\x01" + one + two).digest() != leaf_hash(one + two)


def test_growing_costs_what_the_batch_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a million leaves a batch of 100 makes no more nodes than the batch and the height of the tree."""
    real, made = board._parent, list[bytes]()

    def counted(left: bytes, right: bytes) -> bytes:
        made.append(real(left, right))
        return made[-1]

    monkeypatch.setattr(board, "_parent", counted)
    large = Edge(10**6 - 1, (bytes(32),) * (10**6 - 1).bit_count())
    grown(large, [bytes(32)] * 100).root()
    assert 100 <= len(made) <= 100 + 2 * 20


@pytest.mark.parametrize(
    "data", [b"", bytes(7), bytes(9), bytes([*bytes(7), 1]), bytes([*bytes(7), 3]) + bytes(63), bytes(8 + 32)]
)
def test_bytes_that_are_no_edge(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the edge"):
        Edge.decode(data)


@pytest.mark.parametrize("checkpoint", [EMPTY, LATER])
def test_vectors_of_notes(checkpoint: Checkpoint) -> None:
    made = note(checkpoint, KEY)
    assert f"```\n{made}```" in PROTOCOL
    assert read_note(made, POLL, PUBLIC) == checkpoint


def test_the_id_of_a_key_is_that_of_other_programs() -> None:
    """Go's `sumdb/note` knows this key, of its own tests, by this id."""
    kind_and_key = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert board.key_id("PeterNeumann", kind_and_key[1:]).hex() == "c74f20a3"
    assert board.key_id(EMPTY.name, PUBLIC).hex() == "52b4531f"
    assert "`52b4531f`" in PROTOCOL


def test_the_signature_stands_by_itself() -> None:
    """What a program that knows nothing of ours would do: text, empty line, name, base64 of id and signature."""
    text, _, signatures = note(LATER, KEY).rpartition("\n\n")
    dash, name, signed = signatures.rstrip("\n").split(" ")
    assert (dash, name) == ("—", text.partition("\n")[0])
    KEY.public_key().verify(base64.b64decode(signed)[4:], f"{text}\n".encode())


@given(
    st.builds(Checkpoint, st.just(POLL), st.integers(0, 10**12), hashes, st.integers(0, 10**6), hashes),
)
def test_a_note_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert read_note(note(checkpoint, KEY), POLL, PUBLIC) == checkpoint


def test_what_a_mail_or_an_editor_does_to_a_note_is_forgiven() -> None:
    made = note(LATER, KEY)
    for sent in (made.replace("\n", "\r\n"), made.rstrip("\n"), f"\n  {made}\n\n"):
        assert read_note(sent, POLL, PUBLIC) == LATER


def test_a_note_of_another_poll() -> None:
    with pytest.raises(CheckpointOther):
        read_note(note(LATER, KEY), bytes(16), PUBLIC)


@pytest.mark.parametrize(
    "changed",
    [
        replace(LATER, size=4),
        replace(LATER, root=bytes(32)),
        replace(LATER, records=1),
        replace(LATER, head=bytes(32)),
    ],
)
def test_a_note_that_was_changed(changed: Checkpoint) -> None:
    signed, other = note(LATER, KEY), note(changed, KEY)
    forged = other[: other.index("—")] + signed[signed.index("—") :]
    with pytest.raises(CheckpointForged):
        read_note(forged, POLL, PUBLIC)


def test_a_note_by_another_key() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    made = note(LATER, stranger)
    assert read_note(made, POLL, stranger.public_key().public_bytes_raw()) == LATER
    with pytest.raises(CheckpointForged):
        read_note(made, POLL, PUBLIC)
    # Also where it claims the id of ours: the signature itself is checked.
    start = made.rindex(" ") + 1
    claimed = board.key_id(LATER.name, PUBLIC) + base64.b64decode(made[start:])[4:]
    with pytest.raises(CheckpointForged):
        read_note(made[:start] + base64.b64encode(claimed).decode(), POLL, PUBLIC)


def test_every_other_character_makes_another_note() -> None:
    """Whatever character of a note is changed, nothing but a refusal comes of it."""
    made = note(LATER, KEY)
    for place, character in enumerate(made.rstrip("\n")):
        near = chr(ord(character) ^ 1)
        for other in {near, "0", "A", "a", " ", "\n"} - {character}:
            with pytest.raises(Refusal):
                read_note(made[:place] + other + made[place + 1 :], POLL, PUBLIC)


MADE = note(LATER, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "wijkstem",
        MADE[: len(MADE) // 2],
        MADE.replace("\n\n", "\n"),
        MADE.replace("records 2 ", "records 02 "),
        MADE.replace("records 2 ", "records -2 "),
        MADE.replace("\n3\n", "\n03\n"),
        MADE.replace("\n3\n", "\n" + "3" * 5000 + "\n"),
        MADE.replace("\n3\n", "\n٣\n"),
        MADE.replace("records", "wijkstem"),
        MADE.replace("— wijkstem/0001", "— wijkstem/0002"),
        MADE + "— wijkstem/000102030405060708090a0b0c0d0e0f UrRTH3iS",
        MADE.upper(),
    ],
)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(CheckpointUnreadable) as refused:
        read_note(text, POLL, PUBLIC)
    assert str(refused.value).endswith(".")


@given(st.text(max_size=300))
def test_anything_is_a_note_or_a_refusal(text: str) -> None:
    with pytest.raises(CheckpointUnreadable):
        read_note(text, POLL, PUBLIC)
