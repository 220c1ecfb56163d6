"""The laws of docs/house.md, held over every file: who imports whom, what is pure, who commits."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
ROOMS = ("ballots", "consult")
TOP = ("app", "demo", "dev")  # they connect the rooms; no room knows them

# The parts of a room that a docstring does not tell. Wiring makes the extensions; shared parts serve counters.
WIRING = {"ballots/database.py"}
SHARED = {"ballots/web.py", "ballots/terminal.py", "consult/desk.py", "consult/pages.py", "consult/staff.py"}
# Put an outcome or a letter in the reader's language; of Flask they know `gettext` only.
WORDS = {
    *(
        "ballots/explain.py",
        "consult/dossier.py",
        "consult/pieces.py",
        "consult/print_jobs.py",
        "consult/prints.py",
        "consult/results.py",
    ),
    *("ballots/board_words.py", "ballots/figures.py"),
    *(f"ballots/explaining/{name}.py" for name in ("budget", "channels", "choice", "ranked", "shares")),
    *("ballots/explaining/text.py", "ballots/explaining/words.py"),
}
# Reach outside the process: the disk, another process, the typesetter. They know no database.
HANDS = {
    "ballots/archive.py",
    "ballots/ballot_print.py",
    "ballots/catalogues.py",
    "ballots/keysheets.py",
    "ballots/printing.py",
    "ballots/serving.py",
    "ballots/typeset.py",
    "ballots/vault.py",
}
# It makes an app of its own to rehearse against, and reads again what that app did.
REHEARSAL = {"ballots/rehearsal.py"}
# Libraries a pure file may use, besides the standard library.
LIBRARIES: Mapping[str, set[str]] = {
    "ballots/board.py": {"cryptography"},
    "ballots/bundle.py": {"cryptography"},
    "ballots/keys.py": {"cryptography"},
    "ballots/qr.py": {"qrcode"},
    "ballots/receipts.py": {"cryptography"},
    "ballots/record.py": {"cryptography"},
    "ballots/sealing.py": {"cryptography"},
    "consult/secrets.py": {"cryptography", "itsdangerous", "pyotp"},
    "consult/days.py": {"babel"},
    "consult/letter_languages.py": {"babel"},
    "consult/photos.py": {"PIL"},
}
IMPURE = {"os", "random", "secrets", "socket", "sqlite3", "subprocess", "threading", "time", "urllib.request"}
NEVER = re.compile(
    r"consult|wijk(?!stem)|voucher|regiegroep", re.IGNORECASE
)  # Wijkstem is the product's name

Sources = Mapping[str, str]


@cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def sources() -> dict[str, str]:
    files = [HERE / "app.py", HERE / "dev.py"]
    files += [path for room in (*ROOMS, "demo") for path in (HERE / room).rglob("*.py")]
    return {path.relative_to(HERE).as_posix(): path.read_text() for path in sorted(files)}


def part(path: str, source: str) -> str:
    """Return what part of the house a file is, by its first words."""
    named = {"wiring": WIRING, "shared": SHARED, "words": WORDS, "hands": HANDS, "rehearsal": REHEARSAL}
    for name, files in named.items():
        if path in files:
            return name
    said = ast.get_docstring(parsed(source)) or ""
    if said.startswith("PURE"):
        return "pure"
    if re.match(r"Verbs?\b", said):
        return "verb"
    if said.startswith(("Counter", "`flask ")):
        return "counter"
    if said.startswith("The tables"):
        return "model"
    if path.endswith("__init__.py"):
        return "room"
    return "top" if "/" not in path or path.startswith("demo/") else "unknown"


def imports(path: str, source: str, known: Sources) -> Iterator[str]:
    """Yield what a file imports: files of the house by their path, others by their name."""

    def found(module: str) -> str:
        for each in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py"):
            if each in known:
                return each
        return module

    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            yield from (found(each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert not node.level, f"{path}: relative import"
            inner = [found(f"{module}.{each.name}") for each in node.names]
            files = [each for each in inner if each in known]
            yield from files or [found(module)]


def is_flask(name: str) -> bool:
    return name.split(".")[0] == "flask" or name.startswith("flask_") or name.split(".")[0] == "wtforms"


def upward(known: Sources) -> list[str]:
    """Law 1: imports go app → consult → ballots → libraries."""
    height = {"ballots": 0, "consult": 1, "demo": 3}
    wrong = []
    for path, source in known.items():
        mine = height.get(path.split("/")[0], 2)
        for name in imports(path, source, known):
            root = name.removesuffix(".py").split("/")[0].split(".")[0]
            theirs = height.get(root, 2 if root in TOP else -1)
            if theirs > mine or (theirs == mine == 2 and root != "app"):
                wrong.append(f"{path} imports {name}")
    return wrong


def names_the_policy(known: Sources) -> list[str]:
    """Law 1: `ballots` never names consult, a wijk, a voucher or a regiegroep."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in known.items()
        if path.startswith(("ballots/", "templates/ballots/"))
        for number, line in enumerate(text.splitlines(), 1)
        if NEVER.search(line)
    ]


def wrong_layers(known: Sources) -> list[str]:
    """Law 2: counters → verbs → models → pure; Flask for counters and wiring only."""
    below = {
        "pure": {"pure"},
        "model": {"pure", "model", "wiring"},
        "verb": {"pure", "model", "wiring", "verb", "hands"},
        "hands": {"pure", "hands"},
    }
    flask = {"counter", "shared", "wiring", "top", "rehearsal"}
    wrong = []
    for path, source in known.items():
        mine = part(path, source)
        for name in imports(path, source, known):
            if (
                is_flask(name)
                and mine not in flask
                and not (mine == "words" and name.startswith("flask_babel"))
            ):
                wrong.append(f"{path} ({mine}) imports {name}")
            if name in known and mine in below and not name.endswith("__init__.py"):
                theirs = part(name, known[name])
                if theirs not in below[mine]:
                    wrong.append(f"{path} ({mine}) imports {name} ({theirs})")
    return wrong


def commits(known: Sources) -> list[str]:
    """Law 2: only `writing` commits and rolls back; only verbs flush."""
    wrong = []
    for path, source in known.items():
        for node in ast.walk(parsed(source)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            called, on = node.func.attr, ast.unparse(node.func.value)
            if called not in ("commit", "rollback", "flush") or on in ("file", "sys.stdout"):
                continue
            read_again = called == "rollback" and path in {*REHEARSAL, "demo/moves.py"}
            if path in WIRING or read_again or (called == "flush" and part(path, source) == "verb"):
                continue
            wrong.append(f"{path}:{node.lineno}: {on}.{called}()")
    return wrong


def impure(known: Sources) -> list[str]:
    """Law 3: pure files know the standard library, named libraries and each other, and no clock or chance."""
    wrong = []
    for path, source in known.items():
        if part(path, source) != "pure":
            continue
        named = {"numpy"} if "numpy" in (ast.get_docstring(parsed(source)) or "") else set[str]()
        for name in imports(path, source, known):
            if name in known:
                if not name.endswith("__init__.py") and part(name, known[name]) != "pure":
                    wrong.append(f"{path} imports {name}")
            elif (
                name.split(".")[0] not in sys.stdlib_module_names | LIBRARIES.get(path, named)
                or name in IMPURE
            ):
                wrong.append(f"{path} imports {name}")
        for node in ast.walk(parsed(source)):
            if isinstance(node, ast.Call) and re.search(
                r"\b(now|utcnow|today|urandom)$", ast.unparse(node.func)
            ):
                wrong.append(f"{path}:{node.lineno}: {ast.unparse(node.func)}()")
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "open":
                wrong.append(f"{path}:{node.lineno}: open()")
    return wrong


def talkative(known: Sources) -> list[str]:
    """Law 4: a room's __init__ is a docstring."""
    return [
        path
        for path, source in known.items()
        if path.endswith("__init__.py")
        and not (len(parsed(source).body) == 1 and ast.get_docstring(parsed(source)))
    ]


LAWS = (upward, wrong_layers, commits, impure, talkative)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_its_laws(law: object) -> None:
    assert callable(law)
    assert law(sources()) == []


def test_the_voting_machine_never_heard_of_a_neighbourhood() -> None:
    templates = (HERE / "templates" / "ballots").rglob("*.html")
    shown = {path.relative_to(HERE).as_posix(): path.read_text() for path in templates}
    assert len(shown) >= 5
    assert names_the_policy({**sources(), **shown}) == []


def test_every_part_is_known() -> None:
    known = sources()
    kinds = {path: part(path, source) for path, source in known.items()}
    for each in (*WIRING, *SHARED, *WORDS, *HANDS, *REHEARSAL, *LIBRARIES):
        assert each in known, each
    assert [path for path, kind in kinds.items() if kind == "unknown"] == []
    assert kinds["ballots/casting.py"] == "verb"
    assert kinds["consult/public.py"] == "counter"
    assert kinds["consult/models.py"] == "model"
    assert sum(kind == "pure" for kind in kinds.values()) >= 20
    assert all(ast.get_docstring(parsed(source)) for source in known.values())


@pytest.mark.parametrize(
    ("law", "path", "planted"),
    [
        (upward, "ballots/planted.py", '"""PURE. X."""\nfrom consult import rules\n'),
        (upward, "ballots/planted.py", '"""PURE. X."""\nimport consult.rules\n'),
        (upward, "ballots/planted.py", '"""X."""\ndef f() -> None:\n    from app import create_app\n'),
        (upward, "consult/planted.py", '"""Verb: x."""\nimport app\n'),
        (upward, "app.py", '"""X."""\nimport demo\n'),
        (wrong_layers, "consult/planted.py", '"""Verb: x."""\nfrom flask import request\n'),
        (wrong_layers, "consult/planted.py", '"""X."""\nfrom flask_login import current_user\n'),
        (wrong_layers, "consult/planted.py", '"""Verb: x."""\nfrom consult import office\n'),
        (
            wrong_layers,
            "consult/planted.py",
            '"""The tables of x."""\nfrom consult.decisions import decide\n',
        ),
        (wrong_layers, "ballots/explain.py", '"""X."""\nfrom flask import request\n'),
        (commits, "consult/planted.py", '"""Verb: x."""\ndb.session.commit()\n'),
        (commits, "consult/planted.py", '"""Verb: x."""\nsession.rollback()\n'),
        (commits, "consult/planted.py", '"""Counter: x."""\nsession.flush()\n'),
        (impure, "ballots/planted.py", '"""PURE. X."""\nimport sqlalchemy\n'),
        (impure, "ballots/planted.py", '"""PURE. X."""\nimport random\n'),
        (impure, "ballots/planted.py", '"""PURE. X."""\nfrom ballots import polls\n'),
        (impure, "ballots/planted.py", '"""PURE. X."""\nfrom datetime import datetime\ndatetime.now()\n'),
        (impure, "ballots/planted.py", '"""PURE. X."""\nimport numpy\n'),
        (talkative, "consult/__init__.py", '"""X."""\nfrom consult import rules\n'),
        (names_the_policy, "ballots/planted.py", '"""PURE. X."""\nWIJK = 1\n'),
        (names_the_policy, "templates/ballots/x.html", "<p>uw voucher</p>"),
    ],
)
def test_a_planted_breach_is_found(law: object, path: str, planted: str) -> None:
    assert callable(law)
    known = sources()
    before = set(law(known))
    assert [each for each in law({**known, path: planted}) if path in each and each not in before]
