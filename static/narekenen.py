#!/usr/bin/env python3
# ruff: noqa: B905, RUF007, UP033  (this file must run on Python 3.8, which knows nothing newer)
"""Narekenen: klopt de uitslag van een stemming van Wijkstem?

    python3 narekenen.py DOSSIER.zip --hash "c8e2 cf94 ..." --checkpoint CONTROLEPUNT.txt

DOSSIER.zip is het dossier (of de bundel) van de stemming; de uitgepakte map mag ook. De code achter
--hash staat op de brief. Achter --checkpoint staat een controlepunt dat iemand tijdens de stemming van
het stembord heeft bewaard. Beide mogen ook weg. Dit programma zegt regel voor regel wat het nakijkt.
Het eindigt met 0: alles klopt; 1: er is iets mis, met de eerste fout; 2: niet na te rekenen, want er
zijn te weinig stemmen om ze openbaar te maken, of de stemming is ingetrokken.

It shares no code with the service it checks, uses nothing but Python itself (3.8 or later), reads
only the files it is given, and writes nothing. What every file holds is specified in docs/bundle.md
and docs/protocol.md of Wijkstem. Everything is counted exactly: with whole numbers and fractions.

The parts of this file, in order: reading the files; signatures; the definition; the records; the
board; the ballots; the rules that count; the files for other programs; and last of all `recount`,
which takes every step in turn.
"""

import base64
import csv
import hashlib
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from itertools import permutations
from operator import eq

RIGHT, WRONG, NOT_PUBLISHED = 0, 1, 2  # how this program ends

MOST_FILES = 1_000
MOST_BYTES = 256_000_000  # of all files together, when unpacked
MOST_JSON = 32_000_000  # of one file
MOST_NOTE = 10_000  # of a checkpoint that somebody kept

BLANK = "blanco"
UNUSABLE = "ongeldig"  # a paper that is missing, or cannot be counted


class Wrong(Exception):
    """Something is not as it should be; the sentence says what."""


def need(right, sentence, *values):
    """Raise Wrong with this sentence unless something is right."""
    if not right:
        raise Wrong(sentence.format(*map(shown, values)))


def shown(value):
    """Return a value so that it can be printed safely: on one line, not too long, no control signs."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(value))
    return text if len(text) <= 1_000 else text[:1_000] + "..."


def say(sentence, *values):
    print(sentence.format(*map(shown, values)), flush=True)


def good(sentence, *values):
    say("goed: " + sentence, *values)


@contextmanager
def inside(name):
    """Whatever goes wrong in here is a fault of the file of this name."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise Wrong(f"in {name} staat iets wat daar niet hoort.") from None


# == Reading the files =================================================================================


UNREADABLE = (ArithmeticError, EOFError, LookupError, OSError, RuntimeError, ValueError)
UNREADABLE += (struct.error, zipfile.BadZipFile, zlib.error)


def read(path):
    """Return all files of a zip or a folder: their bytes by name."""
    need(os.path.isfile(path) or os.path.isdir(path), "{} bestaat niet.", path)
    try:
        files = read_folder(path) if os.path.isdir(path) else read_zip(path)
    except UNREADABLE:
        raise Wrong(f"{shown(path)} is niet te lezen. Is het wel een heel dossier?") from None
    files = {name: data for name, data in files.items() if not of_the_computer(name)}
    folders = {name.rpartition("/")[0] for name in files}
    if len(folders) == 1:  # somebody zipped the folder, and not what is in it
        files = {name.rpartition("/")[2]: data for name, data in files.items()}
    return files


def read_zip(path):
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        check_size([entry.file_size for entry in entries])
        names = [entry.filename for entry in entries]
        plain = all(entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries)
        need(plain, "de zip is ingepakt op een manier die dit programma niet kent.")
        need(len(set(names)) == len(names), "in de zip staat twee keer een bestand met dezelfde naam.")
        return {entry.filename: archive.read(entry) for entry in entries}


def read_folder(path):
    found = {}
    for folder, _, names in os.walk(path):
        for name in names:
            at = os.path.join(folder, name)
            need(os.path.isfile(at) and not os.path.islink(at), "{} is geen gewoon bestand.", at)
            found[os.path.relpath(at, path).replace(os.sep, "/")] = at
    check_size([os.path.getsize(at) for at in found.values()])
    files = {}
    for name, at in found.items():
        with open(at, "rb") as file:
            files[name] = file.read(MOST_BYTES)
    return files


def check_size(sizes):
    need(len(sizes) <= MOST_FILES, "er zijn te veel bestanden ({}).", len(sizes))
    need(sum(sizes) <= MOST_BYTES, "de bestanden zijn samen te groot ({} bytes).", sum(sizes))


def of_the_computer(name):
    """Say whether a file is one that computers add by themselves when a folder is zipped."""
    hidden = (".DS_Store", "desktop.ini", "Thumbs.db")
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in hidden


def from_json(files, name):
    """Return the value in a file of canonical JSON; Wrong when it is written in any other way."""
    need(name in files, "{} ontbreekt.", name)
    need(len(files[name]) <= MOST_JSON, "{} is te groot.", name)
    with inside(name):
        value = json.loads(
            files[name].decode(), parse_int=whole_number, parse_float=refused, parse_constant=refused
        )
        need(canonical(value) == files[name], "{} staat niet in de vaste schrijfwijze.", name)
    return value


def list_from_json(files, name):
    """Return the list in a file of canonical JSON."""
    value = from_json(files, name)
    need(isinstance(value, list), "in {} staat geen lijst.", name)
    return value


def canonical(value):
    """Return the one way to write a JSON value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def whole_number(text):
    if len(text) > 30:
        raise ValueError("a number as large as this is no amount and no count")
    return int(text)


def refused(text):
    raise ValueError("a number that is not whole: " + text)


# A file of many lines is read some thousands at a time, and these are looked at by the column: one call
# for thousands of cells takes far less time than thousands of calls.

BLOCK = 100_000  # bytes


def blocks(files, name, header, in_order=True):
    """Yield from a CSV file the number of a line and the columns, each a list of texts, from there on.

    Its lines must stand in sorted order.
    """
    need(name in files, "{} ontbreekt.", name)
    data = files[name]
    need(data.startswith(header.encode() + b"\n"), "{} begint niet met de regel {}.", name, header)
    need(data.endswith(b"\n"), "{} eindigt midden in een regel.", name)
    width, start, line, last = header.count(";") + 1, len(header) + 1, 2, ""
    while start < len(data):
        end = data.find(b"\n", start + BLOCK)
        end = len(data) - 1 if end < 0 else end
        with inside(name):
            lines = data[start:end].decode().split("\n")
        if in_order:
            right = last <= lines[0] and lines == sorted(lines)
            need(right, "de regels van {} staan niet op volgorde.", name)
        cells = ";\n;".join(lines).split(";")
        ends = cells[width :: width + 1]  # of every line but the last
        if len(cells) != len(lines) * (width + 1) - 1 or len(ends) != ends.count("\n"):
            line += first(each.count(";") != width - 1 for each in lines)
            raise Wrong(f"{name}, regel {line}, heeft niet de kolommen die erbij horen.")
        yield line, [cells[at :: width + 1] for at in range(width)]
        start, line, last = end + 1, line + len(lines), lines[-1]


def first(wrong):
    """Return the place, from 0 on, of the first that is wrong."""
    return next(place for place, each in enumerate(wrong) if each)


def need_32(cells, refusal):
    """Return what these texts are together in hexadecimal. Wrong with this refusal unless each is 32 bytes."""
    together = "".join(cells)
    try:
        data = bytes.fromhex(together)
    except ValueError:
        raise Wrong(refusal) from None
    need(set(map(len, cells)) <= {64} and data.hex() == together, refusal)
    return data


def bytes_32(cells, refusal):
    """Return what each of these texts is in hexadecimal. Wrong with this refusal unless it is 32 bytes."""
    return struct.unpack("32s" * len(cells), need_32(cells, refusal))


def check_manifest(files):
    """Every file is in the manifest with its SHA-256, and the manifest names no other. Return its poll."""
    listed = from_json(files, "manifest.json")
    with inside("manifest.json"):
        version = listed.get("version")
        need(type(version) is int, "manifest.json heeft niet de vorm die erbij hoort.")
        need(version == 1, "dit programma kent versie {} van deze bestanden niet, alleen versie 1.", version)
        need(
            set(listed) == {"version", "poll", "sha256"}, "manifest.json heeft niet de vorm die erbij hoort."
        )
        poll, listed = listed["poll"], dict(listed["sha256"])
    for name in sorted(set(listed) - set(files)):
        raise Wrong(f"{shown(name)} staat in manifest.json, maar ontbreekt.")
    for name in sorted(set(files) - set(listed) - SIGNED):
        raise Wrong(f"{shown(name)} staat niet in manifest.json.")
    for name in sorted(listed):
        same = name not in SIGNED and sha256(files[name]).hexdigest() == listed[name]
        need(same, "{} is veranderd: het past niet bij manifest.json.", name)
    good("alle {} bestanden zijn heel, en er is niets bij of af.", len(listed))
    return poll


SIGNED = {"manifest.json", "manifest.sig"}


def check_signature(files, definition, poll):
    """The manifest, and so every file, is of this poll and signed with the key of the board."""
    need(poll == definition.poll.hex(), "manifest.json is van een andere stemming dan definition.json.")
    line = files.get("manifest.sig", b"")
    whole = re.fullmatch(b"[0-9a-f]{128}\n", line)
    need(whole, "manifest.sig is geen handtekening.")
    signed = verify(definition.board_key, files["manifest.json"], bytes.fromhex(line.decode()))
    need(signed, "manifest.json is niet ondertekend met de sleutel van deze stemming.")
    good("het geheel is ondertekend met de sleutel van deze stemming.")


# == Signatures ========================================================================================
#
# Ed25519, as RFC 8032 describes it: points of a curve over the whole numbers modulo P. A point is
# (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z, so that adding two of them needs no division.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the base point
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NOTHING = (0, 1, 1, 0)  # the point that changes nothing when it is added


def add(one, other):
    """Return the sum of two points."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(data):
    """Return the point that 32 bytes stand for: y, and in the last bit whether x is odd. ValueError if none."""
    odd, y = divmod(int.from_bytes(data, "little"), 2**255)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P  # x squared is u/v
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_1 % P
    if len(data) != 32 or y >= P or v * x * x % P != u or (x == 0 and odd):
        raise ValueError("not a point")
    x = x if x % 2 == odd else P - x
    return x, y, 1, x * y % P


def written(point):
    """Return the 32 bytes that stand for a point."""
    x, y, z, _ = point
    x, y = x * pow(z, P - 2, P) % P, y * pow(z, P - 2, P) % P
    return (y + x % 2 * 2**255).to_bytes(32, "little")


@lru_cache(maxsize=None)
def multiples(point):
    """Return 0 to 15 times a point, 0 to 15 times 16 times it, and so on: one list a hexadecimal digit."""
    table = []
    for _ in range(64):
        row = [NOTHING]
        for _ in range(15):
            row.append(add(row[-1], point))
        table.append(row)
        point = add(row[-1], point)
    return table


def times(number, point):
    """Return a point added to itself so many times."""
    total = NOTHING
    for row in multiples(point):
        total = add(total, row[number % 16])
        number //= 16
    return total


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify(key, message, signature):
    """Say whether an Ed25519 signature (64 bytes) over a message is that of a public key (32 bytes).

    The signature is a point R and a number s with s·B = R + k·A, where A is the key, B the base point
    and k a hash of all. So R must be s·B + k·(-A), in the one way to write it.
    """
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    x, y, z, t = point(key)
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    if len(signature) != 64 or s >= ORDER:
        return False
    return written(add(times(s, BASE), times(k, (P - x, y, z, P - t)))) == r


# == The definition ====================================================================================

DEFINITION_KEYS = {"protocol", "poll", "letters", "keys", "terms"}
TERMS_KEYS = {"custody", "lengthen", "title", "summary", "texts", "about", "questions", "rules"}
TERMS_KEYS |= {"opens", "closes", "closes_text", "floor"}

QUESTION_KEYS = {"text", "kind", "options", "least", "most", "theme_most", "budget", "theme_budget", "points"}
OPTION_KEYS = {"id", "label", "cost", "theme", "place"}
QUORUM_KEYS = {"quorum", "quorum_share", "blank_in_turnout", "missed_quorum"}
RULE_KEYS = {
    "majority": {"majority", "base", "blank_in_majority"} | QUORUM_KEYS,
    "plurality": {"tie_order"} | QUORUM_KEYS,
    "greedy": {"budget", "theme_caps", "place_caps", "leftover", "tie_order", "skip", "threshold"},
    "equal-shares": {"budget", "utility", "completion", "step", "tie_order"},
    "ranked": {"method", "tie_order"},
    "weighed": {"rule", "channels"},
}
FITS = {  # which rules can count which kind of question
    "yes-no": {"majority"},
    "choose-one": {"plurality", "greedy", "equal-shares"},
    "approve": {"plurality", "greedy", "equal-shares"},
    "basket": {"greedy", "equal-shares"},
    "points": {"plurality", "greedy"},
    "ranking": {"plurality", "greedy", "ranked"},
}
EXACT = re.compile(r"-?[0-9]{1,30}(/[1-9][0-9]{0,29}|\.[0-9]{1,30})?")


def exact(value):
    """Return an amount or a share: a whole number, or text such as 1/3 or 0.5."""
    if isinstance(value, bool) or not EXACT.fullmatch(str(value)):
        raise ValueError("not an amount")
    return Fraction(value)


def one_of(value, *choices):
    """Return a value that must be one of these, and of the same type."""
    if not any(value == choice and type(value) is type(choice) for choice in choices):
        raise ValueError("not one of the values that this program knows")
    return value


def texts(value):
    """Return a list of texts."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("not a list of texts")
    return value


class Option:
    """Something to choose."""

    def __init__(self, given):
        need(
            set(given) == OPTION_KEYS, "een keuze in definition.json heeft iets wat dit programma niet kent."
        )
        self.id, self.label, self.theme, self.place = texts(
            [given["id"], given["label"], given["theme"], given["place"]]
        )
        self.cost = exact(given["cost"])
        need(re.fullmatch(r"[A-Za-z0-9/_.-]{1,40}", self.id), "{} kan geen keuze zijn.", self.id)
        need(
            self.id not in (BLANK, UNUSABLE) and self.cost >= 0,
            "keuze {} in definition.json klopt niet.",
            self.id,
        )


class Question:
    """One question, its options and its limits."""

    def __init__(self, number, given):
        known = set(given) == QUESTION_KEYS | {"shuffled"} and given["kind"] in FITS
        need(known, "vraag {} in definition.json heeft iets wat dit programma niet kent.", number)
        self.number, self.text, self.kind = number, given["text"], given["kind"]
        self.options = [Option(option) for option in given["options"]]
        self.ids = [option.id for option in self.options]
        self.by_id = {option.id: option for option in self.options}
        self.place = {id: n for n, id in enumerate(self.ids)}
        need(len(self.by_id) == len(self.ids), "vraag {} heeft twee keer dezelfde keuze.", number)
        self.least, self.most = int(exact(given["least"])), int(exact(given["most"]))
        need(0 <= self.least <= self.most <= len(self.ids), "de grenzen van vraag {} kloppen niet.", number)
        self.theme_most = {theme: exact(most) for theme, most in given["theme_most"].items()}
        self.budget = None if given["budget"] is None else exact(given["budget"])
        self.theme_budget = {theme: exact(most) for theme, most in given["theme_budget"].items()}
        self.points = given["points"]
        need(
            (self.kind == "points") == (self.points is not None),
            "de punten van vraag {} kloppen niet.",
            number,
        )
        if self.points is not None:
            self.points = {name: int(exact(self.points[name])) for name in ("sum", "least", "each")}
        self.looked_at = {}  # marking: what is wrong with it; many voters give the same one

    def length(self):
        """Return the length to which every marking is padded: that of the longest there can be."""
        points = 1 + len(str(self.points["each"])) if self.points else 0
        longest = sorted((len(id) + points for id in self.ids), reverse=True)[: self.most]
        return max(len(BLANK), sum(longest) + max(0, len(longest) - 1))

    def problem(self, marking):
        """Return what is wrong with a marking, in a few words; nothing when it is valid."""
        if marking not in self.looked_at:
            self.looked_at[marking] = self._problem(marking)
        return self.looked_at[marking]

    def _problem(self, marking):
        if marking == BLANK:
            return ""
        marks = [mark.partition(":") if self.points else (mark, "", "") for mark in marking.split(",")]
        ids = [id for id, _, _ in marks]
        if not all(id in self.by_id for id in ids):
            return "niet elke keuze staat op het biljet"
        if len(set(ids)) != len(ids):
            return "er staat iets dubbel"
        if self.kind != "ranking" and ids != sorted(ids, key=self.place.get):
            return "de keuzes staan niet in de volgorde van het biljet"
        if not self.least <= len(ids) <= self.most:
            return "er zijn te weinig of te veel keuzes"
        chosen = [self.by_id[id] for id in ids]
        for theme, most in self.theme_most.items():
            if sum(option.theme == theme for option in chosen) > most:
                return "er zijn te veel keuzes van een thema"
        if self.budget is not None and sum(option.cost for option in chosen) > self.budget:
            return "de keuzes kosten samen te veel"
        for theme, budget in self.theme_budget.items():
            if sum(option.cost for option in chosen if option.theme == theme) > budget:
                return "de keuzes van een thema kosten samen te veel"
        return self._points_problem([points for _, _, points in marks]) if self.points else ""

    def _points_problem(self, given):
        if not all(re.fullmatch(r"[1-9][0-9]{0,8}", points) for points in given):
            return "er staat geen aantal punten"
        if max(map(int, given)) > self.points["each"]:
            return "er zijn te veel punten voor een keuze"
        if not self.points["least"] <= sum(map(int, given)) <= self.points["sum"]:
            return "er zijn te weinig of te veel punten"
        return ""


def check_rule(question, rule):
    """The rule is one that this program knows, with all its fields, and it can count this question."""
    name = rule["name"]
    known = name in RULE_KEYS and set(rule) == RULE_KEYS[name] | {"name"}
    need(known, "de telregel van vraag {} heeft iets wat dit programma niet kent.", question.number)
    if name == "weighed":
        channels = rule["channels"]
        one_of(channels["part"], "ballots", "votes")
        weights = [exact(weight) for weight in channels["weights"].values()]
        if set(channels) != {"weights", "part"} or min(weights) <= 0 or sum(weights) != 1:
            raise ValueError("weights are more than nothing, and together one")
        one_of(rule["rule"]["name"], "plurality", "greedy")
        check_rule(question, rule["rule"])
        return
    need(name in FITS[question.kind], "de telregel van vraag {} past niet bij de vraag.", question.number)
    for key in texts(rule.get("tie_order", [])):
        one_of(key, "lower-cost", "more-votes", "paper-order")
    if name in ("majority", "plurality"):
        one_of(rule["quorum"], "none", "turnout", "in-favour")
        one_of(rule["missed_quorum"], "bars", "reasons")
        one_of(rule["blank_in_turnout"], True, False)
        exact(rule["quorum_share"])
    if name == "majority":
        one_of(rule["majority"], "simple", "absolute", "two-thirds")
        one_of(rule["base"], "votes", "letters")
        one_of(rule["blank_in_majority"], True, False)
    if name == "greedy":
        one_of(rule["leftover"], "none", "more", "part")
        one_of(rule["skip"], True, False)
        amounts = [rule["budget"], *rule["theme_caps"].values(), *rule["place_caps"].values()]
        if min(map(exact, amounts)) < 0 or (not rule["skip"] and rule["leftover"] == "more"):
            raise ValueError("no such rule")
        exact(rule["threshold"])
    if name == "equal-shares":
        one_of(rule["utility"], "cost", "number")
        one_of(rule["completion"], "none", "add1", "add1u")
        if exact(rule["budget"]) < 0 or exact(rule["step"]) <= 0:
            raise ValueError("no such rule")
    if name == "ranked":
        one_of(rule["method"], "run-off", "schulze")


class Definition:
    """What was asked, of whom and by which rules."""

    def __init__(self, given, hash):
        self.hash = hash
        protocol = given["protocol"]
        need(protocol == "wijkstem/1", "dit programma kent dit protocol niet: {}.", protocol)
        terms, keys = given["terms"], given["keys"]
        known = set(given) == DEFINITION_KEYS and set(terms) == TERMS_KEYS
        need(known, "definition.json heeft iets wat dit programma niet kent.")
        need(re.fullmatch("[0-9a-f]{32}", given["poll"]), "de stemming heeft geen nummer.")
        self.poll = bytes.fromhex(given["poll"])
        need(
            set(keys) == {"poll", "board", "receipt"},
            "in definition.json staan andere sleutels dan het hoort.",
        )
        given_keys = [keys["poll"], keys["board"], keys["receipt"]]
        refusal = "in definition.json staat een sleutel die geen 32 bytes is."
        _, self.board_key, receipt_key = bytes_32(given_keys, refusal)
        for key in (self.board_key, receipt_key):
            point(key)
        need_32(given["letters"], "in definition.json staat een brief die geen brief is.")
        self.letters = set(given["letters"])
        in_order = given["letters"] == sorted(given["letters"])
        need(in_order, "de brieven in definition.json staan niet op volgorde.")
        need(len(self.letters) == len(given["letters"]), "in definition.json staat een brief twee keer.")
        self.title, self.floor = terms["title"], int(exact(terms["floor"]))
        one_of(terms["custody"], "service", "keyholders")
        self.closes, longest = moment(terms["closes"]), one_of(terms["lengthen"], *range(1_000))
        # voting can be lengthened until then; an hour more, for when the clock is put back in October
        self.latest = self.closes + (timedelta(days=longest, hours=1) if longest else timedelta(0))
        self.questions = [Question(number, each) for number, each in enumerate(terms["questions"], 1)]
        self.rules = terms["rules"]
        need(1 <= len(self.questions) <= 255, "er is geen vraag, of er zijn te veel vragen.")
        need(len(self.rules) == len(self.questions), "er is niet voor elke vraag een telregel.")
        for question, rule in zip(self.questions, self.rules):
            check_rule(question, rule)


MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?\+00:00")


def moment(text):
    """Return a moment, which is written in UTC."""
    if not MOMENT.fullmatch(text):
        raise ValueError("not a moment in UTC")
    return datetime.fromisoformat(text)


def read_definition(files, on_letter):
    """Check the hash of the definition, against the one on the letter where that is given; return it."""
    given = from_json(files, "definition.json")
    hash = sha256(files["definition.json"]).hexdigest()
    line = f"{hash}  definition.json\n".encode()
    need(files.get("definition.sha256") == line, "definition.sha256 past niet bij definition.json.")
    need(
        on_letter in (None, hash),
        "de code op de brief is niet die van dit dossier, maar dat is: {}.",
        grouped(hash),
    )
    with inside("definition.json"):
        definition = Definition(given, hash)
    say("De stemming: {}", definition.title)
    if on_letter:
        good("wat gevraagd is, en hoe wordt geteld, heeft de code die op uw brief staat.")
    else:
        say("let op: u gaf geen code van een brief. Vergelijk deze zelf met de code op uw brief:")
        say("        {}", grouped(hash))
    return definition


def grouped(text):
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


# == The records =======================================================================================
#
# What life demanded after the definition was frozen, in order. Each holds the hash of the one before it.

RECORD_KEYS = {"number", "previous", "kind", "facts", "reason", "people", "at"}
FACTS = {  # of each kind
    "void": {"letters"},
    "replace": {"letters"},
    "add": {"letters"},
    "lengthen": {"closes", "closes_text"},
    "withdraw": set(),
    "restart": set(),
    "contest": {"letters"},
    "restored": {"missing"},
}


class Standing:
    """The letters that count and the end of the vote: those of the definition, with records applied."""

    def __init__(self, definition):
        self.hashes = [definition.hash]  # of the definition, and then of every record
        self.listed, self.void, self.contested = set(definition.letters), set(), set()
        self.sent = len(self.listed)  # letters, one for each address: a replacement is not one more
        self.closes, self.latest = definition.closes, definition.latest
        self.lengthened = self.withdrawn = False
        self.lost = 0  # used letters that a backup did not have

    def apply(self, record):
        """Apply the next record; Wrong when it may not be made."""
        number, kind, facts = len(self.hashes), record["kind"], record["facts"]
        whole = set(record) == RECORD_KEYS and kind in FACTS and set(facts) == FACTS[kind]
        need(whole, "aantekening {} heeft iets wat dit programma niet kent.", number)
        given = type(record["number"]), record["number"], record["previous"]
        follows = given == (int, number, self.hashes[-1])
        need(follows, "aantekening {} volgt niet op wat ervoor staat.", number)
        need(not self.withdrawn, "aantekening {} is van nadat de stemming was ingetrokken.", number)
        need(record["reason"].strip(), "aantekening {} heeft geen reden.", number)
        one_alone = kind in ("void", "contest") or (kind == "replace" and len(facts["letters"]) == 1)
        enough = one_of(record["people"], 1, 2) == 2 or one_alone
        need(enough, "aantekening {} is door te weinig mensen besloten.", number)
        in_time = moment(record["at"]) < self.closes or kind in ("contest", "restored")
        need(in_time, "aantekening {} is van nadat de stemming was gesloten.", number)
        self._change(number, kind, facts)
        self.hashes.append(sha256(canonical(record)).hexdigest())

    def _change(self, number, kind, facts):
        if kind == "void":
            self._take_away(number, in_order(facts["letters"]))
        elif kind == "replace":
            pairs = in_order(facts["letters"])
            self._take_away(number, [old for old, _ in pairs])
            self._put_in(number, [new for _, new in pairs])
        elif kind == "add":
            self._put_in(number, in_order(facts["letters"]))
            self.sent += len(facts["letters"])
        elif kind == "contest":
            letters = set(in_order(facts["letters"]))
            valid = letters <= self.listed and letters.isdisjoint(self.void)
            need(valid, "aantekening {} betwist een brief die niet geldig was.", number)
            self.contested |= letters
        elif kind == "lengthen":
            closes, text = moment(facts["closes"]), facts["closes_text"]
            need(not self.lengthened, "aantekening {} verlengt de stemming nog een keer.", number)
            right = self.closes < closes <= self.latest and text.strip()
            need(right, "aantekening {} verlengt de stemming niet zoals vooraf is vastgelegd.", number)
            self.closes, self.lengthened = closes, True
        elif kind == "restored":
            missing = facts["missing"]
            need(type(missing) is int and missing >= 0, "aantekening {} telt niet goed.", number)
            self.lost += missing
        else:
            self.withdrawn = True

    def _take_away(self, number, letters):
        """Make letters void: they are listed, and not void or used."""
        need_32(letters, f"in aantekening {number} staat een brief die geen brief is.")
        gone = set(letters)
        open_still = gone <= self.listed and gone.isdisjoint(self.void) and gone.isdisjoint(self.contested)
        right = open_still and len(gone) == len(letters)
        need(right, "aantekening {} maakt een brief ongeldig die niet geldig was.", number)
        self.void |= gone

    def _put_in(self, number, letters):
        """List letters, which are new."""
        need_32(letters, f"in aantekening {number} staat een brief die geen brief is.")
        new = set(letters)
        right = new.isdisjoint(self.listed) and len(new) == len(letters)
        need(right, "aantekening {} voegt een brief toe die er al was.", number)
        self.listed |= new


def in_order(letters):
    """Return a list that is not empty, in order."""
    if not isinstance(letters, list) or not letters or letters != sorted(letters):
        raise ValueError("not a list in order")
    return letters


def read_records(files, definition):
    """Check every record and apply them; return how things stand then."""
    standing = Standing(definition)
    for number, given in enumerate(list_from_json(files, "records.json"), 1):
        with inside(f"aantekening {number} van records.json"):
            whole = set(given) == {"record", "signature"} and re.fullmatch(
                "[0-9a-f]{128}", given["signature"]
            )
            need(whole, "aantekening {} heeft geen handtekening.", number)
            signature = bytes.fromhex(given["signature"])
            signed = verify(definition.board_key, canonical(given["record"]), signature)
            need(signed, "de handtekening onder aantekening {} klopt niet.", number)
            standing.apply(given["record"])
    number = len(standing.hashes) - 1
    if number:
        good("alle aantekeningen van daarna ({}) zijn ondertekend, volgen op elkaar en mochten.", number)
    else:
        good("na het vaststellen is er niets aan de brieven of de dagen veranderd.")
    if standing.lost:
        say(
            "let op: er is een reservekopie teruggezet. Gebruikte brieven die daarin misten: {}.",
            standing.lost,
        )
    return standing


# == The board =========================================================================================
#
# While people vote, commitments to their answers come on the board. A checkpoint is what was there at
# some moment: how many, and the root of a tree over them (RFC 6962), which only these can have.


class Tree:
    """The tree over the leaves: level by level the hashes of single leaves, of twos, of fours, and so on.

    What is hashed for a leaf starts with a byte 0; for two together it starts with a byte 1.
    """

    def __init__(self, leaves):
        self.levels, level = [leaves], leaves
        while len(level) > 1:
            level = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2])]
            self.levels.append(level)

    def root(self, size):
        """Return the root over the first `size` leaves: the whole subtrees that they fill, the smallest first."""
        root = sha256(b"").digest()
        smaller = False
        for height, level in enumerate(self.levels):
            if size >> height & 1:
                subtree = level[(size >> height) - 1]
                root = sha256(b"\1" + subtree + root).digest() if smaller else subtree
                smaller = True
        return root


NOTE = re.compile(
    "(?P<text>(?P<name>wijkstem/[0-9a-f]{32})\n"
    "(?P<size>0|[1-9][0-9]{0,17})\n"
    "(?P<root>[A-Za-z0-9+/]{43}=)\n"
    "records (?P<records>0|[1-9][0-9]{0,17}) (?P<hash>[0-9a-f]{64})\n)"
    "\n"
    "— (?P=name) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)


class Checkpoint:
    """A signed note of how many commitments and records there were, and which."""

    def __init__(self, text, definition, called):
        found = NOTE.fullmatch(text)
        need(found, "{} is geen controlepunt van een stemming.", called)
        name = "wijkstem/" + definition.poll.hex()
        need(found["name"] == name, "{} is van een andere stemming.", called)
        key_id = sha256(name.encode() + b"\n\1" + definition.board_key).digest()[:4]
        signature = base64.b64decode(found["signature"])
        right = signature[:4] == key_id and base64.b64encode(signature).decode() == found["signature"]
        signed = right and verify(definition.board_key, found["text"].encode(), signature[4:])
        need(signed, "de handtekening onder {} klopt niet.", called)
        self.called, self.size, self.root = called, int(found["size"]), found["root"]
        self.records, self.hash = int(found["records"]), found["hash"]

    def check(self, tree, standing):
        """What was there then, is there still: it is what the commitments and records begin with."""
        there = len(tree.levels[0])
        need(
            self.size <= there,
            "{} telt {} antwoorden op het bord, en nu zijn het er {}.",
            self.called,
            self.size,
            there,
        )
        same = base64.b64encode(tree.root(self.size)).decode() == self.root
        need(same, "{} past niet bij commitments.csv: daar staan andere antwoorden.", self.called)
        same = standing.hashes[self.records : self.records + 1] == [self.hash]
        need(same, "{} past niet bij records.json: daar staan andere aantekeningen.", self.called)


def read_board(files, definition, standing, kept):
    """Check the board against every checkpoint, and the one that somebody kept.

    Return the commitments to answers to each question (by its number as text), in hexadecimal and in order.
    """
    board, leaves = {str(question.number): [] for question in definition.questions}, []
    starts = {str(question.number): bytes([0, question.number]) for question in definition.questions}
    for _, (numbers, commitments) in blocks(files, "commitments.csv", "question;commitment", in_order=False):
        need(set(numbers) <= set(starts), "in commitments.csv staat een vraag die er niet is.")
        data = bytes_32(commitments, "in commitments.csv staat iets wat geen 32 bytes is.")
        leaves += [sha256(start + each).digest() for start, each in zip(map(starts.get, numbers), data)]
        for number in set(numbers):
            board[number] += [each for each, of in zip(commitments, numbers) if of == number]
    for each in board.values():
        each.sort()
        need(not any(map(eq, each, each[1:])), "in commitments.csv staat een antwoord twee keer.")
    tree = Tree(leaves)
    size = records = 0
    with inside("checkpoints.json"):
        notes = texts(from_json(files, "checkpoints.json"))
    for number, text in enumerate(notes, 1):
        checkpoint = Checkpoint(text, definition, f"controlepunt {number} van checkpoints.json")
        checkpoint.check(tree, standing)
        grown = checkpoint.size >= size and checkpoint.records >= records
        need(grown, "{} telt minder dan het vorige.", checkpoint.called)
        size, records = checkpoint.size, checkpoint.records
    complete = size == len(leaves) and records == len(standing.hashes) - 1
    need(complete, "het laatste controlepunt telt niet alles wat op het bord staat.")
    good("{} antwoorden op het bord passen bij alle {} ondertekende controlepunten.", size, len(notes))
    if kept:
        checkpoint = read_kept(kept, definition)
        checkpoint.check(tree, standing)
        good("alle {} antwoorden die er bij uw controlepunt waren, staan er nog.", checkpoint.size)
    return board


def read_kept(path, definition):
    """Return the checkpoint in a file that somebody kept; a computer may have changed its line ends."""
    try:
        with open(path, "rb") as file:
            text = file.read(MOST_NOTE).decode()
    except (OSError, ValueError):
        raise Wrong(f"het controlepunt {shown(path)} is niet te lezen.") from None
    return Checkpoint("\n".join(text.strip().splitlines()) + "\n", definition, path)


# == The ballots =======================================================================================

ALPHABET = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = bytes.maketrans(
    ALPHABET, b"0123456789abcdefghijklmnopqrstuv"
)  # as Python writes numbers to the base 32


def packed(*parts):
    """Return what H(part, part, ...) of the protocol is the SHA-256 of: each part's length, and the part."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def are_codes(codes, commitments):
    """Say whether each code is that of its commitment (in hexadecimal): its first 80 bits, as voters have it.

    Those are 16 signs of 5 bits, in groups of four, and also 20 hexadecimal signs of 4 bits. So all the
    codes in a row, and the beginnings of all the commitments in a row, are one and the same long number.
    """
    row, groups = " ".join([*codes, ""]), 4 * len(codes)
    signs = row.replace(" ", "").encode()
    in_groups = set(map(len, codes)) <= {19} and row[4::5] == " " * groups and len(signs) == 4 * groups
    if not in_groups or signs.translate(None, ALPHABET):
        return False
    beginnings = struct.unpack("20s44x" * len(codes), "".join(commitments).encode())
    return int(b"0" + signs.translate(DIGITS), 32) == int(b"0" + b"".join(beginnings), 16)


def check_letters(files, standing):
    """Return how many letters were used, and by which channel; the numbers are those of the list."""
    letters = from_json(files, "letters.json")
    with inside("letters.json"):
        keys = {"issued", "used", "open", "void", "web", "paper"}
        whole = set(letters) == keys and all(
            type(number) is int and number >= 0 for number in letters.values()
        )
        need(whole, "in letters.json staat iets wat daar niet hoort.")
        issued, used, web, paper = (letters[key] for key in ("issued", "used", "web", "paper"))
        listed, void = len(standing.listed), len(standing.void)
        need(issued == listed, "letters.json telt {} brieven, en dat moeten er {} zijn.", issued, listed)
        need(used == web + paper, "letters.json telt niet op: gebruikt is niet internet en papier samen.")
        added = used + letters["open"] + letters["void"]
        need(issued == added, "letters.json telt niet op: {} brieven, maar samen {}.", issued, added)
        if standing.withdrawn:  # every letter that was not used is void
            right = letters["open"] == 0 and letters["void"] >= void
        else:
            right = letters["void"] == void
        need(right, "letters.json telt niet zoveel ongeldige brieven als er zijn.")
    good("{} brieven, waarvan {} gebruikt: {} via internet en {} op papier.", issued, used, web, paper)
    if letters["void"]:
        say("        Ongeldige brieven: {}.", letters["void"])
    return letters


def check_redemptions(files, definition, standing, letters):
    """Every used letter was on the list and is not void, none counts twice, and the numbers agree."""
    start = packed(b"brief", definition.poll) + b"\0\0\0\x20"
    unused, channels = standing.listed - standing.void, Counter()
    for line, (secrets, names) in blocks(files, "redemptions.csv", "p;channel"):
        secrets = bytes_32(secrets, "in redemptions.csv staat een p die geen 32 bytes is.")
        used, left = [sha256(start + secret).hexdigest() for secret in secrets], len(unused)
        unused.difference_update(used)
        if len(unused) != left - len(used):
            wrong = [h for h in used if h not in standing.listed or h in standing.void]
            need(wrong, "in redemptions.csv staat een brief twee keer.")
            why = "was ongeldig" if wrong[0] in standing.void else "stond niet op de lijst"
            raise Wrong(f"redemptions.csv, regel {line + used.index(wrong[0])}: deze brief {why}.")
        channels.update(names)
    stated = Counter({name: letters[name] for name in ("web", "paper") if letters[name]})
    need(channels == stated, "redemptions.csv heeft niet zoveel gebruikte brieven als letters.json.")
    number = sum(channels.values())
    good("alle {} gebruikte brieven staan op de lijst, geen is ongeldig en geen telt twee keer.", number)
    need(not standing.contested & unused, "in records.json staat een betwiste brief die niet is gebruikt.")


def read_openings(files, definition, board):
    """Check every answer against its commitment, the board and its limits; return each question's markings.

    The commitment is H("stem", poll, question, r_q, padded marking). What is hashed before r_q is the
    same for every answer to a question, and what is hashed `after` it for every equal marking.
    """
    boxes = {str(question.number): Counter() for question in definition.questions}
    after = {number: {} for number in boxes}
    opened, every = {number: [] for number in boxes}, []
    header = "question;control;commitment;r_q;marking"
    for line, (numbers, codes, commitments, secrets, markings) in blocks(files, "openings.csv", header):
        secrets = bytes_32(secrets, "in openings.csv staat een r_q die geen 32 bytes is.")
        hashes = []
        for number, many in Counter(numbers).items():  # lines are sorted, so those of a question are together
            need(number in boxes, "in openings.csv staat een vraag die er niet is.")
            question, start = definition.questions[int(number) - 1], len(hashes)
            given = markings[start : start + many]
            box = Counter(given)
            for marking in sorted(set(box).difference(boxes[number])):
                problem = question.problem(marking)
                if problem:
                    line += start + given.index(marking)
                    raise Wrong(f"openings.csv, regel {line}: dit antwoord mag niet: {problem}.")
                after[number][marking] = packed(marking.ljust(question.length()).encode())
            boxes[number].update(box)
            before = packed(b"stem", definition.poll, number.encode()) + b"\0\0\0\x20"
            mine, ends = secrets[start : start + many], map(after[number].get, given)
            hashes += [sha256(before + secret + end).hexdigest() for secret, end in zip(mine, ends)]
            opened[number] += hashes[start:]
        if hashes != commitments:
            need_32(commitments, "in openings.csv staat een commitment dat geen 32 bytes is.")
            line += first(hash != commitment for hash, commitment in zip(hashes, commitments))
            raise Wrong(f"openings.csv, regel {line}: het antwoord past niet bij zijn controlecode.")
        if not are_codes(codes, commitments):
            line += first(not are_codes([code], [made]) for code, made in zip(codes, commitments))
            raise Wrong(f"openings.csv, regel {line}: de controlecode is een andere.")
        every += codes
    every.sort()
    need(not any(map(eq, every, every[1:])), "in openings.csv staat een controlecode twee keer.")
    # lines in order of their codes are in ascending order of their commitments too
    need(opened == board, "de antwoorden in openings.csv zijn niet die van het bord.")
    good("alle {} antwoorden passen bij hun controlecode, en elke code is anders.", len(every))
    good("alle antwoorden mogen volgens het stembiljet, en het zijn die van het bord.")
    return list(boxes.values())


def read_paper(files, definition):
    """Return for each question how often each marking stands on paper, and how many papers are unusable."""
    boxes = {str(question.number): Counter() for question in definition.questions}
    if "paper.csv" in files:
        need(files["paper.csv"].count(b"\n") > 1, "paper.csv is leeg.")
        for line, rows in blocks(files, "paper.csv", "question;marking;number"):
            for at, (number, marking, papers) in enumerate(zip(*rows), line):
                whole = number in boxes and re.fullmatch(r"[1-9][0-9]{0,8}", papers)
                need(whole, "paper.csv, regel {}, is geen telling van een antwoord.", at)
                problem = ""
                if marking != UNUSABLE:
                    problem = definition.questions[int(number) - 1].problem(marking)
                need(not problem, "paper.csv, regel {}: dit antwoord mag niet: {}.", at, problem)
                need(
                    marking not in boxes[number],
                    "paper.csv, regel {}: dit antwoord staat er twee keer.",
                    line,
                )
                boxes[number][marking] = int(papers)
        good("alle antwoorden op papier mogen volgens het stembiljet.")
    return [(box, box.pop(UNUSABLE, 0)) for box in boxes.values()]


def read_ballots(files, definition, letters, board):
    """Return for each question its boxes: by channel, how often each marking was given.

    Where paper or the others were fewer than the floor, the papers stand among the answers, so that
    nobody can see apart what those few chose.
    """
    web, paper = letters["web"], letters["paper"]
    answers, papers = read_openings(files, definition, board), read_paper(files, definition)
    need("paper.csv" not in files or paper, "er is een paper.csv, maar niemand stemde op papier.")
    apart = min(web, paper) >= definition.floor
    boxes = []
    for number, (box, (on_paper, unusable)) in enumerate(zip(answers, papers), 1):
        found, expected = sum(box.values()), web if apart else web + paper - unusable
        need(found == expected, "vraag {}: {} antwoorden, en dat moeten er {} zijn.", number, found, expected)
        found, expected = sum(on_paper.values()), paper - unusable if apart else 0
        need(found == expected, "vraag {}: {} op papier, en dat moeten er {} zijn.", number, found, expected)
        boxes.append({"web": box, "paper": on_paper} if on_paper else {"web": box})
    good("bij elke vraag zijn er evenveel antwoorden als gebruikte brieven.")
    for number, (_, unusable) in enumerate(papers, 1):
        if unusable:
            say(
                "        vraag {}: papieren die ontbreken of ongeldig zijn en dus niet tellen: {}.",
                number,
                unusable,
            )
    return boxes


def read_lots(files, definition, standing):
    """Return for each question the lots that were drawn, in order."""
    lots = [[] for _ in definition.questions]
    if "lots.json" not in files:
        return lots
    drawn = list_from_json(files, "lots.json")
    with inside("lots.json"):
        need(drawn != [], "lots.json is leeg.")
        for lot in drawn:
            need(
                set(lot) == {"question", "drawn", "witnesses", "at"},
                "een loting in lots.json is niet volledig.",
            )
            witnesses = {name.strip() for name in texts(lot["witnesses"])} - {""}
            need(len(witnesses) >= 2, "bij een loting in lots.json waren geen twee getuigen.")
            need(moment(lot["at"]) >= standing.closes, "een loting in lots.json was voor het sluiten.")
            one_of(lot["question"], *range(1, len(lots) + 1))
            lots[lot["question"] - 1].append(texts(lot["drawn"]))
        questions = [lot["question"] for lot in drawn]
        need(questions == sorted(questions), "de lotingen in lots.json staan niet op volgorde.")
    return lots


# == The rules that count ==============================================================================
#
# Each rule returns a `dict` of what it answers, as it stands in outcome.json. The service draws no lots
# by itself: where options are equal it says only what is certain whatever a lot would give. So here
# every way a lot could go is followed, and what comes out of all of them is certain.

MOST_WAYS = 100_000  # that are followed before this program says that it does not
MOST_WORLDS = 2_000
MOST_KINDS = 300
MOST_ORDERS = 500
MOST_SETS = 5_000
MOST_ROUNDS = 100_000


class TooMany(Exception):
    """More ways for lots to go than this program follows; `winners` are certain all the same."""

    def __init__(self, winners=()):
        super().__init__()
        self.winners = list(winners)


def marks(marking):
    """Return the marks of a marking; none for blanco."""
    return [] if marking == BLANK else marking.split(",")


def tally(question, box):
    """Return how many ballots a box holds, the votes and the scores of every option.

    A score is the number of votes; on a points paper the points; and on a ranking of m places m for
    the first, m - 1 for the second, and so on.
    """
    votes, score = dict.fromkeys([*question.ids, BLANK], 0), dict.fromkeys(question.ids, 0)
    for marking, number in box.items():
        if marking == BLANK:
            votes[BLANK] += number
        for place, mark in enumerate(marks(marking)):
            id, _, points = mark.partition(":")
            votes[id] += number
            if question.kind == "points":
                score[id] += int(points) * number
            elif question.kind == "ranking":
                score[id] += (question.most - place) * number
            else:
                score[id] += number
    return sum(box.values()), votes, score


def tie_key(question, votes, tie_order, lots=()):
    """Return what parts equals, as a function of an option: the lower the better.

    First the tie order that was frozen; then the lots that were drawn, in which an option that was not
    in a lot stands before those that were.
    """
    keys = {
        "lower-cost": lambda id: question.by_id[id].cost,
        "more-votes": lambda id: -votes[id],
        "paper-order": lambda id: question.place[id],
    }

    def key(id):
        drawn = tuple(lot.index(id) + 1 if id in lot else 0 for lot in lots)
        return tuple(keys[name](id) for name in tie_order) + drawn

    return key


def luckiest(equals, key, lots, last=False):
    """Return who of equals may come first (or last): by the key, and then by the lots.

    Of those who were together in a lot only the first drawn (or last drawn) remains.
    """
    best = (max if last else min)(map(key, equals))
    left = [id for id in equals if key(id) == best]
    for lot in lots:
        together = [id for id in lot if id in left]
        chosen = together[-1:] if last else together[:1]
        left = [id for id in left if id in chosen or id not in together]
    return left


def count(question, rule, boxes, letters, lots):
    """Return the outcome of a question, as it should stand in outcome.json but for its steps."""
    tallies = {channel: tally(question, box) for channel, box in boxes.items()}
    channels = {channel: votes for channel, (_, votes, _) in tallies.items()} if len(boxes) > 1 else {}
    if rule["name"] in ("equal-shares", "ranked"):
        together = sum((Counter(box) for box in boxes.values()), Counter())
        by_ballots = equal_shares if rule["name"] == "equal-shares" else ranked
        _, votes, _ = tally(question, together)
        answer = by_ballots(question, rule, together, votes, lots)
    else:
        answer, votes = by_scores(question, rule, tallies, letters, lots)
    nothing = {"winners": [], "part_funded": [], "left": None, "ties": [], "passed": None, "quorum_met": None}
    return {**nothing, "votes": votes, "channels": channels, **answer}


def by_scores(question, rule, tallies, letters, lots):
    """Return the answer of a rule that looks at scores only, and the votes."""
    size = sum(size for size, _, _ in tallies.values())
    votes = {id: sum(votes[id] for _, votes, _ in tallies.values()) for id in [*question.ids, BLANK]}
    score = {id: sum(score[id] for _, _, score in tallies.values()) for id in question.ids}
    if rule["name"] == "weighed":
        score, rule = weighed(question, rule["channels"], tallies), rule["rule"]
    if rule["name"] == "majority":
        answer = majority(rule, votes, letters)
    elif rule["name"] == "plurality":
        answer = plurality(question, rule, votes, score, size, letters, lots)
    else:
        answer = greedy(question, rule, votes, score, lots)
    return {"score": {id: number(value) for id, value in score.items()}, **answer}, votes


def number(value):
    """Return a score as outcome.json has it: a whole number, or text."""
    return int(value) if Fraction(value).denominator == 1 else decimal(value)


def decimal(value):
    """Return an exact number as text: 4500, 0.5, or 1/3 where no decimal number is exact."""
    whole, places = Fraction(value), 0
    while whole.denominator % 2 == 0 or whole.denominator % 5 == 0:
        whole, places = whole * 10, places + 1
    if whole.denominator != 1:
        return str(Fraction(value))
    if not places:
        return str(whole)
    digits = str(abs(whole)).rjust(places + 1, "0")
    return ("-" if whole < 0 else "") + digits[:-places] + "." + digits[-places:]


# -- yes or no -----------------------------------------------------------------------------------------


def majority(rule, votes, letters):
    """Whether there are enough votes in favour; none in favour is never enough."""
    yes, no, blank = votes["voor"], votes["tegen"], votes[BLANK]
    base = letters if rule["base"] == "letters" else yes + no + (blank if rule["blank_in_majority"] else 0)
    enough = {"simple": yes > no, "absolute": 2 * yes > base, "two-thirds": 3 * yes >= 2 * base}
    turnout = yes + no + (blank if rule["blank_in_turnout"] else 0)
    met = quorum_met(rule, letters, turnout, yes)
    passed = yes > 0 and enough[rule["majority"]] and not barred(rule, met)
    return {"passed": passed, "quorum_met": met, "winners": ["voor"] if passed else []}


def quorum_met(rule, letters, turnout, in_favour):
    """Whether as many as the quorum asks for took part, or were in favour; None without a quorum."""
    if rule["quorum"] == "none":
        return None
    return (turnout if rule["quorum"] == "turnout" else in_favour) >= exact(rule["quorum_share"]) * letters


def barred(rule, met):
    return met is False and rule["missed_quorum"] == "bars"


# -- the most votes ------------------------------------------------------------------------------------


def plurality(question, rule, votes, score, size, letters, lots):
    """The highest score wins, if it is more than nothing; equals that nothing parts are a tie."""
    key = tie_key(question, votes, rule["tie_order"], lots)
    top = max(score.values(), default=0)
    first = [id for id in question.ids if score[id] == top and top > 0]
    first = [id for id in first if key(id) == min(map(key, first))]
    turnout = size - (0 if rule["blank_in_turnout"] else votes[BLANK])
    met = quorum_met(rule, letters, turnout, max((votes[id] for id in first), default=0))
    if barred(rule, met):
        first = []
    return {
        "winners": first if len(first) == 1 else [],
        "ties": [first] if len(first) > 1 else [],
        "quorum_met": met,
    }


# -- channels that weigh -------------------------------------------------------------------------------


def weighed(question, channels, tallies):
    """Return scores in which each channel has its weight: the part an option has of it, times the weight.

    A channel with nothing in it leaves its weight to the others, in proportion.
    """
    sizes = {}
    for channel, (size, _, score) in tallies.items():
        sizes[channel] = sum(score.values()) if channels["part"] == "votes" else size
    used = {channel: exact(channels["weights"][channel]) for channel, size in sizes.items() if size}
    parts = {channel: weight / sum(used.values()) / sizes[channel] for channel, weight in used.items()}
    return {id: sum(part * tallies[channel][2][id] for channel, part in parts.items()) for id in question.ids}


# -- a budget, the highest score first -----------------------------------------------------------------


def greedy(question, rule, votes, score, lots):
    """Divide a budget: from the highest score to the lowest, whatever fits in it and in the caps."""
    division = Greedy(question, rule, votes, score, lots)
    division.divide()
    return division.answer()


class Greedy:
    """A budget that is being divided.

    Options of the same rank, cost and purses are of one *kind*: which of them wins makes no difference
    to others. A *world* is one way things can have gone: how many of each kind have won.
    """

    def __init__(self, question, rule, votes, score, lots):
        self.question, self.rule = question, rule
        key = tie_key(question, votes, rule["tie_order"], lots)
        kinds = {}
        for option in question.options:
            if score[option.id] >= exact(rule["threshold"]):
                rank = (-score[option.id], *key(option.id))
                theme = option.theme if option.theme in rule["theme_caps"] else None
                place = option.place if option.place in rule["place_caps"] else None
                kinds.setdefault((rank, option.cost, theme, place), []).append(option.id)
        self.members = list(kinds.values())
        self.costs = [cost for _, cost, _, _ in kinds]
        purses = [("budget", ""), *(("theme", name) for name in rule["theme_caps"])]
        purses += [("place", name) for name in rule["place_caps"]]
        caps = [rule["budget"], *rule["theme_caps"].values(), *rule["place_caps"].values()]
        self.caps = list(map(exact, caps))
        self.pays = []  # for each kind the purses that pay, by number; 0 is the budget
        for _, _, theme, place in kinds:
            mine = (("budget", ""), ("theme", theme), ("place", place))
            self.pays.append([n for n, purse in enumerate(purses) if purse in mine])
        ranks = [rank for rank, _, _, _ in kinds]
        self.groups = [[k for k, mine in enumerate(ranks) if mine == rank] for rank in sorted(set(ranks))]
        self.worlds = {(0,) * len(kinds)}
        self.ways = 0
        self.winners = []
        self.rounds = []  # the group, and those in it that a lot decided about
        self.parts = []  # in each world: who may be next in line for what is left, and how much that is

    def left(self, world, purse):
        spent = sum(world[k] * self.costs[k] for k in range(len(world)) if world[k] and purse in self.pays[k])
        return self.caps[purse] - spent

    def fits(self, world, k, lifted):
        purses = [0] if lifted else self.pays[k]
        return all(self.costs[k] <= self.left(world, purse) for purse in purses)

    def open(self, world, group):
        """Return the kinds of a group of which not all have won."""
        return [k for k in group if world[k] < len(self.members[k])]

    def whole(self, world, group):
        """Return the world in which all of a group have won."""
        return tuple(len(self.members[k]) if k in group else won for k, won in enumerate(world))

    def divide(self):
        lifts = [False, True] if self.rule["leftover"] == "more" else [False]
        for lifted in lifts:
            for group in self.groups:
                before, stop = self.worlds, False
                ends = {world: self.ends(world, group, lifted) for world in before}
                self.worlds = set().union(*ends.values())
                if len(self.worlds) > MOST_WORLDS:
                    raise TooMany(self.winners)
                drawn = {k for world, after in ends.items() for k in group if self.differs(k, world, after)}
                if not self.rule["skip"]:
                    (world,) = before
                    stop = self.worlds != {self.whole(world, group)}
                if stop:  # who does not fit may be drawn before everybody else, so all are in the lot
                    drawn = set(group) if any(self.fits(world, k, False) for k in group) else set()
                self.rounds.append((group, drawn))
                self.announce(group)
                if stop:
                    self.next_after_stop(group)
                    return
        self.parts = [self.next_in_line(world) for world in self.worlds]

    def ends(self, world, group, lifted):
        """Return the worlds in which a group can end, when it is taken in every order.

        Skipping, that is where nothing of the group fits any more. Not skipping, it is as soon as
        something does not fit, for that may be drawn next.
        """
        full = self.whole(world, group)
        if all(self.left(full, purse) >= 0 for purse in ([0] if lifted else range(len(self.caps)))):
            return {full}  # all fit together, in any order
        if len(group) > MOST_KINDS:
            raise TooMany(self.winners)
        ends, seen, todo = set(), {world}, [world]
        while todo:
            at = todo.pop()
            self.ways += len(self.members)
            if self.ways > MOST_WAYS:
                raise TooMany(self.winners)
            waiting = self.open(at, group)
            fitting = [k for k in waiting if self.fits(at, k, lifted)]
            if not fitting or (not self.rule["skip"] and fitting != waiting):
                ends.add(at)
            for k in fitting:
                further = (*at[:k], at[k] + 1, *at[k + 1 :])
                if further not in seen:
                    seen.add(further)
                    todo.append(further)
        return ends

    def differs(self, k, before, after):
        """Say whether a lot decides about options of a kind, when a group is taken in one world."""
        gained = {world[k] - before[k] for world in after}
        return len(gained) > 1 or bool(gained - {0, len(self.members[k]) - before[k]})

    def sure(self, k):
        return all(world[k] == len(self.members[k]) for world in self.worlds)

    def ids(self, kinds):
        """Return the options of these kinds, in the order of the paper."""
        return sorted((id for k in kinds for id in self.members[k]), key=self.question.place.get)

    def announce(self, group):
        """Add who now wins for certain."""
        self.winners += [id for id in self.ids(filter(self.sure, group)) if id not in self.winners]

    def next_in_line(self, world):
        """Return who may be the first that did not win, and the money that is left for it."""
        left = self.left(world, 0)
        lost = [self.open(world, group) for group in self.groups if self.open(world, group)]
        return (set(lost[0]) if lost and left > 0 else set()), left

    def next_after_stop(self, group):
        """The same, where the division stopped in this group: it is who did not fit when it was drawn."""
        stops = []
        for world in self.worlds:
            waiting = {k for k in self.open(world, group) if not self.fits(world, k, False)}
            left = self.left(world, 0)
            stops.append((waiting if left > 0 else set(), left))
        together = set().union(*(waiting for waiting, _ in stops))
        self.parts = [(together if waiting else set(), left) for waiting, left in stops]

    def answer(self):
        parts = self.parts if self.rule["leftover"] == "part" else []
        next_in_line = self.ids(set().union(*(kinds for kinds, _ in parts)))
        part_funded = []
        if len(next_in_line) == 1 and all(kinds for kinds, _ in parts):
            (id,) = next_in_line
            amounts = {min(left, self.question.by_id[id].cost) for _, left in parts}
            part_funded = [(id, amount) for amount in amounts] if len(amounts) == 1 else []
        left = self.caps[0] - sum(self.question.by_id[id].cost for id in self.winners)
        left -= sum(amount for _, amount in part_funded)
        return {
            "winners": self.winners,
            "part_funded": [[id, decimal(amount)] for id, amount in part_funded],
            "left": decimal(left),
            "ties": self.ties(parts, [] if part_funded else next_in_line),
        }

    def ties(self, parts, next_in_line):
        """Return the options of each group about which a lot among them decides, in the order of the count."""
        drawn = set().union(*(drawn for _, drawn in self.rounds))
        for kinds, _ in parts:
            if len(self.ids(kinds)) > 1:
                drawn |= kinds
        tied = self.by_group(k for k in drawn if not self.sure(k))
        hangs = any(
            not self.sure(k) and any(world[k] for world in self.worlds) for k in range(len(self.members))
        )
        if not tied and hangs:
            # all who are in the lot win in the end, or all but one; but what it gives decides about others
            tied = self.by_group(next(drawn for _, drawn in self.rounds if drawn))
        found = []
        for _, drawn in self.rounds:
            for ids in tied:
                if ids not in found and set(self.ids(drawn)) & set(ids):
                    found.append(ids)
        for id in next_in_line:
            found += [ids for ids in tied if id in ids and ids not in found]
        return found

    def by_group(self, kinds):
        kinds = set(kinds)
        groups = [self.ids(kinds.intersection(group)) for group in self.groups]
        return [ids for ids in groups if len(ids) > 1]


# -- a budget, equal shares ----------------------------------------------------------------------------


def equal_shares(question, rule, box, votes, lots):
    """Divide a budget by the Method of Equal Shares; `add1` raises the shares, `add1u` adds what still fits."""
    shares = Shares(question, rule, box, votes, lots)
    answer = {"score": {id: votes[id] for id in question.ids}}
    results, told, drawn = shares.last_round()
    sure, may = frozenset.intersection(*results), frozenset.union(*results)
    bought = [*shares.free, *told.bought]
    winners = [id for id in bought if id in sure]
    winners += [id for id in question.ids if id in sure and id not in bought]
    ties = []
    if may - sure:
        tied = [id for id in drawn.tied if id not in sure]
        ties = [tied if len(tied) > 1 else drawn.tied]
    if rule["completion"] == "add1u":
        try:
            added = [add_more(question, rule, votes, lots, result) for result in sorted(results, key=sorted)]
        except TooMany:
            raise TooMany(winners) from None
        if len(added) == 1:
            winners, ties = winners + added[0]["winners"], ties + added[0]["ties"]
        else:
            ends = [result.union(more["winners"]) for result, more in zip(sorted(results, key=sorted), added)]
            winners += [id for id in question.ids if id not in winners and all(id in end for end in ends)]
    left = exact(rule["budget"]) - sum(question.by_id[id].cost for id in winners)
    return {**answer, "winners": winners, "ties": ties, "left": decimal(left)}


def add_more(question, rule, votes, lots, result):
    """Add, most votes first, whatever still fits in what a result of the shares leaves."""
    left = exact(rule["budget"]) - sum(question.by_id[id].cost for id in result)
    rest = Rest(question, result)
    lots = [[id for id in lot if id not in result] for lot in lots]
    plain = {"theme_caps": {}, "place_caps": {}, "leftover": "none", "skip": True, "threshold": 0}
    plain.update(budget=left, tie_order=rule["tie_order"])
    return greedy(rest, plain, votes, votes, [lot for lot in lots if len(lot) > 1])


class Rest:
    """What is left of a question when some options have won."""

    def __init__(self, question, gone):
        self.options = [option for option in question.options if option.id not in gone]
        self.by_id, self.place = question.by_id, question.place


class Round:
    """What shares of one size buy.

    `results` are all sets of options that could be bought. `bought` are told in order, up to `tied`:
    the first equals between which it matters who goes first.
    """

    def __init__(self, results, bought, tied):
        self.results, self.bought, self.tied = results, bought, tied


class Shares:
    """A budget that is divided in equal shares, one for each voter."""

    def __init__(self, question, rule, box, votes, lots):
        self.ids, self.by_id, self.rule, self.lots = question.ids, question.by_id, rule, lots
        self.key = tie_key(question, votes, rule["tie_order"])
        self.budget, self.step = exact(rule["budget"]), exact(rule["step"])
        self.voters = sum(box.values())
        self.groups = [
            (set(marks(marking)), number) for marking, number in box.items()
        ]  # alike in all they do
        wanted = [id for id in self.ids if votes[id]]
        self.supporters = {id: [g for g, (ids, _) in enumerate(self.groups) if id in ids] for id in wanted}
        self.free = [id for id in wanted if not self.by_id[id].cost]
        self.wanted = [id for id in wanted if self.by_id[id].cost]
        self.worth = {id: self.by_id[id].cost if rule["utility"] == "cost" else 1 for id in wanted}

    def cost(self, ids):
        return sum(self.by_id[id].cost for id in ids)

    def last_round(self):
        """Raise the shares a step at a time as long as the budget can bear it.

        Returns all that could win, the first round that may be the last one, and the round whose lot
        decides. Where lots lead to different results, some may end the raising and others go on.
        """
        share = self.budget / max(self.voters, 1)
        at = self.round(share)
        if self.rule["completion"] == "none":
            return at.results, at, at
        found, going, first = set(), set(at.results), None
        for _ in range(MOST_ROUNDS):
            ended = {result for result in going if self.no_use(share, result)}
            if ended:
                found, going, first = found | ended, going - ended, first or (at, at)
            if not going:
                return found, first[0], first[1]
            share += self.step
            later = self.round(share)
            if any(self.cost(result) > self.budget for result in later.results):
                found, first = found | going, first or (at, at if at.tied else later)
            going = {result for result in later.results if self.cost(result) <= self.budget}
            at = later
        raise TooMany(self.free)

    def no_use(self, share, result):
        """Say whether raising cannot help: nothing else fits, all is bought, or a share is the whole budget."""
        left = self.budget - self.cost(result)
        others = [id for id in self.ids if id not in result]
        if all(self.by_id[id].cost > left for id in others) or result.issuperset(self.wanted):
            return True
        return (share + self.step) * self.voters > self.budget * (self.voters + 1)

    def round(self, share):
        rates = {id: Fraction(0) for id in self.wanted}  # no rate is lower than this; they only rise
        return self.follow([share] * len(self.groups), rates, [], {})

    def follow(self, purses, rates, bought, seen):
        """Buy until nothing can be bought. `bought` are options and prices; `seen` are rounds by them."""
        start, bought = len(bought), list(bought)
        while True:
            equals = self.cheapest(purses, rates)
            if not equals:
                result = frozenset(self.free + [id for id, _ in bought])
                return Round({result}, [id for id, _ in bought[start:]], [])
            if self.matters(purses, equals):
                return self.branch(purses, rates, bought, seen, equals, [id for id, _ in bought[start:]])
            for id, price in equals:
                self.pay(purses, id, price)
                del rates[id]
            bought += equals

    def branch(self, purses, rates, bought, seen, equals, told):
        """Follow every order of equals; where all come to the same options it is no tie."""
        rounds = []
        for id, price in equals:
            paid = [*bought, (id, price)]
            if frozenset(paid) not in seen:
                if len(seen) >= MOST_ORDERS:
                    raise TooMany(self.free)
                purses_then, rates_then = list(purses), dict(rates)
                self.pay(purses_then, id, price)
                del rates_then[id]
                seen[frozenset(paid)] = self.follow(purses_then, rates_then, paid, seen)
            rounds.append(seen[frozenset(paid)])
        results = set().union(*(round.results for round in rounds))
        if len(results) == 1:
            return Round(results, [*told, equals[0][0], *rounds[0].bought], [])
        return Round(results, told, [id for id, _ in equals])

    def cheapest(self, purses, rates):
        """Return the options that may be bought next, and their prices: those of the lowest rate.

        The rate is what a supporter pays for each euro of the option, or for the option as such.
        """
        lowest, equals = None, []
        for id in sorted(rates, key=rates.get):
            if lowest is not None and rates[id] > lowest:
                break
            price = self.price(purses, id)
            if price is None:  # it cannot be paid, and never can again
                del rates[id]
                continue
            rates[id] = price / self.worth[id]
            if lowest is None or rates[id] < lowest:
                lowest, equals = rates[id], []
            if rates[id] == lowest:
                equals.append(id)
        first = luckiest(equals, self.key, self.lots) if equals else []
        return [(id, rates[id] * self.worth[id]) for id in self.ids if id in first]

    def price(self, purses, id):
        """Return what each supporter pays: all the same, and who has less pays all it has. None: too dear."""
        rest = self.by_id[id].cost
        payers = [(purses[g], self.groups[g][1]) for g in self.supporters[id]]
        while payers:
            price = Fraction(rest) / sum(voters for _, voters in payers)
            able = [(left, voters) for left, voters in payers if left >= price]
            if len(able) == len(payers):
                return price
            rest -= sum(left * voters for left, voters in payers if left < price)
            payers = able
        return None

    def pay(self, purses, id, price):
        for g in self.supporters[id]:
            purses[g] = max(Fraction(0), purses[g] - price)

    def matters(self, purses, equals):
        """Say whether buying one of these changes the price of another; if not, any order gives the same."""
        trial = list(purses)
        for id, price in equals:
            if self.price(trial, id) != price:
                return True
            self.pay(trial, id, price)
        return False


# -- rankings that elect one ---------------------------------------------------------------------------


def ranked(question, rule, box, votes, lots):
    """Elect one option by an instant run-off or by the Schulze method."""
    rankings = [(marks(marking), number) for marking, number in box.items() if marking != BLANK]
    if not rankings:
        return {"score": dict.fromkeys(question.ids, 0)}
    key = tie_key(question, votes, rule["tie_order"])
    method = run_off if rule["method"] == "run-off" else schulze
    score, first = method(question.ids, rankings, key, lots)
    return {
        "score": score,
        "winners": first if len(first) == 1 else [],
        "ties": [first] if len(first) > 1 else [],
    }


def run_off(ids, rankings, key, lots):
    """Return the scores and who wins, or between whom only a lot can decide who goes out.

    Every ranking counts for the first on it that is still in. Who has more than half of those wins;
    else those with the fewest go out: all of them, where together they have fewer than the next one,
    and else one. A score is an option's votes in the last round it was in.
    """
    counted, possible = {}, {}

    def firsts(still):
        if still not in counted:
            if len(counted) >= MOST_SETS:
                raise TooMany
            counted[still] = dict.fromkeys(still, 0)
            for ranking, number in rankings:
                for id in ranking:
                    if id in still:
                        counted[still][id] += number
                        break
        return counted[still]

    def elected(still):
        size = sum(firsts(still).values())
        return [id for id in still if 2 * firsts(still)[id] > size]

    def out(still):
        """Return the ways to go on: each is who goes out then."""
        least = min(firsts(still).values())
        fewest = [id for id in ids if id in still and firsts(still)[id] == least]
        next = min((votes for votes in firsts(still).values() if votes > least), default=0)
        if least * len(fewest) < next:
            return [fewest]
        return [[id] for id in luckiest(fewest, key, lots, last=True)]

    def may_win(still):
        if still not in possible:
            ways = [] if elected(still) else out(still)
            possible[still] = set(elected(still)).union(*(may_win(still.difference(way)) for way in ways))
        return possible[still]

    still, score = frozenset(ids), {}
    may_win(still)
    while True:
        score.update(firsts(still))
        if elected(still):
            return score, elected(still)
        ways = out(still)
        if len(ways) > 1 and len(may_win(still)) > 1:
            return score, [id for (id,) in ways]
        still = still.difference(ways[0])


def schulze(ids, rankings, key, lots):
    """Return the scores (how many others an option beats) and who wins, or the equals at the top.

    In a duel a ranking is for the one it names first, or names at all. A path is a chain of duels won,
    as strong as its weakest one. An option beats another when its strongest path to it is the stronger.
    """
    duels = {one: dict.fromkeys(ids, 0) for one in ids}
    for ranking, number in rankings:
        behind = set(ids)
        for one in ranking:
            behind.remove(one)
            for other in behind:
                duels[one][other] += number
    path = {a: {b: duels[a][b] if duels[a][b] > duels[b][a] else 0 for b in ids} for a in ids}
    for via in ids:
        for a in ids:
            for b in ids:
                path[a][b] = max(path[a][b], min(path[a][via], path[via][b])) if a != b else 0
    score = {a: sum(path[a][b] > path[b][a] for b in ids) for a in ids}
    unbeaten = [a for a in ids if all(path[a][b] >= path[b][a] for b in ids)]
    return score, luckiest(unbeaten, key, lots)


# == The outcome =======================================================================================


def read_outcomes(files, definition):
    stated = from_json(files, "outcome.json")
    one_each = type(stated) is list and len(stated) == len(definition.questions)
    need(one_each, "outcome.json heeft niet voor elke vraag een uitslag.")
    return stated


def check_outcomes(files, definition, boxes, letters, lots):
    """Count every question again; return the outcomes, and whether everything in them was counted."""
    stated, complete = read_outcomes(files, definition), True
    for question, rule, box, drawn, outcome in zip(
        definition.questions, definition.rules, boxes, lots, stated
    ):
        with inside("outcome.json"):
            if not check_outcome(question, rule, box, letters, drawn, outcome):
                complete = False
    return stated, complete


def check_outcome(question, rule, box, letters, lots, stated, found="opnieuw geteld, en de uitslag klopt"):
    """Count a question again and compare; say so. Returns whether all of it was counted."""
    name = f"vraag {question.number}"
    need(type(stated) is dict and type(stated.get("steps")) is list, "outcome.json: {} klopt niet.", name)
    told = [step["values"]["options"] for step in stated["steps"] if step["kind"] == "lot"]
    need(told == [",".join(lot) for lot in lots], "{}: in outcome.json staan andere lotingen.", name)
    for number, lot in enumerate(lots):
        need(
            can_be_drawn(question, rule, box, letters, lots[:number], lot),
            "lots.json: loting zonder gelijke stand.",
        )
    try:
        counted = count(question, rule, box, letters, lots)
    except TooMany as certain:
        compare_certain(question, rule, box, certain.winners, stated)
        say("let op: {}: zoveel gelijke standen dat dit programma ze niet allemaal volgt.", name)
        say("        De stemmen zijn nageteld. Wie er wint is hier NIET nagerekend.")
        return False
    need(set(stated) == {*counted, "steps"}, "outcome.json: {} heeft niet de vorm die erbij hoort.", name)
    for part in sorted(counted):
        same = canonical(stated[part]) == canonical(counted[part])
        need(same, "{}: in outcome.json staat een andere uitslag ({}) dan de stemmen geven.", name, part)
    good("{} ({}) " + found + ":", name, question.text)
    say("        {}", in_words(question, counted))
    return True


def can_be_drawn(question, rule, box, letters, earlier, lot):
    """Say whether there was a tie between exactly these, when the earlier lots were drawn."""
    try:
        ties = count(question, rule, box, letters, earlier)["ties"]
    except TooMany:
        return set(lot) <= set(question.ids) and len(set(lot)) == len(lot)  # more cannot be said
    return any(sorted(lot) == sorted(tie) for tie in ties)


def compare_certain(question, rule, box, winners, stated):
    """Compare what can be said without following every way a lot could go."""
    together = sum((Counter(each) for each in box.values()), Counter())
    _, votes, _ = tally(question, together)
    need(
        canonical(stated["votes"]) == canonical(votes),
        "vraag {}: in outcome.json staan andere aantallen stemmen.",
        question.number,
    )
    said = stated["winners"]
    need(said[: len(winners)] == winners, "vraag {}: in outcome.json staan andere winnaars.", question.number)
    if stated["left"] is None:
        return
    budget = exact(rule["rule"]["budget"] if rule["name"] == "weighed" else rule["budget"])
    left = budget - sum(question.by_id[id].cost for id in said)
    left -= sum(exact(amount) for _, amount in stated["part_funded"])
    adds_up = len(set(said)) == len(said) and stated["left"] == decimal(left)
    need(adds_up, "vraag {}: in outcome.json telt het geld niet op.", question.number)


def in_words(question, counted):
    """Return the outcome in a few words."""
    if counted["passed"] is not None:
        voor, tegen, blank = (counted["votes"][each] for each in ("voor", "tegen", BLANK))
        end = "aangenomen" if counted["passed"] else "niet aangenomen"
        return f"{voor} voor, {tegen} tegen, {blank} blanco; {end}."
    labels = [question.by_id[id].label for id in counted["winners"]]
    words = "gekozen: " + ", ".join(labels) if labels else "niets is gekozen"
    return words + (", en er is een loting nodig." if counted["ties"] else ".")


def furthest(votes, contested):
    """Yield the numbers as they are, and the furthest they could have been: some gone, or all with one answer.

    A majority and a quorum are each a straight line through the numbers, so what no corner changes, nothing does.
    """
    yield votes
    for order in permutations(votes):
        left, rest = dict(votes), contested
        for each in order:
            gone = min(rest, left[each])
            left[each], rest = left[each] - gone, rest - gone
        yield left
        for each in votes:
            yield {**left, each: left[each] + contested - rest}


def is_certain(question, rule, box, outcome, letters, contested):
    """Say whether the outcome is the same, were so many votes not there or others than they are.

    It is so when even the bounds that they could move every number to give the same. Where this says
    no, or the rule is one that no such bounds are known of here, a change is possible and no more.
    """
    votes, bounds = outcome["votes"], (-contested, 0, contested)
    if rule["name"] == "majority":
        found = set()
        for moved in furthest(votes, contested):
            enough = majority({**rule, "quorum": "none"}, moved, letters)["passed"]
            found.add((enough, majority(rule, moved, letters)["quorum_met"]))
        return len(found) == 1
    if rule["name"] not in ("plurality", "greedy"):
        return False
    each = {"points": (question.points or {}).get("each"), "ranking": question.most}
    swing = contested * each.get(question.kind, 1)  # that a score can go up or down
    scores = sorted(outcome["score"].values(), reverse=True)
    apart = [higher - lower > 2 * swing for higher, lower in zip(scores, scores[1:])]
    if rule["name"] == "greedy":  # nobody passes another, or the threshold
        threshold = exact(rule["threshold"])
        return all(apart) and all(abs(score - threshold) > swing or threshold <= 0 for score in scores)
    turnout = sum(sum(markings.values()) for markings in box.values())
    turnout -= 0 if rule["blank_in_turnout"] else votes[BLANK]
    in_favour = votes[max(question.ids, key=outcome["score"].get)]
    met = {quorum_met(rule, letters, turnout + up, in_favour + up) for up in bounds}
    return scores[0] > swing and all(apart[:1]) and len(met) == 1


# == The files for other programs ======================================================================

CHANNEL_NAMES = {"web": "internet", "paper": "paper"}
VOTE_TYPES = {
    "choose-one": "choose-1",
    "approve": "approval",
    "basket": "approval",
    "points": "cumulative",
    "ranking": "ordinal",
}


def check_for_others(files, definition, boxes, outcomes):
    """question-N.pb holds the same options, ballots and winners, for programs of others."""
    for question, rule, box, outcome in zip(definition.questions, definition.rules, boxes, outcomes):
        name = f"question-{question.number}.pb"
        expected = question.kind != "yes-no" and len(question.options) > 1
        need((name in files) == expected, "{} hoort er {}te zijn.", name, "" if expected else "niet ")
        if expected:
            with inside(name):
                check_pb(name, files[name].decode(), definition.poll, question, rule, box, outcome)
            good("{} heeft dezelfde keuzes, stemmen en winnaars.", name)


def check_pb(name, text, poll, question, rule, box, outcome):
    above, _, votes = text.rpartition("\r\nVOTES\r\n")
    lines = pb_votes(poll, question, box)
    need(votes == "".join(line + "\r\n" for line in lines), "{} heeft andere stemmen.", name)
    rows = list(csv.reader(io.StringIO(above, newline=""), delimiter=";"))
    middle = rows.index(["PROJECTS"])
    need(rows[:2] == [["META"], ["key", "value"]], "{} begint niet zoals het hoort.", name)
    meta, columns, projects = rows[2:middle], rows[middle + 1], rows[middle + 2 :]
    budget = (rule["rule"] if rule["name"] == "weighed" else rule).get("budget")
    known = {
        "num_projects": str(len(question.options)),
        "num_votes": str(len(lines) - 1),
        "vote_type": VOTE_TYPES[question.kind],
        "budget": "1" if budget is None else decimal(exact(budget) / 100),
    }
    for key, value in known.items():
        need([row for row in meta if row[0] == key] == [[key, value]], "{}: {} klopt niet.", name, key)
    need(sorted(row[0] for row in projects) == sorted(question.ids), "{} heeft andere keuzes.", name)
    names = pb_columns(question)
    need(
        [each for each in names if each in columns or each not in MAYBE] == columns,
        "{} heeft andere kolommen.",
        name,
    )
    for row in projects:
        cells = pb_project(question.by_id[row[0]], budget is None, outcome)
        need(
            row == [cells[column] for column in columns],
            "{}: wat er bij keuze {} staat, klopt niet.",
            name,
            row[0],
        )


MAYBE = ("score", "selected")  # columns that are left out where other programs would not agree


def pb_columns(question):
    themes = ["category"] if any(option.theme for option in question.options) else []
    places = ["neighborhood"] if any(option.place for option in question.options) else []
    return ["project_id", "cost", "votes", "score", "name", *themes, "selected", *places]


def pb_project(option, free, outcome):
    """Return the cells of an option by their columns; `free`: no money is divided, so each costs 1."""
    part = any(id == option.id for id, _ in outcome["part_funded"])
    return {
        "project_id": option.id,
        "cost": "1" if free else decimal(option.cost / 100),
        "votes": str(outcome["votes"][option.id]),
        "score": str(outcome["score"][option.id]),
        "name": " ".join(option.label.split()) or option.id,
        "category": in_a_list(option.theme),
        "neighborhood": in_a_list(option.place) or "-",
        "selected": "1" if option.id in outcome["winners"] else "2" if part else "0",
    }


def in_a_list(name):
    return " ".join(name.replace(",", " /").split())


def pb_votes(poll, question, box):
    """Return the lines of the votes: all ballots but blanco, in the order of a hash of what they say."""
    ballots = []
    for channel, markings in box.items():
        for marking in set(markings) - {BLANK}:
            for n in range(markings[marking]):
                said = f"{question.number};{channel};{marking};{n}".encode()
                ballots.append((sha256(poll + said).digest(), marking, channel))
    several = len({channel for _, _, channel in ballots}) > 1
    points = question.kind == "points"
    lines = ["voter_id;vote" + (";points" if points else "") + (";voting_method" if several else "")]
    for voter, (_, marking, channel) in enumerate(sorted(ballots), 1):
        cells = [str(voter), marking]
        if points:  # the most points first
            pairs = sorted((mark.split(":") for mark in marks(marking)), key=lambda pair: -int(pair[1]))
            cells[1:] = [",".join(id for id, _ in pairs), ",".join(given for _, given in pairs)]
        lines.append(";".join(cells + ([CHANNEL_NAMES[channel]] if several else [])))
    return lines


# == Step by step ======================================================================================


def recount(path, on_letter, kept):
    """Check everything there is to check, and say so; return how this program ends."""
    files = read(path)
    poll = check_manifest(files)
    definition = read_definition(files, on_letter)
    check_signature(files, definition, poll)
    standing = read_records(files, definition)
    board = read_board(files, definition, standing, kept)
    letters = check_letters(files, standing)
    check_names(files, definition, standing, letters)
    if standing.withdrawn:
        check_withdrawn(letters, board)
        say("Deze stemming is ingetrokken. Er is geen uitslag, dus die is niet na te rekenen.")
        say("De rest klopt.")
        return NOT_PUBLISHED
    check_redemptions(files, definition, standing, letters)
    lots = read_lots(files, definition, standing)
    if letters["used"] < definition.floor:
        check_few(files, definition, standing, letters, board, lots)
        say_contested(standing)
        say(
            "De uitslag is niet na te rekenen: er zijn minder dan {} stemmen, en dan blijft", definition.floor
        )
        say("geheim wat ze zeggen. De rest klopt.")
        return NOT_PUBLISHED
    boxes = read_ballots(files, definition, letters, board)
    outcomes, complete = check_outcomes(files, definition, boxes, standing.sent, lots)
    check_for_others(files, definition, boxes, outcomes)
    say_contested(standing)
    if standing.contested:
        for question, rule, box, outcome in zip(definition.questions, definition.rules, boxes, outcomes):
            say_whether_certain(question, rule, box, outcome, standing.sent, len(standing.contested))
    conclude(files, on_letter, kept, complete)
    return RIGHT


ALWAYS = {"narekenen.py", "definition.json", "definition.sha256", "letters.json", "records.json"}
ALWAYS |= {"checkpoints.json", "commitments.csv", "manifest.json", "manifest.sig"}
CLOSED = {"outcome.json", "redemptions.csv"}
SOMETIMES = {"lots.json", "openings.csv", "paper.csv"}


def own(name):
    """Say whether a file is one of the poll's own, and not of the dossier around it."""
    return name in ALWAYS | CLOSED | SOMETIMES or bool(re.fullmatch(r"question-[0-9]+\.pb", name))


def check_names(files, definition, standing, letters):
    """No file of the poll is missing that must be there, or there where it must not be."""
    may, must = set(ALWAYS), set(ALWAYS)
    if not standing.withdrawn:
        must |= CLOSED
        may |= CLOSED | {"lots.json"}
        if letters["used"] >= definition.floor:
            must.add("openings.csv")
            may |= SOMETIMES | {f"question-{each.number}.pb" for each in definition.questions}
    for name in sorted(must - set(files)):
        raise Wrong(f"{name} ontbreekt.")
    for name in sorted(filter(own, set(files) - may)):
        raise Wrong(f"{name} hoort er niet te zijn.")


def check_withdrawn(letters, board):
    """On the board are as many commitments for each question, and no more than there were votes."""
    found = set(map(len, board.values()))
    possible = len(found) == 1 and max(found) <= letters["web"]
    need(possible, "op het bord staan niet zoveel antwoorden als er kunnen zijn.")


def check_few(files, definition, standing, letters, board, lots):
    """Where no answers are published: check what the board and the stated numbers of votes allow.

    The papers, fewer than the floor, are on the board among the others, but for those that are unusable.
    Where a ballot names one option these numbers are enough to count the outcome again.
    """
    stated = read_outcomes(files, definition)
    for question, rule, drawn, outcome in zip(definition.questions, definition.rules, lots, stated):
        number, ballots = question.number, len(board[str(question.number)])
        possible = letters["web"] <= ballots <= letters["used"]
        need(possible, "vraag {}: {} antwoorden op het bord, en dat kan niet.", number, ballots)
        with inside("outcome.json"):
            votes = outcome["votes"]
            numbers = set(votes) == {*question.ids, BLANK} and all(type(n) is int for n in votes.values())
            need(numbers and min(votes.values()) >= 0, "vraag {}: er staan geen stemmen.", number)
            chosen, given = sum(votes[id] for id in question.ids), ballots - votes[BLANK]
            possible = 0 <= given <= chosen <= given * question.most
            need(possible, "vraag {}: zoveel stemmen kunnen er niet zijn.", number)
            if question.kind in ("yes-no", "choose-one"):
                box = {"web": Counter({id: number for id, number in votes.items() if number})}
                found = "de uitslag past bij de aantallen stemmen die er staan"
                check_outcome(question, rule, box, standing.sent, drawn, outcome, found)


def say_contested(standing):
    if standing.contested:
        say(
            "let op: gebruikte brieven waarvan het adres zegt dat het niet stemde: {}.",
            len(standing.contested),
        )


def say_whether_certain(question, rule, box, outcome, letters, contested):
    if is_certain(question, rule, box, outcome, letters, contested):
        say("        vraag {}: die stemmen kunnen de uitslag niet veranderen.", question.number)
    else:
        say("        vraag {}: het is niet uit te sluiten dat dit de uitslag verandert.", question.number)


def conclude(files, on_letter, kept, complete):
    others = sorted(name for name in files if not own(name) or name == "narekenen.py")
    say("Niet nagekeken, want hier valt niets te rekenen: {}.", ", ".join(others))
    if not kept:
        say("Wie tijdens de stemming een controlepunt bewaarde, kan dat met --checkpoint ook laten nakijken.")
    if not on_letter:
        say("Alles past bij elkaar. Zonder de code van een brief is dat alles wat wij kunnen zeggen.")
    elif complete:
        say("Alles klopt.")
    else:
        say("Alles wat is nagerekend klopt. Lees ook wat er bij “let op” staat.")


HOW = "zeg welk dossier: python3 narekenen.py DOSSIER.zip --hash “de code op de brief” --checkpoint BESTAND"


def arguments(given):
    """Return the path, the hash on the letter and the path of a checkpoint; None where it is not given.

    The hash may be typed in groups.
    """
    paths, kept, typed, follows = [], [], "", ""
    for each in given:
        if each in ("--hash", "--checkpoint"):
            follows = each
        elif follows == "--checkpoint" and not kept:
            kept.append(each)
        elif follows == "--hash" and len(typed) < 64:
            typed += re.sub(r"[\s-]", "", each).lower()
        else:
            paths.append(each)
    need(len(paths) == 1 and not paths[0].startswith("-"), HOW)
    right = re.fullmatch(r"[0-9a-f]{64}", typed) or "--hash" not in given
    need(right, "de code achter --hash heeft 64 tekens, elk een cijfer of een letter van a tot en met f.")
    need(kept or "--checkpoint" not in given, "achter --checkpoint hoort een bestand te staan.")
    return paths[0], typed or None, kept[0] if kept else None


def main(given):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # whatever letters this screen knows
    try:
        return recount(*arguments(given))
    except Wrong as wrong:
        say("FOUT: {}", wrong)
        return WRONG
    except KeyboardInterrupt:
        say("FOUT: het narekenen is afgebroken.")
        return WRONG
    except MemoryError:
        say("FOUT: dit dossier is te groot voor deze computer.")
        return WRONG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
