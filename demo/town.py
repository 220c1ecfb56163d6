"""The fictional town: who lives and works there, from town.toml."""

import tomllib
from datetime import datetime
from pathlib import Path

from ballots.database import db
from ballots.languages import DUTCH, LANGUAGES
from consult import accounts, towns
from consult.models import Role, Town

FACTS = tomllib.loads((Path(__file__).parent / "town.toml").read_text())
OFFICE = "gemeente: Samira Bakker"
COLLEAGUE = "Bram de Graaf"  # of the office, who writes no arguments


def make(base: str, now: datetime) -> Town:
    """Make the town, its wijken and its people; letters send voters to `base`."""
    facts = FACTS["sender"]
    town = towns.add(
        db.session,
        facts["name"],
        base,
        "\n".join(facts["lines"]),
        facts["phone"],
        facts["email"],
        facts["accent"],
        facts["limit"],
        accounts.COMMAND_LINE,
        now,
    )
    wijken = {
        name: towns.add_wijk(db.session, town.name, name, accounts.COMMAND_LINE, now)
        for name in FACTS["streets"]
    }
    for person in FACTS["people"]:
        wijk, role = wijken.get(person.get("wijk")), Role(person["role"])
        accounts.add(
            db.session, town, wijk, person["name"], person["email"], role, accounts.COMMAND_LINE, now
        )
    for wijk in wijken.values():
        others = [each.code for each in LANGUAGES.values() if each is not DUTCH]
        towns.set_languages(db.session, wijk, others, accounts.COMMAND_LINE, now)
    return town


def members(wijk: str) -> list[str]:
    """Return the names of the regiegroep of a wijk."""
    return [person["name"] for person in FACTS["people"] if person.get("wijk") == wijk]


def roll_csv(wijk: str) -> bytes:
    """Return the address list of a wijk as a town would export it, with a few special addresses."""
    rows = [
        "openbareruimte;huisnummer;huisletter;huisnummertoevoeging;postcode;woonplaats;nummeraanduiding;"
        "verblijfsobjectgebruiksdoel;verblijfsobjectstatus;object_type;nevenadres;aantal"
    ]
    number = 321_200_000_000_000 + 50_000 * list(FACTS["streets"]).index(wijk)
    for street, postcode, houses in FACTS["streets"][wijk]:
        for n in range(1, houses + 1):
            number += 1
            letter = "A" if n % 17 == 0 else ""
            addition = "2" if n % 23 == 0 else ""
            houseboat = street == "Kade" and n > 48
            home = street == "Kastanjestraat" and n == 38
            use = "gezondheidszorgfunctie" if home else "Ligplaats" if houseboat else "woonfunctie"
            rows.append(
                f"{street};{n};{letter};{addition};{postcode.replace(' ', '')};{FACTS['sender']['name']};{number:016};"
                f"{use};Verblijfsobject in gebruik;{'LIG' if houseboat else 'VBO'};f;{24 if home else 1}"
            )
    return ("\r\n".join(rows) + "\r\n").encode()
