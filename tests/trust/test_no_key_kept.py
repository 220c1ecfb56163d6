"""Key sheets are printed, typed and mistyped against the served app; nothing it leaves behind holds a key."""

import http.client
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from app import create_app
from ballots import letters, shares
from consult import keyholding
from consult.models import Consultation
from tests.consult.conftest import ACTOR, BY_THREE, KEY, PASSWORD, PEOPLE, Place
from tests.trust.helpers import Live, serve
from tests.trust.test_no_secret_kept import of_bytes, of_text, search, search_all
from tests.trust.weak import talks

LATER = timedelta(days=9)


def nine_days_later() -> Flask:
    """The service as it will be when voting is over."""
    return create_app(clock=lambda: datetime.now(UTC) + LATER)


def talks_later() -> Flask:
    """The same, planted weak: it logs what it is sent."""
    app, later = talks(), nine_days_later()
    app.config["CLOCK"] = later.config["CLOCK"]
    return app


@dataclass
class Visitor:
    """A browser on a served app, as far as a keyholder needs one."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-Proto": "https",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        body = answer.read()
        connection.close()
        return answer.status, body

    def post(self, path: str, form: Mapping[str, str], page: str = "") -> tuple[int, bytes]:
        """Post a form with the token of its page."""
        _, body = self.ask("GET", page or path)
        token = re.findall(rb'name="csrf_token"[^>]*value="([^"]+)"', body)[0].decode()
        return self.ask("POST", path, {**form, "csrf_token": token})


def log_in(port: int, place: Place, name: str, now: datetime) -> Visitor:
    visitor = Visitor(port)
    code = place.phones[name].at(now)
    form = {"email": PEOPLE[name][0], "password": PASSWORD, "code": code}
    assert visitor.post("/inloggen", form)[0] == 303
    return visitor


def mistyped(sheet: str) -> str:
    return sheet[:12] + ("X" if sheet[12] != "X" else "Y") + sheet[13:]


@pytest.fixture
def kept(place: Place) -> Consultation:
    """A wijkraadpleging of the real tomorrow, whose key three people are to keep."""
    place.clock["now"] = datetime.now(UTC)
    draft = place.draft(place.plan(), days=(1, 7), **BY_THREE)
    place.freeze(draft)
    by_part = dict(zip(keyholding.PARTS, place.keyholders(), strict=True))
    keyholding.assign(place.session, draft, by_part, ACTOR, place.now)
    return draft


def secrets_of(place: Place, draft: Consultation) -> tuple[list[str], dict[str, set[bytes]]]:
    """Return what the three sheets say, and what is never to be found again."""
    poll, vault = place.poll(draft).id, place.vault
    parts = [shares.Share(x, vault.read(poll, f"share-{x}")) for x in shares.PLACES]
    sheets = [shares.text(poll, part) for part in parts]
    mix = vault.read(poll, "mix")
    planted = {f"share {part.x}": of_bytes(part.data) for part in parts}
    planted |= {f"sheet {number}": of_text(sheet) for number, sheet in enumerate(sheets, 1)}
    planted |= {
        f"sheet {number}, mistyped": of_text(mistyped(sheet)) for number, sheet in enumerate(sheets, 1)
    }
    planted |= {
        "poll key": of_bytes(shares.joined(*parts[:2])),
        "mix key": of_bytes(mix),
        "mix sheet": of_text(shares.mix_text(poll, mix)),
    }
    return sheets, planted


def open_by_hand(port: int, place: Place, draft: Consultation, sheets: list[str]) -> None:
    """Type two sheets after the doors closed, first with a mistake."""
    carla = log_in(port, place, "carla", datetime.now(UTC) + LATER)
    path = f"/sleutels/{draft.id}/openen"
    assert carla.post(path, {"one": mistyped(sheets[2]), "other": sheets[0]})[0] == 422
    assert carla.post(path, {"one": sheets[2], "other": sheets[0]})[0] == 303


@pytest.mark.both
def test_no_key_is_left_behind(
    place: Place, kept: Consultation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Share, sheet, poll key and mix key: not in the database, a log, a temporary file or the dossier."""
    spare = tmp_path / "tmp"
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    given = {"access_log": True, "environment": {"TMPDIR": str(spare)}}
    sheets, planted = secrets_of(place, kept)
    id = place.poll(kept).id.hex()
    address = place.app.config["DATABASE_URL"]
    made = Live(place.folder, tmp_path / "server.log", address=address, secret=KEY)
    found = search_all(tmp_path, address, planted)
    assert {name for name, _ in found} == {"mix key", "share 1", "share 2", "share 3"}
    assert {file.partition("/")[0] for _, file in found} == {"keys"}
    of = f"/kantoor/raadplegingen/{kept.id}/sleutels"
    with serve(made, **given) as server:  # type: ignore[arg-type]
        office = log_in(server.port, place, "gemeente", datetime.now(UTC))
        assert office.post(f"{of}/mengsleutel.pdf", {}, page=of)[1].startswith(b"%PDF")
        office.post(f"{of}/envelop", {}, page=of)
        for name in ("anna", "bram", "carla"):
            keyholder = log_in(server.port, place, name, datetime.now(UTC))
            pdf = keyholder.post(f"/sleutels/{kept.id}/blad.pdf", {}, page="/sleutels")[1]
            assert pdf.startswith(b"%PDF")
        trial = f"/sleutels/{kept.id}/proef"
        for a, b in ((0, 1), (0, 2), (1, 2)):
            typed = {"one": sheets[a], "other": mistyped(sheets[b])}
            assert keyholder.post(trial, typed)[0] == 422
            assert keyholder.post(trial, {"one": sheets[a], "other": sheets[b]})[0] == 303
        assert keyholder.ask("POST", trial, {"one": sheets[0], "other": sheets[1]})[0] == 400  # no token
        assert office.post(f"{of}/gedrukt", {})[0] == 303
        (place.folder / "keys" / f"{id}.mix").unlink()  # lost, and typed in again
        mix = planted["mix sheet"]
        typed_mix = next(each for each in mix if each.count(b" ") == 15 and each.isupper()).decode()
        assert office.post(f"{of}/terugzetten", {"sheet": mistyped(typed_mix)})[0] == 422
        assert office.post(f"{of}/terugzetten", {"sheet": typed_mix})[0] == 303
        assert search_all(tmp_path, address, planted) == {("mix key", f"keys/{id}.mix")}  # while it runs
    place.look()
    codes = printed_codes(place, kept)
    place.clock["now"] = place.poll(kept).opens
    place.vote(codes, {"voor": 7, "tegen": 4})
    place.session.rollback()
    with serve(made, "tests.trust.test_no_key_kept:nine_days_later", **given) as server:  # type: ignore[arg-type]
        open_by_hand(server.port, place, kept, sheets)
        assert search_all(tmp_path, address, planted) == {("mix key", f"keys/{id}.mix")}
    place.clock["now"] = datetime.now(UTC) + LATER
    assert place.tick()[0].startswith("nagerekend en sleutels vernietigd")
    assert f"POST /sleutels/{kept.id}/openen" in made.log.read_text()  # the access log was on
    assert search_all(tmp_path, address, planted) == set()


def printed_codes(place: Place, draft: Consultation) -> list[str]:
    """Return the codes of the letters, and confirm that they are printed."""
    codes = [code for _, code in letters.printable(place.session, place.vault, place.poll(draft))]
    place.printed(draft)
    return codes


def test_a_service_that_logs_what_it_is_sent_is_caught(
    place: Place, kept: Consultation, tmp_path: Path
) -> None:
    sheets, planted = secrets_of(place, kept)
    place.shared(kept)
    keyholding.confirm_printed(place.session, place.vault, kept, ACTOR, place.now)
    codes = printed_codes(place, kept)
    place.clock["now"] = place.poll(kept).opens
    place.vote(codes, {"voor": 3})
    place.session.rollback()
    made = Live(place.folder, tmp_path / "server.log", secret=KEY)
    with serve(made, "tests.trust.test_no_key_kept:talks_later") as server:
        open_by_hand(server.port, place, kept, sheets)
    found = {name for name, _ in search(tmp_path, planted, "server.log")}
    assert {"sheet 1", "sheet 3", "sheet 3, mistyped"} <= found
    assert "sheet 2" not in found
