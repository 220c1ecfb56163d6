"""The address list: what towns export, what can be wrong with it, and how an address is written."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.refusals import Refusal
from consult import addresses
from consult.addresses import Address, AddressList, in_a_line, lines, parse, postal_key
from consult.refusals import RollColumnsMissing, RollColumnTwice, RollEmpty, RollNotCsv, RollTooLong

BAG = Path(__file__).parents[3] / "shared" / "data" / "bag" / "bagadres-full.csv"
HEADER = "nummeraanduiding;straat;huisnummer;huisletter;toevoeging;postcode;plaats"
ID = "0599200000000001"


def read(*rows: str, header: str = HEADER) -> AddressList:
    return parse("\r\n".join((header, *rows)).encode(), "lijst.csv")


def row(count: int = 1, /, **other: str) -> str:
    """One good row of HEADER, with what is given instead."""
    parts = {
        "id": f"0599200000{count:06}",
        "street": "Dorpsstraat",
        "number": str(count),
        "letter": "",
        "addition": "",
        "postcode": "1234AB",
        "place": "Herten",
    }
    return ";".join((parts | other).values())


def faults(found: AddressList) -> list[tuple[int, str]]:
    return [(fault.row, fault.text) for fault in found.faults]


# The real file


@pytest.mark.skipif(not BAG.exists(), reason="the BAG sample stands beside the repository, not in it")
def test_the_bag_file_goes_in_as_it_is() -> None:
    found = parse(BAG.read_bytes(), BAG.name)
    assert not found.faults
    assert [(one.nummeraanduiding, *lines(one)) for one in found.entries] == [
        ("0003200000133985", "Molenbochtstraat 3-I", "9901 AA  HIESLUM"),
        ("0003200000133986", "Molenbochtstraat 5", "9901 AA  HIESLUM"),  # a houseboat
        ("0003200000121300", "Molenbochtstraat 33-I", "9901 AA  TOORNWERD"),  # one postcode, two places
        ("0010200000101404", "Molenbochtstraat 98", "9934 EG  HIESLUM"),
        ("0010200000101386", "Molenbochtstraat 1", "9934 RA  HIESLUM"),  # a caravan
    ]
    assert not found.special
    assert [(one.row, one.text) for one in found.left_out] == [(6, addresses.SECONDARY)]
    assert [(one.row, one.text) for one in found.warnings] == [
        (number, addresses.PADDED) for number in (2, 3, 4, 5, 7)
    ]


# How towns export


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_export(delimiter: str, encoding: str, end: str) -> None:
    text = end.join((HEADER, row(street="Súdhoekster Wâl", place="Gytsjerk"), ""))
    (found,) = parse(text.replace(";", delimiter).encode(encoding), "lijst.csv").entries
    assert found == Address(ID, "Súdhoekster Wâl", 1, "", "", "1234AB", "Gytsjerk")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("PLAATS;Straatnaam;Huisnummer;Nummeraanduiding_ID", "Herten;Kerkplein;12;" + ID),
        ("woonplaats,openbare ruimte,huisnummer,identificatie", "Herten,Kerkplein,12," + ID),
        (
            '"identificatie";"nummeraanduiding";"straat";"huisnummer";"plaats"',
            f'"0599010000000001";"{ID}";"Kerkplein";"12";"Herten"',
        ),
        ("sep=;\nnummeraanduiding;straat;huisnummer;plaats", f'="{ID}";Kerkplein;12;Herten'),
        (
            "nummeraanduiding;straat;huisnummer;plaats;gemeente;x",
            f"NL.IMBAG.Nummeraanduiding.{ID};Kerkplein;12.0;Herten;Roermond;1,5",
        ),
    ],
)
def test_columns_are_known_by_name(header: str, cells: str) -> None:
    (found,) = read(cells, header=header).entries
    assert found == Address(ID, "Kerkplein", 12, "", "", "", "Herten")


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    found = read(row(1), "", ";;;;;;", row(2, street='"Kerk\r\nplein"'), row(3, number="x"))
    assert [one.street for one in found.entries] == ["Dorpsstraat", "Kerk plein"]
    assert [one.row for one in found.faults] == [7]


def test_letters_and_composed_letters_are_one_spelling() -> None:
    (found,) = read(row(street="Wa\u0302l  3 ", place="Ĳsselstein")).entries
    assert (found.street, found.place) == ("W\u00e2l 3", "IJsselstein")


# What is left out, what somebody should know, what somebody should look at


@pytest.mark.parametrize(
    ("column", "value", "left_out"),
    [
        ("nevenadres", "t", True),
        ("nevenadres", "Ja", True),
        ("nevenadres", "nevenadres", True),
        ("nevenadres", "f", False),
        ("nevenadres", "", False),
        ("hoofdadres", "nee", True),
        ("hoofdadres", "1", False),
        ("adrestype", "Nevenadres", True),
        ("adrestype", "Hoofdadres", False),
        ("status", "Verblijfsobject ingetrokken", True),
        ("status", "Niet gerealiseerd verblijfsobject", True),
        ("status", "Plaats ingetrokken", True),
        ("status", "Verblijfsobject ten onrechte opgevoerd", True),
        ("status", "Verblijfsobject in gebruik (niet ingemeten)", False),
        ("nummeraanduidingstatus", "Naamgeving ingetrokken", True),
        ("nummeraanduidingstatus", "Naamgeving uitgegeven", False),
    ],
)
def test_left_out(column: str, value: str, left_out: bool) -> None:
    found = read(f"{row(1)};{value}", f"{row(2)};", header=f"{HEADER};{column}")
    if column == "hoofdadres":
        assert faults(found) == [(3, addresses.EMPTY)]  # empty could mean either
    else:
        assert not found.faults
    assert [one.row for one in found.left_out] == ([2] if left_out else [])
    assert not found.warnings


@pytest.mark.parametrize(
    ("column", "value", "special"),
    [
        ("gebruiksdoel", "woonfunctie", ""),
        ("gebruiksdoel", "", ""),
        ("gebruiksdoel", "Standplaats", ""),
        ("gebruiksdoel", "kantoorfunctie", "Dit is geen woning: kantoorfunctie."),
        (
            "gebruiksdoel",
            "{gezondheidszorgfunctie,logiesfunctie}",
            "Dit is geen woning: gezondheidszorgfunctie, logiesfunctie.",
        ),
        ("gebruiksdoel", "woonfunctie|winkelfunctie", "Dit is een woning en ook iets anders: winkelfunctie."),
        ("status", "Verblijfsobject in gebruik", ""),
        (
            "status",
            "Verblijfsobject gevormd",
            "Hier woont misschien niemand: de status is “Verblijfsobject gevormd”.",
        ),
        ("aantal", "80", "Voor dit adres zijn 80 brieven gevraagd."),
        ("aantal", "1", ""),
        ("aantal", "", ""),
    ],
)
def test_special(column: str, value: str, special: str) -> None:
    (found,) = read(f"{row()};{value}", header=f"{HEADER};{column}").entries
    assert found.special == special
    assert found.letters == (80 if value == "80" else 1)


def test_a_houseboat_is_a_dwelling_whatever_its_purpose() -> None:
    found = read(f"{row()};LIG;overige gebruiksfunctie", header=f"{HEADER};object_type;gebruiksdoel")
    assert found.entries[0].special == ""


def test_one_address_under_two_numbers_is_worth_a_look() -> None:
    found = read(row(1, number="7"), row(2, number="7"), row(3, number="7", place="Linne"))
    assert [(one.row, str(one)) for one in found.warnings] == [
        (3, "Dit adres staat ook op rij 2, met een andere nummeraanduiding.")
    ]
    assert [bool(one.special) for one in found.entries] == [False, True, False]


def test_one_dwelling_under_two_addresses_is_worth_a_look() -> None:
    found = read(f"{row(1)};9", f"{row(2)};9", f"{row(3)};", f"{row(4)};", header=f"{HEADER};object_id")
    assert [bool(one.special) for one in found.entries] == [False, True, False, False]
    assert [one.row for one in found.warnings] == [3]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"postcode": ""}, addresses.NO_POSTCODE),
        ({"id": "3200000133985"}, addresses.PADDED),
        ({"id": "0599010000000001"}, addresses.NOT_20),
        ({"street": "SÃºdhoek"}, addresses.GARBLED),
    ],
)
def test_warnings_let_an_address_in(other: dict[str, str], text: str) -> None:
    found = read(row(**other))
    assert [(one.row, one.text) for one in found.warnings] == [(2, text)]
    assert found.sound


# Faults


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"id": ""}, addresses.EMPTY),
        ({"id": "0000000000000000"}, addresses.BAD_ID),
        ({"id": "05992000000000011"}, addresses.BAD_ID),
        ({"id": "٠٥٩٩"}, addresses.BAD_ID),
        ({"id": "3,2E+12"}, addresses.ROUNDED),
        ({"street": " "}, addresses.EMPTY),
        ({"street": "=SOM(A1)"}, addresses.FORMULA),
        ({"street": "@straat"}, addresses.FORMULA),
        ({"street": "?"}, addresses.NO_NAME),
        ({"street": "a" * 81}, addresses.TOO_LONG),
        ({"street": "Dorps\x07straat"}, addresses.UNREADABLE),
        ({"street": "Dorps\ufffdstraat"}, addresses.UNREADABLE),
        ({"number": ""}, addresses.EMPTY),
        ({"number": "0"}, addresses.BAD_NUMBER),
        ({"number": "3A"}, addresses.BAD_NUMBER),
        ({"number": "1.000"}, addresses.BAD_NUMBER),
        ({"number": "-1"}, addresses.BAD_NUMBER),
        ({"number": "9" * 5000}, addresses.BAD_NUMBER),
        ({"number": "²"}, addresses.BAD_NUMBER),
        ({"letter": "AB"}, addresses.BAD_LETTER),
        ({"addition": "=1"}, addresses.BAD_ADDITION),
        ({"addition": "x" * 21}, addresses.BAD_ADDITION),
        ({"postcode": "0234AB"}, addresses.BAD_POSTCODE),
        ({"postcode": "1234"}, addresses.BAD_POSTCODE),
        ({"place": ""}, addresses.EMPTY),
        ({"place": "12"}, addresses.NO_NAME),
        ({"place": "Herten;"}, addresses.TOO_MANY),
        ({"place": '"Her"ten'}, addresses.QUOTES),
    ],
)
def test_a_fault_names_its_row(other: dict[str, str], text: str) -> None:
    found = read(row(1), row(2, **other), row(3))
    assert faults(found) == [(3, text)]
    assert len(found.entries) == 2
    assert not found.sound


def test_every_fault_is_named() -> None:
    found = read(row(1), row(1), "x;y", row(4, street="", number="", postcode="9"), row(5))
    assert faults(found) == [
        (3, addresses.SAME_ID),
        (4, addresses.TOO_FEW),
        (5, addresses.EMPTY),
        (5, addresses.EMPTY),
        (5, addresses.BAD_POSTCODE),
    ]
    assert str(found.faults[0]) == "Deze nummeraanduiding staat ook op rij 2."
    assert str(found.faults[1]) == "Deze rij heeft te weinig kolommen: 2 in plaats van 7."


def test_a_padded_number_can_be_a_duplicate() -> None:
    assert faults(read(row(1), row(2, id="599200000000001"))) == [(3, addresses.SAME_ID)]


def test_a_row_that_is_left_out_is_no_duplicate() -> None:
    found = read(f"{row()};t", f"{row()};f", header=f"{HEADER};nevenadres")
    assert found.sound


def test_an_open_quote_is_a_fault() -> None:
    assert faults(read(row(1), row(2, street='"Dorps'), row(3))) == [(3, addresses.QUOTES)]


@pytest.mark.parametrize("value", ["0", "501", "-2", "2,5", "veel", "1E3"])
def test_letters_must_be_a_number_that_can_be_sent(value: str) -> None:
    found = read(f"{row()};{value}", header=f"{HEADER};aantal")
    assert faults(found) == [(2, addresses.BAD_LETTERS)]


def test_yes_or_no_must_be_readable() -> None:
    assert faults(read(f"{row()};misschien", header=f"{HEADER};nevenadres")) == [(2, addresses.BAD_YES_NO)]


# No address list at all


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", RollEmpty),
        (b" \r\n\r\n", RollEmpty),
        (HEADER.encode(), RollEmpty),
        (b"PK\x03\x04\x14\x00", RollNotCsv),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", RollNotCsv),
        (b"%PDF-1.7", RollNotCsv),
        (b"\x89PNG\r\n\x1a\n\0\0", RollNotCsv),
        (b"\xff\xfea", RollNotCsv),
        (b"\x81\x8d;", RollNotCsv),
        (b"naam;leeftijd\nJan;3\n", RollNotCsv),
        (b'"', RollNotCsv),
        (b"straat;huisnummer\nDorpsstraat;3\n", RollColumnsMissing),
        ((HEADER + ";postcode\n" + row() + ";1234AB").encode(), RollColumnTwice),
    ],
)
def test_no_address_list(data: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as caught:
        parse(data, "lijst 100%.xlsx")
    assert str(caught.value).endswith(".")


def test_missing_columns_are_named() -> None:
    with pytest.raises(RollColumnsMissing, match="nummeraanduiding, woonplaats"):
        parse(b"straat;huisnummer\nDorpsstraat;3\n", "lijst.csv")


def test_too_long_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_ROWS", 3)
    assert len(read(*map(row, (1, 2, 3))).entries) == 3
    with pytest.raises(RollTooLong, match="meer dan 3 rijen"):
        read(*map(row, (1, 2, 3, 4)))


# Writing


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (
            Address(ID, "Bornsesteeg", 1, "", "5A3", "6708PD", "Wageningen"),
            "Bornsesteeg 1-5A3|6708 PD  WAGENINGEN",
        ),
        (Address(ID, "'t Hof", 12, "A", "", "6049HD", "Herten"), "'t Hof 12A|6049 HD  HERTEN"),
        (Address(ID, "Kade", 3, "b", "2", "3401AA", "IJsselstein"), "Kade 3b-2|3401 AA  IJSSELSTEIN"),
        (Address(ID, "Dyk", 1, "", "", "8771SB", "Nijlân"), "Dyk 1|8771 SB  NIJLÂN"),
        (Address(ID, "Plein", 1, "", "", "", "'s-Gravenhage"), "Plein 1|'S-GRAVENHAGE"),
    ],
)
def test_lines_by_nen_5825(address: Address, written: str) -> None:
    assert "|".join(lines(address)) == written


def test_in_a_line() -> None:
    assert (
        in_a_line(Address(ID, "Kade", 3, "b", "2", "3401AA", "IJsselstein"))
        == "Kade 3b-2, 3401 AA IJsselstein"
    )


def test_postal_order() -> None:
    def at(postcode: str, street: str, number: int, letter: str = "", addition: str = "") -> Address:
        return Address(ID, street, number, letter, addition, postcode, "Herten")

    ordered = [
        at("1234AB", "Dorpsstraat", 2),
        at("1234AB", "Dorpsstraat", 10),
        at("1234AB", "Dorpsstraat", 10, "", "2"),
        at("1234AB", "Dorpsstraat", 10, "", "10"),
        at("1234AB", "Dorpsstraat", 10, "", "bis"),
        at("1234AB", "Dorpsstraat", 10, "A"),
        at("1234AB", "Dorpsstraat", 10, "b"),
        at("1234AC", "Aalstraat", 1),
        at("", "Éénstraat", 3),
        at("", "Eikstraat", 1),
    ]
    mixed = ordered[::2] + ordered[::-2]
    assert sorted(mixed, key=postal_key) == ordered


# For any input

words = st.text("abcdefgIJâéïû' -", min_size=1, max_size=20).map(lambda text: " ".join(f"A{text}".split()))
addresses_ = st.builds(
    Address,
    nummeraanduiding=st.integers(1, 9998).flatmap(
        lambda town: st.integers(0, 10**10 - 1).map(lambda n: f"{town:04}20{n:010}")
    ),
    street=words,
    number=st.integers(1, 99_999),
    letter=st.sampled_from(["", "A", "b"]),
    addition=st.sampled_from(["", "1", "10", "2", "bis", "5A3", "II", "2 hoog"]),
    postcode=st.from_regex("[1-9][0-9]{3}[A-Z]{2}", fullmatch=True),
    place=words,
    letters=st.just(1),
)


def written(rows: list[Address], delimiter: str) -> bytes:
    text = io.StringIO()
    names = ("nummeraanduiding", "street", "number", "letter", "addition", "postcode", "place", "letters")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(addresses.COLUMNS[name][0] for name in names)
    writer.writerows([getattr(one, name) for name in names] for one in rows)
    return text.getvalue().encode()


@given(
    st.lists(
        addresses_,
        min_size=1,
        max_size=8,
        unique_by=(lambda one: one.nummeraanduiding, lambda one: lines(one)[1].casefold()),
    ),
    st.sampled_from(";,\t"),
)
def test_what_is_written_is_read(rows: list[Address], delimiter: str) -> None:
    found = parse(written(rows, delimiter), "lijst.csv")
    assert found == AddressList(tuple(rows), (), (), ())


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_data in (data, HEADER.encode() + b"\n" + data):
        with suppress(Refusal):
            parse(given_data, "lijst.csv")


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6), st.text(max_size=30))
def test_any_cells_are_read_or_refused(rows: list[list[str]], name: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER.split(";"), *rows])
    try:
        found = parse(text.getvalue().encode("utf-8", "surrogatepass"), name)
    except Refusal:
        return
    assert all("\n" not in line for one in found.entries for line in lines(one))
    assert all(str(one) for one in found.faults + found.warnings + found.left_out)


@given(addresses_, addresses_, addresses_)
def test_the_order_is_total(one: Address, two: Address, three: Address) -> None:
    rows = sorted((one, two, three), key=postal_key)
    assert sorted((three, one, two), key=postal_key) == rows or len({a.nummeraanduiding for a in rows}) < 3
    assert (postal_key(one) == postal_key(two)) == (
        not postal_key(one) < postal_key(two) and not postal_key(two) < postal_key(one)
    )
