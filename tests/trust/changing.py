"""Ways to change a bundle that more than one subject of the recount needs."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from ballots import paper
from tests.trust import bundles
from tests.trust.bundles import (
    Files,
    canonical,
    marks,
    rows,
    table,
)
from tests.trust.recounting import OPENINGS


def another_answer(files: Files, chance: random.Random) -> Files:
    """Put another answer in the place of one, with a commitment and a control code that are right."""
    poll, terms = bundles.terms(files)
    lines = rows(files, "openings.csv")
    if not lines:
        return files
    at = chance.randrange(len(lines))
    number, _, _, _, old = lines[at]
    question = terms.questions[int(number) - 1]
    new = ",".join(marks(chance, question))
    if new == old:
        return files
    secret = chance.randbytes(32)
    made = bundles.commitment(poll, int(number), secret, new, paper.longest(question))
    lines[at] = bundles.opening(int(number), made, secret, new).split(";")
    return files | {"openings.csv": table(OPENINGS, list(map(";".join, lines)))}


def a_value(files: Files, chance: random.Random) -> Files:
    """Change one value somewhere in a JSON file."""
    name = chance.choice(sorted(name for name in files if name.endswith(".json") and name != "manifest.json"))
    value = json.loads(files[name])
    places = list(_places(value))
    if not places:
        return files
    holder, key = chance.choice(places)
    old = holder[key]
    how = chance.choice(["change", "change", "change", "leave", "type", "double"])
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
    """Yield every place in a JSON value, as what holds it and the key."""
    keys: Sequence[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])  # type: ignore[index]  # it has keys


def hashed_again(changed: Files, files: Files) -> Files:
    """Return the changed files with the hash beside the definition made again; only the one on the letter stays."""
    if "definition.json" in changed and changed.get("definition.sha256") == files["definition.sha256"]:
        line = f"{hashlib.sha256(changed['definition.json']).hexdigest()}  definition.json\n"
        return changed | {"definition.sha256": line.encode()}
    return changed


def another_order(files: Files, chance: random.Random) -> Files:
    """Put two commitments in each other's place."""
    board = [";".join(each) for each in rows(files, "commitments.csv")]
    one, other = chance.sample(range(len(board)), 2)
    board[one], board[other] = board[other], board[one]
    return files | {"commitments.csv": table("question;commitment", board, in_order=False)}
