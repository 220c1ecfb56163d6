"""The Ed25519 and the tree of narekenen.py, on the vectors of their RFCs and beside other programs."""

import hashlib
import random
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.trust import bundles

VECTORS = Path(__file__).with_name(
    "rfc8032.txt"
)  # section 7.1: name, secret key, public key, message, signature
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("vector", VECTORS.read_text().splitlines(), ids=lambda line: line.split(" ", 1)[0])
def test_the_vectors_of_rfc_8032(program: ModuleType, vector: str) -> None:
    name, *values = vector.split(" ")
    seed, key, message, signature = map(bytes.fromhex, values)
    signer = Ed25519PrivateKey.from_private_bytes(seed)
    assert signer.public_key().public_bytes_raw() == key  # a slip of the pen in the file would show here
    assert signer.sign(message) == signature
    assert program.verify(key, message, signature), name
    for bit in range(0, 512, 7):
        wrong = bytearray(signature)
        wrong[bit // 8] ^= 1 << bit % 8
        assert not program.verify(key, message, bytes(wrong))
    assert not program.verify(key, message + b"\0", signature)
    assert not program.verify(key, message[:-1], signature) or not message


def test_it_agrees_with_another_program(program: ModuleType) -> None:
    chance = random.Random(1)
    for _ in range(200):
        signer = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key, message = signer.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(200))
        signature = bytearray(signer.sign(message))
        if chance.random() < 0.5:
            signature[chance.randrange(64)] ^= 1 << chance.randrange(8)
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(bytes(signature), message)
            right = True
        except InvalidSignature:
            right = False
        assert program.verify(key, message, bytes(signature)) == right


def test_there_is_one_way_to_write_a_signature(program: ModuleType) -> None:
    signer = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key, signature = signer.public_key().public_bytes_raw(), signer.sign(b"x")
    s = int.from_bytes(signature[32:], "little")
    for other in (s + ORDER, s + 2 * ORDER, s + 8 * ORDER):
        assert not program.verify(key, b"x", signature[:32] + other.to_bytes(32, "little"))
    for length in (0, 32, 63):
        assert not program.verify(key, b"x", signature[:length])
    assert not program.verify(key, b"x", signature + b"\0")


def test_there_is_one_way_to_write_a_point(program: ModuleType) -> None:
    """y below P, and no minus zero; a signature over R = nothing in another writing is none."""
    for y in range(P, 2**255):  # 19 numbers that would be y - P
        for odd in (0, 1):
            with pytest.raises(ValueError, match="not a point"):
                program.point((y + odd * 2**255).to_bytes(32, "little"))
    for data in (
        (1 + 2**255).to_bytes(32, "little"),
        (2).to_bytes(32, "little"),
        b"\0" * 31,
        b"\0" * 33,
        b"",
    ):
        with pytest.raises(ValueError, match="not a point"):
            program.point(data)
    assert program.written(program.point((1).to_bytes(32, "little"))) == (1).to_bytes(32, "little")
    # s·B = R + k·A with R = 0: whoever has the secret key can make it, and it is right in one writing only
    a = secret_number(bytes(32))
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    for written, right in ((1, True), (1 + P, False), (1 + 2**255, False)):
        r = written.to_bytes(32, "little")
        k = int.from_bytes(hashlib.sha512(r + key + b"x").digest(), "little") % ORDER
        signature = r + (k * a % ORDER).to_bytes(32, "little")
        assert program.verify(key, b"x", signature) == right


def secret_number(seed: bytes) -> int:
    """Return the number that a seed of 32 bytes stands for (RFC 8032, 5.1.5)."""
    number = bytearray(hashlib.sha512(seed).digest()[:32])
    number[0] &= 248
    number[31] = number[31] & 127 | 64
    return int.from_bytes(number, "little")


def test_the_tree_is_that_of_rfc_6962(program: ModuleType) -> None:
    """Every root over the first leaves, from one tree, as the RFC's own words give it."""
    chance = random.Random(1)
    leaves = [chance.randbytes(33) for _ in range(70)]
    for there in (0, 1, 2, 3, 7, 8, 9, 64, 70):
        tree = program.Tree([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves[:there]])
        for size in range(there + 1):
            assert tree.root(size) == bundles.root(leaves[:size]), (there, size)


def test_the_roots_of_certificate_transparency(program: ModuleType) -> None:
    """Those that the field tests its trees with, over eight leaves."""
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    tree = program.Tree([hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in leaves])
    assert tree.root(0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root(1).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.root(8).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
