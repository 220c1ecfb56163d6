"""Feeds, calendars, search, the share card and the frame: what they hold, and what never leaks into them."""

import json
import re
import struct
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

import pytest

from ballots.typeset import picture
from consult.feed_files import Event, Item, calendar, json_feed, rss
from consult.finding_plans import found, words
from tests.consult.conftest import Full

AT = datetime(2026, 6, 14, 22, 15, tzinfo=UTC)
ITEM = Item("x#1", AT, 'Bankje <b> & "zo"\x0b', "Twee\nregels", "https://a.nl/1")


def test_rss_is_xml_whatever_was_typed() -> None:
    root = ET.fromstring(rss("Noord", "https://a.nl/", "https://a.nl/n.xml", "Nieuws", [ITEM]))
    assert root.findtext("channel/item/title") == 'Bankje <b> & "zo"'
    assert root.findtext("channel/item/pubDate") == "Sun, 14 Jun 2026 22:15:00 GMT"


def test_json_feed() -> None:
    feed = json.loads(json_feed("Noord", "https://a.nl/", "https://a.nl/n.json", "Nieuws", [ITEM]))
    assert feed["items"][0]["date_published"] == "2026-06-14T22:15:00+00:00"
    assert feed["items"][0]["title"] == ITEM.title


def test_a_calendar_by_rfc_5545() -> None:
    long = "é" * 60 + ", en; nog\\iets\r\nDTEND:nu"
    days = Event("a", date(2026, 6, 1), date(2026, 6, 14), long, "", "https://a.nl", AT, 1, True)
    data = calendar("Noord", [days, Event("b", AT, None, "Uitslag", "", "https://a.nl", AT)])
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in data.replace(b"\r\n", b"")
    whole = data.decode().replace("\r\n ", "").split("\r\n")
    assert "DTSTART;VALUE=DATE:20260601" in whole
    assert "DTEND;VALUE=DATE:20260615" in whole
    assert "SUMMARY:" + "é" * 60 + "\\, en\\; nog\\\\iets\\nDTEND:nu" in whole
    assert "DTSTART:20260614T221500Z" in whole
    assert whole.count("STATUS:CANCELLED") == 1


@pytest.mark.parametrize(
    ("typed", "there"), [("CAFE", True), ("café hof", True), ("cafe weg", False), ("", False), ("  ", False)]
)
def test_words(typed: str, there: bool) -> None:
    assert found(words(typed), "Het Café", "aan het Hof") is there


def test_what_is_served(full: Full) -> None:
    client = full.place.anonymous()
    for path in ("/nieuws", "/wijk/noord/nieuws"):
        news = client.get(f"{path}.json")
        items = json.loads(news.data)["items"]
        assert items
        assert items == sorted(items, key=lambda each: (each["date_published"], each["id"]), reverse=True)
        assert client.get(f"{path}.json", headers={"If-None-Match": news.headers["ETag"]}).status_code == 304
        titles = [each.text for each in ET.fromstring(client.get(f"{path}.xml").data).iter("title")][1:]
        assert titles == [each["title"] for each in items]
        assert "noor@" not in news.text.lower()
        assert "Noor van Houten" not in news.text
    assert b"BEGIN:VEVENT" in client.get("/wijk/noord/agenda.ics").data
    for missing in (
        "/wijk/buiten/nieuws.xml",
        "/wijk/noord/nieuws.txt",
        "/nieuws.zip",
        "/wijk/buiten/agenda.ics",
    ):
        assert client.get(missing).status_code == 404, missing
    for page in ("agenda.ics", "kaart.png", "uitslag/insluiten"):
        assert client.get(f"/raadplegingen/{full.consultations['draft']}/{page}").status_code == 404


def test_no_outcome_leaks_before_the_close(full: Full) -> None:
    client = full.place.anonymous()
    text = client.get("/nieuws.json").text
    for state, told in (("open", False), ("due", False), ("closed", True)):
        id = full.consultations[state]
        assert (f"/raadplegingen/{id}#uitslag" in text) is told
        framed = client.get(f"/raadplegingen/{id}/uitslag/insluiten")
        assert ("big-answer" in framed.text) is told
        assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
        assert (
            "frame-ancestors 'none'" in client.get(f"/raadplegingen/{id}").headers["Content-Security-Policy"]
        )


def test_the_card_is_a_picture_and_the_same_twice(full: Full) -> None:
    client = full.place.anonymous()
    for state in ("open", "closed"):
        path = f"/raadplegingen/{full.consultations[state]}/kaart.png"
        card = client.get(path)
        assert card.data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", card.data[16:24]) == (1200, 630)
        assert client.get(path, headers={"If-None-Match": card.headers["ETag"]}).status_code == 304
        assert f"{path}" in client.get(path.removesuffix("/kaart.png")).text
    assert "og:" not in client.get("/s").text


def test_search_and_archive(full: Full) -> None:
    client = full.place.anonymous()
    assert "Niets gevonden" in client.get("/zoeken?q=zeppelin").text
    for typed in ("Noor van Houten", "initiatief.example"):
        assert "Niets gevonden" in client.get("/zoeken", query_string={"q": typed}).text
    hit = client.get("/zoeken?q=LINDELAAN").text
    assert "Niets gevonden" not in hit
    drafted = f'"/raadplegingen/{full.consultations["draft"]}"'
    assert drafted not in hit
    assert drafted not in client.get("/archief").text
    archived = client.get("/archief").text
    assert re.search(r"<h2>2026</h2>", archived)
    assert f'"/plannen/{full.plans["redeemed"]}"' in archived
    assert f'"/plannen/{full.plans["needs"]}"' not in archived


def test_a_letter_is_known_by_its_hash_and_a_code_is_never_echoed(full: Full) -> None:
    client = full.place.anonymous()
    id = full.consultations["open"]
    shown = re.search(r'<p class="code">([0-9a-f ]+)', client.get(f"/raadplegingen/{id}").text, re.I)
    assert shown
    known = client.post("/echt", data={"getal": shown[1][:9].upper()}).text
    assert "van ons" in known
    assert f'"/raadplegingen/{id}"' in known
    assert "kennen wij niet" in client.post("/echt", data={"getal": "0000 0000"}).text
    code = client.post("/echt", data={"getal": "K7PQ W2XM"}).text
    assert "Dit is geen controlegetal" in code
    assert "k7pq" not in code.lower()
    assert "Dit is geen controlegetal" in client.post("/echt", data={"getal": "ab"}).text


def test_a_card_of_signs_that_the_fonts_lack_is_still_a_card() -> None:
    facts = dict.fromkeys(("town", "wijk", "head", "title", "line"), "\u65e5\u672c \U0001f600 #strong[x]")
    made = picture("share", facts | {"accent": "#1f5c47"})
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert made == picture("share", facts | {"accent": "#1f5c47"})
