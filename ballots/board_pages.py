"""Counter: the board, where anybody follows a poll, downloads it, finds a vote back and counts again.

Nothing here changes anything; what is typed to find a vote goes to the booth, which keeps no log of it.
"""

import hashlib
import io

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for

from ballots import board_words, checkpoints, published, terms
from ballots.access import EVERYONE, open_to
from ballots.database import db
from ballots.models import Poll
from ballots.web import POLICY, now, vault

board = Blueprint("board", __name__, url_prefix="/bord")

ASK = "public, no-cache"  # keep it, and ask each time whether it changed: that costs little
TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "pb": "text/plain",
    "py": "text/x-python",
    "sha256": "text/plain",
    "sig": "text/plain",
}
SEARCHED = (*published.LIVE, "openings.csv", "redemptions.csv", "outcome.json")

Answer = tuple[str, str, list[str]]  # the kind of notice, what it says, and the marks of a ballot


@board.get("/<poll>")
@open_to(EVERYONE)
def show(poll: str) -> str:
    """The board of a poll: how far it is, what changed since the freeze, and every file."""
    found = poll_or_404(poll)
    names = published.names(db.session, found)
    return render_template(
        "ballots/board/show.html",
        poll=found,
        phase=found.phase(now()),
        terms=terms.terms(found),
        on_board=published.on_board(db.session, found),
        checkpoint=checkpoints.latest(db.session, found),
        records=board_words.told(db.session, found),
        files=[(name, board_words.file(name)) for name in names],
        openings="openings.csv" in names,
        command=f"python3 narekenen.py {_zip_name(found)}",
    )


@board.get("/<poll>/reken-zelf-na")
@open_to(EVERYONE)
def recount(poll: str) -> Response:
    """Count again, in the browser of whoever reads this."""
    found = poll_or_404(poll)
    page = render_template(
        "ballots/board/recount.html",
        title=terms.terms(found).title,
        files_url=_files_url(found),
        closed=published.is_over(found),
        board_url=url_for("board.show", poll=poll),
        zip_url=url_for("board.bundle", poll=poll) if published.is_over(found) else None,
        program_url=url_for("board.file", poll=poll, name=published.RECOUNT.name),
    )
    return _with_script(page)


@board.get("/<poll>/vind-uw-stem")
@open_to(EVERYONE)
def find(poll: str) -> Response:
    """Find a vote back by its control code, and see whether a letter was used; in the browser."""
    return _with_script(find_page(poll_or_404(poll)))


def find_page(poll: Poll, answer: Answer | None = None) -> str:
    """Return the page to find a vote or a letter; with what came of a search, where the server did it."""
    names = published.names(db.session, poll)
    return render_template(
        "ballots/board/find.html",
        title=terms.terms(poll).title,
        files_url=_files_url(poll),
        names=[name for name in SEARCHED if name in names],
        board_url=url_for("board.show", poll=poll.id.hex()),
        post_url=url_for("finding.search", poll=poll.id.hex()),
        answer=answer,
    )


def _zip_name(poll: Poll) -> str:
    return f"bundel-{poll.id.hex()[:8]}.zip"


def _files_url(poll: Poll) -> str:
    return url_for("board.show", poll=poll.id.hex()) + "/"


def _with_script(page: str) -> Response:
    """Return a page whose script may fetch from this site, and work beside the page."""
    answer = Response(page)
    answer.headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self'; worker-src 'self'"
    return answer


@board.get("/<poll>/controlepunt")
@open_to(EVERYONE)
def checkpoint(poll: str) -> Response:
    """The last checkpoint, a signed note: keep it, and check later that what was there still is."""
    found = poll_or_404(poll)
    latest = checkpoints.latest(db.session, found) or abort(404)
    return _conditional(Response(latest.note, mimetype="text/plain"))


@board.get("/<poll>/feed.xml")
@open_to(EVERYONE)
def feed(poll: str) -> Response:
    """The last checkpoints and records as an Atom feed, the newest first."""
    found = poll_or_404(poll)
    page = render_template(
        "ballots/board/feed.xml",
        poll=found,
        title=terms.terms(found).title,
        entries=list(map(board_words.event, published.feed(db.session, found))),
        base=request.url_root.rstrip("/"),
    )
    return _conditional(Response(page, mimetype="application/atom+xml"))


@board.get("/<poll>/bundel.zip")
@open_to(EVERYONE)
def bundle(poll: str) -> Response:
    """The poll's own files, signed: the same bytes for everybody."""
    found = poll_or_404(poll)
    if not published.is_over(found):
        abort(404)
    state = published.state(db.session, found)
    tag = _tag(state, "")
    if same := _unchanged(tag):
        return same
    packed = published.bundle_shown(db.session, vault(), found, state)
    return _conditional(
        send_file(
            io.BytesIO(packed) if isinstance(packed, bytes) else packed,
            mimetype="application/zip",
            as_attachment=True,
            download_name=_zip_name(found),
            conditional=True,
            etag=tag,
        )
    )


@board.get("/<poll>/<path:name>")
@open_to(EVERYONE)
def file(poll: str, name: str) -> Response:
    """One file of the bundle; before close only what the board shows then."""
    found = poll_or_404(poll)
    state = published.state(db.session, found)
    tag = _tag(state, name)
    if same := _unchanged(tag):
        return same
    data = published.shown(db.session, vault(), found, name, state) or abort(404)
    answer = Response(data, mimetype=TYPES.get(name.rpartition(".")[2], "application/octet-stream"))
    answer.set_etag(tag)
    return _conditional(answer)


def _tag(state: str, name: str) -> str:
    """Return the ETag of a file in this state of its poll: known before the file is made."""
    return hashlib.sha256(f"{state} {name}".encode()).hexdigest()


def _unchanged(tag: str) -> Response | None:
    """Return the answer to who has this already."""
    if not request.if_none_match.contains_weak(tag):
        return None
    answer = Response(status=304)
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = ASK
    return answer


def _conditional(answer: Response) -> Response:
    """Return an answer that is not sent again to who has it."""
    answer.headers["Cache-Control"] = ASK
    if "ETag" not in answer.headers:
        answer.add_etag()
        answer.make_conditional(request)
    return answer


def poll_or_404(text: str) -> Poll:
    try:
        id = bytes.fromhex(text)
    except ValueError:
        abort(404)
    if id.hex() != text:  # one address a poll
        abort(404)
    return db.session.get(Poll, id) or abort(404)
