"""The gate answers a vote that is in order as the view does, and lets everything else through as it came."""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from ballots import booth, gate
from ballots.database import db
from ballots.gate import Gate
from ballots.models import Inbox, Redemption
from tests.conftest import Held

pytestmark = pytest.mark.both

R = bytes(range(32)).hex()


def vote(held: Held, **other: str) -> dict[str, str]:
    return {"code": held.codes[0], "q1": "voor", "r": R} | other


@pytest.fixture
def behind(app: Flask) -> list[bytes]:
    """The bodies that came through the gate to the pages, in order."""
    served, came = app.full_dispatch_request, list[bytes]()

    def seen() -> Any:
        came.append(b"through")
        return served()

    app.full_dispatch_request = seen  # type: ignore[method-assign]
    return came


def without(app: Flask) -> Client:
    """A client of the same app without the gate."""

    def plain(environ: dict[str, Any], start_response: Any) -> Any:
        return Flask.wsgi_app(app, environ, start_response)

    return Client(plain)


@pytest.mark.parametrize("url", ["http://stem.voorbeeld.nl", "https://stem.voorbeeld.nl"])
@pytest.mark.parametrize("root", ["/", "/wijk"])
def test_a_vote_gets_the_same_answer_from_the_gate_and_from_the_view(
    app: Flask, held: Held, behind: list[bytes], url: str, root: str
) -> None:
    asked: dict[str, Any] = {
        "base_url": f"{url}{root}",
        "data": vote(held),
        "headers": {"X-Forwarded-Proto": url.partition(":")[0]},
    }
    gate = app.test_client().post("/s/stem", **asked)
    assert not behind
    view = without(app).post("/s/stem", **asked)
    assert len(behind) == 1
    assert gate.status_code == view.status_code == 303
    assert gate.headers["Location"].partition("?")[0] == view.headers["Location"]
    assert gate.headers["Location"].startswith(f"{root.rstrip('/')}/s/bon/")
    apart = {"Content-Type", "Content-Length"}  # the view brings a line of HTML for browsers of long ago
    assert {name: text for name, text in gate.headers if name not in apart} == {
        name: text for name, text in view.headers if name not in apart
    }
    assert ("Strict-Transport-Security" in gate.headers) == url.startswith("https")
    assert [db.session.query(table).count() for table in (Inbox, Redemption)] == [1, 1]


def test_the_form_of_the_page_is_taken_as_it_comes(app: Flask, held: Held, behind: list[bytes]) -> None:
    """A browser sends what the review page says: in parts, so that a comma is as long as a space."""
    client, code = app.test_client(), held.codes[0]
    review = client.post("/s/controle", data={"code": code, "q1": "voor"}).text
    form = re.search(
        r'<form id="send" method="post" action="/s/stem" enctype="([^"]*)".*?</form>', review, re.DOTALL
    )
    assert form
    sent = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form[0]))
    behind.clear()
    answer = client.post("/s/stem", data=sent, content_type=form[1])
    assert (answer.status_code, answer.data, behind) == (303, b"", [])
    assert db.session.query(Redemption).count() == 1


WRONG: dict[str, dict[str, Any]] = {
    "a marking that is none": {"q1": "zeker"},
    "no r": {"r": ""},
    "a code with a typo": {"code": "00000 00000 00000 00001"},
    "what is no ASCII": {"q1": "vóór"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_by_the_view(app: Flask, held: Held, behind: list[bytes], name: str) -> None:
    page = app.test_client().post("/s/stem", data=vote(held, **WRONG[name]))
    assert behind
    assert page.status_code in (400, 404)
    assert "<h1" in page.text
    assert db.session.query(Redemption).count() == 0


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"content_type": "application/json"}, 404),  # a vote without a code
        ({"content_type": "multipart/form-data; boundary=x"}, 404),
        ({"content_type": "multipart/form-data"}, 404),
        ({"data": b"code=" + b"x" * booth.LARGEST}, 413),
        ({"data": "&".join(f"x{n}=1" for n in range(1001))}, 404),
        ({"data": b"\xff\xfe"}, 404),
        ({"method": "GET"}, 303),
        ({"path": "/s/stemmen"}, 404),
    ],
)
def test_what_is_no_vote_goes_by(
    app: Flask, held: Held, behind: list[bytes], other: dict[str, Any], status: int
) -> None:
    asked = {
        "path": "/s/stem",
        "method": "POST",
        "data": urlencode(vote(held)),
        "content_type": "application/x-www-form-urlencoded",
    } | other
    assert app.test_client().open(**asked).status_code == status
    assert behind
    assert db.session.query(Redemption).count() == 0


def test_a_length_that_is_no_number_goes_by(app: Flask, held: Held) -> None:
    went, took = list[str](), list[Any]()

    def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        went.append(environ["CONTENT_LENGTH"])
        return []

    def take(fields: Mapping[str, Sequence[str]]) -> str:
        took.append(fields)
        return "/s/bon/1"

    gate = Gate(pages, take, lambda secure: {})
    environ = EnvironBuilder(path="/s/stem", method="POST", data=vote(held)).get_environ()
    for length in ("-1", "", "een"):
        list(gate(environ | {"CONTENT_LENGTH": length, "wsgi.input": BytesIO()}, lambda *_: None))
    assert (went, took) == (["-1", "", "een"], [])


@pytest.mark.parametrize("order", [("code", "r", "q1"), ("r", "q1", "code")])
def test_a_vote_that_was_cut_off_is_no_vote(
    app: Flask, held: Held, behind: list[bytes], order: tuple[str, ...]
) -> None:
    """The connection breaks just before the last option of a list, and what is there would be a vote too."""
    fields = vote(held, q1="blanco,voor")
    body = urlencode({name: fields[name] for name in order}, safe=",").encode()
    cut = body[: body.index(b",voor")] if order[-1] == "q1" else body[:-1]
    builder = EnvironBuilder(
        path="/s/stem",
        method="POST",
        input_stream=BytesIO(cut),
        content_type="application/x-www-form-urlencoded",
    )
    environ = builder.get_environ() | {"CONTENT_LENGTH": str(len(body))}
    _, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert (status.partition(" ")[0], len(behind)) == ("400", 1)
    assert db.session.query(Redemption).count() == 0


def test_a_fault_is_told_by_the_view_and_loses_nothing(
    app: Flask, held: Held, behind: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit fails twice: at the gate, and behind it; the same vote is taken the next time."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    failed = list[int]()

    def fails(*given: Any) -> Any:
        failed.append(1)
        raise OSError("disk full")

    monkeypatch.setattr("ballots.turnstile.cast_sent", fails)
    client = app.test_client()
    page = client.post("/s/stem", data=vote(held))
    assert (page.status_code, len(failed), len(behind)) == (500, 2, 1)
    assert "Zij telt nooit dubbel" in page.text
    assert "disk full" not in page.text
    monkeypatch.undo()
    assert client.post("/s/stem", data=vote(held)).status_code == 303
    assert db.session.query(Redemption).count() == 1


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), st.text("ab ,.:-1", min_size=1, max_size=9)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_form_in_parts_is_read_as_the_library_reads_it(fields: list[tuple[str, str]]) -> None:
    builder = EnvironBuilder(method="POST", data=MultiDict(fields), content_type="multipart/form-data")
    environ = builder.get_environ()
    body = environ["wsgi.input"].read()
    expected = Request(environ | {"wsgi.input": BytesIO(body)}).form.to_dict(flat=False)
    assert gate.fields_of(environ["CONTENT_TYPE"], body) == expected


@given(st.binary(max_size=90), st.sampled_from(["", "; boundary=x", "; boundary=", '; boundary="x"']))
def test_what_is_no_form_in_parts_is_not_read_as_one(body: bytes, boundary: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        gate.fields_of(f"multipart/form-data{boundary}", b"\r\n" + body)
