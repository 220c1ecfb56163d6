"""PURE. Reads an address list as towns export it, and writes an address as the post wants it.

The columns are those of the BAG (the national register of addresses). An address is known by its
nummeraanduiding: postcode and number are not unique. Any fault means that nothing is imported.
Source: BAG, https://imbag.github.io/praktijkhandleiding/; address lines by NEN 5825.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from ballots.words import N_
from consult.refusals import RollColumnsMissing, RollColumnTwice, RollEmpty, RollNotCsv, RollTooLong

MOST_ROWS = 250_000
MOST_LETTERS = 500  # to one address
LONGEST = 80  # signs in the name of a street or a place, as in the BAG
LONGEST_ADDITION = 20

# Our name of a column, and what exports call it, the surest name first; only letters and digits count.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nummeraanduiding": (
        "nummeraanduiding",
        "nummeraanduidingid",
        "nummeraanduidingidentificatie",
        "identificatienummeraanduiding",
        "bagnummeraanduiding",
        "identificatie",
        "bagid",
    ),
    "street": ("openbareruimte", "openbareruimtenaam", "straatnaam", "straat"),
    "number": ("huisnummer", "huisnr", "nummer"),
    "letter": ("huisletter",),
    "addition": ("huisnummertoevoeging", "huisnrtoevoeging", "toevoeging"),
    "postcode": ("postcode",),
    "place": ("woonplaats", "woonplaatsnaam", "plaats", "plaatsnaam"),
    "secondary": ("nevenadres",),
    "main": ("hoofdadres",),
    "kind": ("adrestype", "typeadres", "soortadres"),
    "purpose": ("verblijfsobjectgebruiksdoel", "gebruiksdoel", "gebruiksdoelen"),
    "status": ("verblijfsobjectstatus", "objectstatus", "status"),
    "naming": ("nummeraanduidingstatus",),
    "type": ("objecttype", "typeadresseerbaarobject"),
    "object": ("objectid", "verblijfsobjectid", "adresseerbaarobjectid", "verblijfsobject"),
    "letters": ("aantal", "aantalbrieven"),
}
NEEDED = {
    "nummeraanduiding": "nummeraanduiding",
    "street": "openbareruimte",
    "number": "huisnummer",
    "place": "woonplaats",
}

YES = {"t", "true", "ja", "j", "1", "waar", "yes", "y", "x"}
NO = {"f", "false", "nee", "n", "0", "onwaar", "no"}
DWELLINGS = {"woonfunctie", "wonen", "woning", "ligplaats", "standplaats"}
MOORED = {"lig", "ligplaats", "sta", "standplaats"}  # houseboats and caravans: always dwellings
GONE = ("ingetrokken", "niet gerealiseerd", "ten onrechte")
DOUBTFUL = ("gevormd", "buiten gebruik", "verbouwing")
LIVE = ("in gebruik", "aangewezen", "uitgegeven")
OBJECT_CODES = {"01", "02", "03", "10", "30"}  # in place of the 20 of a nummeraanduiding

PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")

# Left out
SECONDARY = N_("Dit is een nevenadres. De woning krijgt al een brief op haar hoofdadres.")
STATUS_GONE = N_("De status is “%(status)s”.")

# Warnings
PADDED = N_("De nummeraanduiding had minder dan 16 cijfers. Wij hebben er nullen voor gezet.")
NOT_20 = N_("Dit nummer lijkt geen nummeraanduiding, maar het nummer van iets anders in de BAG.")
NO_POSTCODE = N_("De postcode ontbreekt. De brief gaat zonder postcode op de post.")
STATUS_UNKNOWN = N_("Wij kennen de status “%(status)s” niet. Dit adres doet mee.")
GARBLED = N_("Er staan vreemde letters in dit adres. Sla het bestand op als CSV UTF-8 als dit niet klopt.")

# Special: a person should look
SAME_ADDRESS = N_("Dit adres staat ook op rij %(other)d, met een andere nummeraanduiding.")
SAME_OBJECT = N_("Deze woning staat ook op rij %(other)d. Misschien is dit een nevenadres.")
NO_DWELLING = N_("Dit is geen woning: %(purposes)s.")
ALSO_OTHER = N_("Dit is een woning en ook iets anders: %(purposes)s.")
DOUBTFUL_STATUS = N_("Hier woont misschien niemand: de status is “%(status)s”.")
SEVERAL = N_("Voor dit adres zijn %(letters)d brieven gevraagd.")

# Faults
QUOTES = N_("De aanhalingstekens in deze rij kloppen niet. Misschien zijn ook rijen hieronder niet gelezen.")
TOO_FEW = N_("Deze rij heeft te weinig kolommen: %(found)d in plaats van %(expected)d.")
TOO_MANY = N_("Deze rij heeft te veel kolommen: %(found)d in plaats van %(expected)d.")
EMPTY = N_("De kolom %(column)s is leeg.")
TOO_LONG = N_("De tekst in de kolom %(column)s is te lang.")
UNREADABLE = N_("In de kolom %(column)s staan tekens die wij niet kunnen lezen.")
FORMULA = N_("De tekst in de kolom %(column)s begint als een formule: “%(value)s”.")
NO_NAME = N_("In de kolom %(column)s staat geen naam: “%(value)s”.")
BAD_ID = N_("“%(value)s” is geen nummeraanduiding. Dat is een getal van 16 cijfers.")
ROUNDED = N_(
    "Uw rekenprogramma heeft de nummeraanduiding afgerond: “%(value)s”. "
    "Maak de kolom op als tekst, en maak het bestand opnieuw."
)
BAD_NUMBER = N_(
    "“%(value)s” is geen huisnummer. In deze kolom staat alleen een getal van 1 tot en met 99999."
)
BAD_LETTER = N_("“%(value)s” is geen huisletter. Dat is één teken; de rest hoort bij de toevoeging.")
BAD_ADDITION = N_("“%(value)s” is geen toevoeging bij een huisnummer.")
BAD_POSTCODE = N_("“%(value)s” is geen postcode. Een postcode heeft vier cijfers en twee letters.")
BAD_YES_NO = N_("Wij begrijpen “%(value)s” niet in de kolom %(column)s. Vul ja of nee in.")
BAD_LETTERS = N_("“%(value)s” is geen goed aantal brieven. Kies een getal van 1 tot en met 500.")
SAME_ID = N_("Deze nummeraanduiding staat ook op rij %(other)d.")

_FILE = N_("dit bestand")


@dataclass(frozen=True, slots=True)
class Address:
    """An address that gets letters; `special` says why somebody should look at it, and is mostly empty."""

    nummeraanduiding: str  # 16 digits
    street: str
    number: int
    letter: str
    addition: str
    postcode: str  # "1234AB", or empty
    place: str
    letters: int = 1
    special: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a row: `text` is a Dutch message id, `values` fill it, `line` is the address there."""

    row: int  # as a spreadsheet shows it; the header is row 1
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: str = ""

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


@dataclass(frozen=True, slots=True)
class AddressList:
    """What a file holds: addresses in the order of the file, rows left out, and what somebody should know."""

    entries: tuple[Address, ...]
    left_out: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    faults: tuple[Remark, ...]

    @property
    def letters(self) -> int:
        return sum(address.letters for address in self.entries)

    @property
    def special(self) -> tuple[Address, ...]:
        return tuple(address for address in self.entries if address.special)

    @property
    def sound(self) -> bool:
        """Whether this can be imported: an address or more, and no fault."""
        return bool(self.entries) and not self.faults


class Written(Protocol):
    """What has the parts of an address: an `Address`, or a row of the roll."""

    @property
    def street(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def letter(self) -> str: ...
    @property
    def addition(self) -> str: ...
    @property
    def postcode(self) -> str: ...
    @property
    def place(self) -> str: ...


def lines(address: Written) -> tuple[str, ...]:
    """Return the lines by NEN 5825: "Bornsesteeg 1-5A3" and "6049 HD  HERTEN"."""
    place = address.place.upper()
    postcode = f"{address.postcode[:4]} {address.postcode[4:]}  " if address.postcode else ""
    return f"{address.street} {_house(address)}", f"{postcode}{place}"


def in_a_line(address: Written) -> str:
    """Return the address as people write it in a sentence: "Bornsesteeg 1-5A3, 6049 HD Herten"."""
    postcode = f"{address.postcode[:4]} {address.postcode[4:]} " if address.postcode else ""
    return f"{address.street} {_house(address)}, {postcode}{address.place}"


def _house(address: Written) -> str:
    addition = f"-{address.addition}" if address.addition else ""
    return f"{address.number}{address.letter}{addition}"


Natural = tuple[tuple[int, int, str], ...]
PostalKey = tuple[bool, str, str, int, Natural, Natural, str, str]


def postal_key(address: Address) -> PostalKey:
    """Return what sorts addresses in the order of the post; those without postcode come last, by street."""
    return (
        not address.postcode,
        address.postcode,
        _plain(address.street),
        address.number,
        _natural(address.letter),
        _natural(address.addition),
        _plain(address.place),
        address.nummeraanduiding,
    )


def _natural(text: str) -> Natural:
    """Return `text` so that 2 sorts before 10, and digits before letters."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", text.casefold())
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)


def _plain(text: str) -> str:
    """Return `text` without accents and capitals, as an index sorts it."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def parse(data: bytes, name: str) -> AddressList:
    """Read the address list in `data`, a file called `name`.

    Raises RollNotCsv, RollColumnsMissing, RollColumnTwice, RollEmpty, RollTooLong.
    """
    shown = _clean(name)[-80:] or _FILE
    text = _decoded(data, shown)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    width, columns = _header(records, shown)
    reading = _Reading(columns)
    count = 0
    for row, cells in records:
        count += 1
        if count > MOST_ROWS:
            raise RollTooLong(most=MOST_ROWS)
        if cells is None:
            reading.faults.append(Remark(row, QUOTES))
        elif len(cells) != width:
            wrong = TOO_FEW if len(cells) < width else TOO_MANY
            reading.faults.append(Remark(row, wrong, {"found": len(cells), "expected": width}))
        else:
            reading.take(row, cells)
    if not count:
        raise RollEmpty()
    return AddressList(
        tuple(reading.entries), tuple(reading.left_out), tuple(reading.warnings), tuple(reading.faults)
    )


def _decoded(data: bytes, shown: str) -> str:
    """Return the text of the file: UTF-8, UTF-16 with its mark, or else Windows' own western letters."""
    if not data.strip():
        raise RollEmpty()
    if data.startswith(PACKED):
        raise RollNotCsv(name=shown)
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RollNotCsv(name=shown)


def _delimiter(text: str) -> str:
    """Return the sign between the columns: the one that makes most sense of the header."""
    told = re.match(r"sep=([;,\t])\r?\n", text, re.IGNORECASE)  # Excel's own first line
    if told:
        return told[1]

    def known(delimiter: str) -> int:
        header: list[str] = next((cells for _, cells in _records(text, delimiter) if cells), [])
        names = {alias for aliases in COLUMNS.values() for alias in aliases}
        return sum(_compact(cell) in names for cell in header)

    return max(";,\t", key=known)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each row that is not empty with the number of its first line; None where quotes are wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        row = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield row, None
            continue
        if row == 1 and cells and cells[0].lower().startswith("sep="):
            continue
        if any(cell and not cell.isspace() for cell in cells):
            yield row, cells


class _Column(NamedTuple):
    place: int
    title: str  # as the file has it


def _header(records: Iterator[tuple[int, list[str] | None]], shown: str) -> tuple[int, dict[str, _Column]]:
    """Return how many columns there are, and where those that we read stand."""
    _, cells = next(records, (1, None))
    titles = [_compact(cell) for cell in cells or ()]
    columns = {}
    for ours, aliases in COLUMNS.items():
        alias = next((alias for alias in aliases if alias in titles), None)
        if alias is None:
            continue
        if titles.count(alias) > 1:
            raise RollColumnTwice(column=alias)
        columns[ours] = _Column(titles.index(alias), alias)
    missing = [theirs for ours, theirs in NEEDED.items() if ours not in columns]
    if len(missing) == len(NEEDED):
        raise RollNotCsv(name=shown)
    if missing:
        raise RollColumnsMissing(columns=", ".join(missing))
    return len(titles), columns


def _compact(title: str) -> str:
    return "".join(sign for sign in title.lower() if sign.isalnum())[:40]


def _clean(cell: str) -> str:
    """Return a cell on one line, with every letter written in one way and Excel's ="…" taken off."""
    if not cell:
        return ""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell).replace("ĳ", "ij").replace("Ĳ", "IJ")
    return " ".join(cell.split())


def _short(value: str, most: int = 40) -> str:
    """Return what a file says as a sentence can hold it."""
    value = value[:most]
    return value if value.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in value)


@lru_cache(1000)
def _standing(status: str) -> str:
    """Return what a status of the BAG means here: live, doubtful, gone or unknown."""
    for meaning, words in (("gone", GONE), ("doubtful", DOUBTFUL), ("live", LIVE)):
        if any(word in status.lower() for word in words):
            return meaning
    return "unknown" if status else "live"


@lru_cache(1000)
def _purposes(text: str) -> tuple[str, bool]:
    """Return what an address is for beside living, and whether it is for living too."""
    parts = (part.strip(" \"'").lower() for part in re.split(r"[,;|/]", text.strip("{}[]")))
    purposes = [part for part in parts if part]
    others = [purpose for purpose in purposes if purpose not in DWELLINGS]
    return _short(", ".join(others), 160), len(others) < len(purposes)


def _whole(value: str) -> str:
    """Return a number without the ".0" that some programs put behind it."""
    return value[:-2] if value.endswith((".0", ",0")) else value


class _Reading:
    """The rows read so far."""

    def __init__(self, columns: Mapping[str, _Column]) -> None:
        self.columns = columns
        self.entries: list[Address] = []
        self.left_out: list[Remark] = []
        self.warnings: list[Remark] = []
        self.faults: list[Remark] = []
        self.ids: dict[str, int] = {}
        self.addresses: dict[tuple[object, ...], int] = {}
        self.objects: dict[str, int] = {}
        self.row = 0
        self.given: dict[str, str] = {}

    def take(self, row: int, cells: list[str]) -> None:
        """Sort one row: an address, left out, or at fault; a row may have several faults."""
        self.row = row
        self.given = {ours: _clean(cells[column.place]) for ours, column in self.columns.items()}
        before = len(self.faults)
        if self._gone():
            return
        id = self._id()
        street, place = self._name("street"), self._name("place")
        number = self._number("number", 99_999, BAD_NUMBER)
        letter, addition = self._letter(), self._addition()
        postcode = self._postcode()
        letters = self._number("letters", MOST_LETTERS, BAD_LETTERS) if self.given.get("letters") else 1
        if len(self.faults) > before:
            return
        special = " ".join(self._special(letters, (street, number, letter, addition, postcode, place)))
        self.entries.append(Address(id, street, number, letter, addition, postcode, place, letters, special))

    def _remark(self, text: str, values: Mapping[str, object]) -> Remark:
        get = self.given.get
        house = " ".join(filter(None, (get("street"), get("number"), get("letter"), get("addition"))))
        line = ", ".join(filter(None, (house, get("postcode"), get("place"))))
        return Remark(self.row, text, values, _short(line, 160))

    def _leave_out(self, text: str, **values: object) -> None:
        self.left_out.append(self._remark(text, values))

    def _fault(self, text: str, **values: object) -> None:
        self.faults.append(self._remark(text, values))

    def _warn(self, text: str, **values: object) -> None:
        self.warnings.append(self._remark(text, values))

    def _title(self, ours: str) -> str:
        return self.columns[ours].title

    def _gone(self) -> bool:
        """Say whether this row is left out."""
        secondary = self._says("secondary") or self.given.get("kind", "").lower() == "nevenadres"
        if secondary or ("main" in self.columns and self._says("main") is False):
            self._leave_out(SECONDARY)
            return True
        for column in ("status", "naming"):
            status = self.given.get(column, "")
            if _standing(status) == "gone":
                self._leave_out(STATUS_GONE, status=_short(status))
                return True
        return False

    def _says(self, ours: str) -> bool | None:
        """Return what a column of yes and no says; a fault and None where that cannot be read."""
        value = self.given.get(ours, "")
        said = value.lower()
        if not said:
            if ours == "main":  # left empty, this could mean either
                self._fault(EMPTY, column=self._title(ours))
            return None
        if said in YES or said == self._title(ours):
            return True
        if said in NO or said in ("hoofdadres", "nevenadres"):
            return False
        self._fault(BAD_YES_NO, value=_short(value), column=self._title(ours))
        return None

    def _id(self) -> str:
        value = self.given["nummeraanduiding"]
        digits = _whole(value.lower().removeprefix("nl.imbag.nummeraanduiding.").lstrip("'"))
        if not value:
            self._fault(EMPTY, column=self._title("nummeraanduiding"))
        elif re.fullmatch(r"[0-9]+([.,][0-9]+)?e\+?[0-9]+", digits):
            self._fault(ROUNDED, value=_short(value))
        elif not re.fullmatch(r"[0-9]{1,16}", digits) or not digits.strip("0"):
            self._fault(BAD_ID, value=_short(value))
        else:
            id = digits.rjust(16, "0")
            if id in self.ids:
                self._fault(SAME_ID, other=self.ids[id])
            self.ids.setdefault(id, self.row)
            if len(digits) < 16:
                self._warn(PADDED)
            if id[4:6] in OBJECT_CODES:
                self._warn(NOT_20)
            return id
        return ""

    def _name(self, ours: str) -> str:
        value = self.given[ours]
        column = self._title(ours)
        if not value:
            self._fault(EMPTY, column=column)
        elif len(value) > LONGEST:
            self._fault(TOO_LONG, column=column)
        elif not value.isprintable() or "\ufffd" in value:
            self._fault(UNREADABLE, column=column)
        elif value[0] in "=+-@":
            self._fault(FORMULA, column=column, value=_short(value))
        elif not any(map(str.isalnum if ours == "street" else str.isalpha, value)):
            self._fault(NO_NAME, column=column, value=_short(value))
        elif "Ã" in value or "Â" in value:  # UTF-8 that was read as something else; no Dutch name has these
            self._warn(GARBLED)
        return value

    def _number(self, ours: str, most: int, wrong: str) -> int:
        value = self.given[ours]
        digits = _whole(value)
        if not value:
            self._fault(EMPTY, column=self._title(ours))
        elif re.fullmatch(r"[0-9]{1,9}", digits) and 1 <= int(digits) <= most:
            return int(digits)
        else:
            self._fault(wrong, value=_short(value))
        return 0

    def _letter(self) -> str:
        value = self.given.get("letter", "")
        if value and not (len(value) == 1 and value.isalnum()):
            self._fault(BAD_LETTER, value=_short(value))
        return value

    def _addition(self) -> str:
        value = self.given.get("addition", "").lstrip("-/ ")
        if value and not (value[0].isalnum() and value.isprintable() and len(value) <= LONGEST_ADDITION):
            self._fault(BAD_ADDITION, value=_short(value))
        return value

    def _postcode(self) -> str:
        value = self.given.get("postcode", "")
        postcode = value.replace(" ", "").upper()
        if not value:
            self._warn(NO_POSTCODE)
        elif not re.fullmatch("[1-9][0-9]{3}[A-Z]{2}", postcode):
            self._fault(BAD_POSTCODE, value=_short(value))
        return postcode

    def _special(self, letters: int, parts: tuple[object, ...]) -> Iterator[str]:
        """Yield why somebody should look at this address."""
        if self.given.get("type", "").lower() not in MOORED:
            others, lived_in = _purposes(self.given.get("purpose", ""))
            if others:
                yield (ALSO_OTHER if lived_in else NO_DWELLING) % {"purposes": others}
        status = self.given.get("status", "")
        if _standing(status) == "doubtful":
            yield DOUBTFUL_STATUS % {"status": _short(status)}
        elif _standing(status) == "unknown":
            self._warn(STATUS_UNKNOWN, status=_short(status))
        if letters > 1:
            yield SEVERAL % {"letters": letters}
        same = tuple(part.casefold() if isinstance(part, str) else part for part in parts)
        twin = self.addresses.setdefault(same, self.row)
        object = self.given.get("object", "")
        other = self.objects.setdefault(object, self.row) if object else self.row
        for text, seen in ((SAME_ADDRESS, twin), (SAME_OBJECT, other)):
            if seen != self.row:
                self._warn(text, other=seen)
                yield text % {"other": seen}
