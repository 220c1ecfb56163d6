"""What the tests of the recount share: running `narekenen.py` on a bundle, in this process or as a resident does."""

import hashlib
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballots.digest import groups
from tests.conftest import START
from tests.trust import bundles
from tests.trust.bundles import (
    CASES,
    PROGRAM,
    Files,
    canonical,
)

RIGHT, WRONG, NOT_PUBLISHED = 0, 1, 2
MUTATIONS = 10_000 if os.environ.get("WIJKSTEM_FULL") else 500
OPENINGS = "question;control;commitment;r_q;marking"

Attack = Callable[[Files, random.Random], Files]

ENDS = {"withdrawn": NOT_PUBLISHED, "to be asked again": NOT_PUBLISHED, "nobody": NOT_PUBLISHED}
ENDS |= {name: NOT_PUBLISHED for name in CASES if name.startswith("under the floor")}
PUBLISHED = [name for name in CASES if name not in ENDS]


def on_letter(files: Files) -> str:
    return groups(hashlib.sha256(files["definition.json"]).hexdigest())


def another_key(seed: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(random.Random(seed).randbytes(32))


# Running it


def run(*given: str | Path) -> tuple[int, str]:
    """Run the program as a resident does; it never says anything but sentences."""
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *map(str, given)], capture_output=True, timeout=300, check=False
    )
    assert done.stderr == b""
    return done.returncode, done.stdout.decode()


def load(text: str) -> ModuleType:
    """Return the program, or a weak variant of it, as a module."""
    spec = importlib.util.spec_from_loader("narekenen", None)
    assert spec
    module = importlib.util.module_from_spec(spec)
    exec(compile(text, str(PROGRAM), "exec"), module.__dict__)
    return module


def ends(program: ModuleType, *given: str | Path) -> tuple[int, str]:
    """Run the program inside this process, which takes less time. An exception is a traceback."""
    screen = io.BytesIO()
    said = io.TextIOWrapper(screen, "utf-8")
    with redirect_stdout(said):
        code = program.main([str(each) for each in given])
    said.flush()
    return code, screen.getvalue().decode()


def zipped(folder: Path, files: Files) -> Path:
    return bundles.zipped(folder / "bundle.zip", files)


def ended(
    program: ModuleType, folder: Path, files: Files, hash: str | None = None, kept: str | None = None
) -> tuple[int, str]:
    """Return how it ends for these files, and its last line; when something is wrong that is one sentence."""
    given = [str(zipped(folder, files)), *(["--hash", hash] if hash else [])]
    if kept is not None:
        (folder / "kept.txt").write_text(kept)
        given += ["--checkpoint", str(folder / "kept.txt")]
    code, said = ends(program, *given)
    last = said.splitlines()[-1]
    assert last.startswith("FOUT: ") == (code == WRONG), said
    assert said.count("FOUT: ") == (code == WRONG)
    return code, last


def verdict(
    program: ModuleType, folder: Path, files: Files, hash: str | None = None, kept: str | None = None
) -> int:
    return ended(program, folder, files, hash, kept)[0]


def recorded(files: Files, kind: str, facts: object, people: int = 1, **more: object) -> bytes:
    """Return the records with one more, which `rebuilt` numbers and signs."""
    body = {"kind": kind, "facts": facts, "people": people, "at": START.isoformat(), "reason": "Post terug."}
    return canonical([*json.loads(files["records.json"]), {"record": body | more}])


def recounted(folder: Path, files: Files) -> tuple[int, str]:
    """Return how the program ends, and the last line where something is wrong."""
    code, said = run(zipped(folder, files))
    return code, said.splitlines()[-1] if code == WRONG else ""
