"""PURE. What happened, as files that feed readers and calendars understand: RSS 2.0, JSON Feed 1.1 and RFC 5545.

Written by hand: a feed of titles and links, and a calendar of whole days and moments in UTC, are a few lines; a
library for either brings time zones and parsers that nothing here needs.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

LINE = 75  # octets in a line of a calendar, at most
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """One thing that happened. `id` never changes; `at` is aware; `url` is whole."""

    id: str
    at: datetime
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Event:
    """One entry of a calendar: whole days when `first` and `last` (both included) are dates.

    A moment has `first` aware and `last` None. `stamp`: when it was last decided (aware). `version` grows with
    each change, so that a calendar that has it already takes over the new day.
    """

    id: str
    first: date | datetime
    last: date | None
    title: str
    text: str
    url: str
    stamp: datetime
    version: int = 0
    cancelled: bool = False


def rss(title: str, home: str, here: str, about: str, items: Sequence[Item]) -> bytes:
    """Return the items as RSS 2.0; `home` is the page it belongs to, `here` the address of the feed itself."""
    ET.register_namespace("atom", "http://www.w3.org/2005/Atom")
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", title), ("link", home), ("description", about), ("language", "nl")):
        ET.SubElement(channel, name).text = _clean(text)
    itself = {"href": here, "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, "{http://www.w3.org/2005/Atom}link", itself)
    for each in items:
        item = ET.SubElement(channel, "item")
        for name, text in (("title", each.title), ("link", each.url), ("description", each.text)):
            ET.SubElement(item, name).text = _clean(text)
        ET.SubElement(item, "guid", isPermaLink="false").text = each.id
        ET.SubElement(item, "pubDate").text = format_datetime(each.at.astimezone(UTC), usegmt=True)
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def json_feed(title: str, home: str, here: str, about: str, items: Sequence[Item]) -> bytes:
    """Return the items as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": home,
        "feed_url": here,
        "description": about,
        "language": "nl",
        "items": [
            {
                "id": each.id,
                "url": each.url,
                "title": each.title,
                "content_text": each.text,
                "date_published": each.at.astimezone(UTC).isoformat(timespec="seconds"),
            }
            for each in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def calendar(title: str, events: Iterable[Event]) -> bytes:
    """Return the events as an iCalendar file (RFC 5545): lines of at most 75 octets, ended by CRLF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wijkstem//Wijkstem//NL", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(title)}"]
    for each in events:
        lines += ["BEGIN:VEVENT", f"UID:{each.id}", f"DTSTAMP:{_utc(each.stamp)}", f"SEQUENCE:{each.version}"]
        if isinstance(each.first, datetime):
            lines += [f"DTSTART:{_utc(each.first)}", f"DTEND:{_utc(each.first + timedelta(minutes=30))}"]
        else:
            after = (each.last or each.first) + timedelta(days=1)  # RFC 5545: the end is not included
            lines += [f"DTSTART;VALUE=DATE:{each.first:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]
        lines += [f"SUMMARY:{_escaped(each.title)}", f"DESCRIPTION:{_escaped(each.text)}", f"URL:{each.url}"]
        lines += [
            f"STATUS:{'CANCELLED' if each.cancelled else 'CONFIRMED'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _clean(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return _NO_XML.sub("", text)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    text = re.sub(r"\r\n?", "\n", text)
    text = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", text)
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, never through the middle of a sign."""
    pieces, piece, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + width
    return "\r\n".join([*pieces, piece])
