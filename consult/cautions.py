"""PURE. What makes somebody look twice before a draft is frozen: nothing wrong, but seldom meant."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from ballots.words import N_
from consult.sentences import Sentence

FEW = 2  # fewer letters than one for so many addresses on the list is few
MOST_PLACES = 3  # named in one sentence


class Totals(Protocol):
    """How many addresses get letters, how many letters that is, and how many addresses were left out."""

    @property
    def addresses(self) -> int: ...
    @property
    def letters(self) -> int: ...
    @property
    def left_out(self) -> int: ...


def cautions(
    totals: Totals, places: Mapping[str, int], town: str, first_day: date | None, today: date, floor: int
) -> tuple[Sentence, ...]:
    """Return a sentence for each thing that should be looked at again.

    `places`: how many addresses that get a letter lie in each place. `floor`: with fewer ballots than
    this none are published.
    """
    said = []
    listed = totals.addresses + totals.left_out
    if totals.letters < floor:
        said.append(
            Sentence(
                N_(
                    "Er gaan weinig brieven uit: %(letters)d. Bij minder dan %(floor)d stemmen maken we de losse "
                    "stemmen niet openbaar. Niemand kan dan de eigen stem terugvinden."
                ),
                {"letters": totals.letters, "floor": floor},
            )
        )
    if totals.letters * FEW < listed:
        said.append(
            Sentence(
                N_(
                    "Op de lijst staan %(listed)d adressen, maar er gaan %(letters)d brieven uit. Klopt het dat "
                    "zoveel adressen geen brief krijgen?"
                ),
                {"listed": listed, "letters": totals.letters},
            )
        )
    if first_day == today:
        said.append(
            Sentence(
                N_(
                    "De eerste dag is vandaag: de stemming opent zodra u vastzet. De brieven moeten dan nog worden "
                    "gedrukt en bezorgd."
                )
            )
        )
    elsewhere = {place: n for place, n in places.items() if _bare(place) not in ("", _bare(town))}
    for place, number in sorted(elsewhere.items(), key=lambda each: (-each[1], each[0]))[:MOST_PLACES]:
        said.append(
            Sentence(
                N_("Adressen in %(place)s, niet in %(town)s: %(number)d. Horen die bij deze wijk?"),
                {"place": place, "town": town, "number": number},
            )
        )
    if len(elsewhere) > MOST_PLACES:
        said.append(
            Sentence(
                N_("Er zijn ook adressen in nog %(number)d andere plaatsen."),
                {"number": len(elsewhere) - MOST_PLACES},
            )
        )
    return tuple(said)


def strange_host(base_url: str, email: str) -> Sentence | None:
    """Return what to look at where letters lead to a host outside the domain that the town mails from, else None.

    People are told to trust an address of their town: another one looks like phishing.
    """
    host = (urlsplit(base_url).hostname or "").casefold()
    domain = email.rpartition("@")[2].casefold()
    if host == domain or host.endswith(f".{domain}"):
        return None
    return Sentence(
        N_(
            "De brieven sturen mensen naar %(host)s. Dat hoort niet bij %(domain)s, waar de gemeente vandaan mailt. "
            "Bewoners kunnen denken dat het oplichting is."
        ),
        {"host": host, "domain": domain},
    )


def _bare(place: str) -> str:
    """Return a name of a place without what lists write differently, such as capitals."""
    return "".join(letter for letter in place.casefold() if letter.isalnum())
