"""From an award to money: granted, printed and redeemed, each once, and never past the line."""

import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from ballots.refusals import Refusal
from consult import prints, vouchers
from consult.lifecycle import Verdict
from consult.models import Initiative, Voucher
from consult.refusals import (
    AboveConsulted,
    AlreadyGranted,
    AlreadyRedeemed,
    AmountWrong,
    FieldMissing,
    GrantAboveAward,
    NeedsConsultation,
    NotAwarded,
)
from tests.consult.conftest import ACTOR, KEY, Place

pytestmark = pytest.mark.both

HERE = Path(__file__).parents[2]
WON = {"voor": 7, "tegen": 3}


def by_hand(place: Place, plan: Initiative, amount: int) -> None:
    """Insert a grant past every verb."""
    place.execute(
        'INSERT INTO "grant" (initiative_id, amount, granted_on, reference) VALUES (:id, :amount, :day, :ref)',
        id=plan.id,
        amount=amount,
        day=place.today.isoformat(),
        ref="Z-0",
    )


# Granting


def test_granted_issued_redeemed(place: Place) -> None:
    plan = place.plan(24_500_00)
    place.held(plan, WON)
    place.award(plan, 24_500_00)
    place.grant(plan, 20_000_00)
    voucher = place.issue(plan)
    assert (voucher.amount, voucher.number, voucher.redeemed_at) == (20_000_00, "2026-0001", None)
    assert place.issue(plan) is voucher
    place.redeem(voucher)
    assert voucher.redeemed_at == place.now
    assert place.actions(plan)[-4:] == ["decide: award", "grant", "issue voucher", "redeem voucher"]


def test_no_grant_without_an_award(place: Place) -> None:
    plan = place.plan(5_000_00)
    for verdict in (None, Verdict.DEFER, Verdict.REJECT):
        if verdict:
            place.decide(plan, verdict, reasons="Nee.")
        with pytest.raises(NotAwarded):
            place.grant(plan, 1)
        with pytest.raises(NotAwarded):
            place.issue(plan)
    assert plan.grant is None


def test_a_grant_is_at_most_the_award_and_has_a_reference(place: Place) -> None:
    plan = place.plan(5_000_00)
    place.award(plan, 4_000_00)
    before = place.dump()
    with pytest.raises(GrantAboveAward):
        place.grant(plan, 4_000_01)
    for amount in (0, -5):
        with pytest.raises(AmountWrong):
            place.grant(plan, amount)
    with pytest.raises(FieldMissing, match="kenmerk"):
        vouchers.grant(place.session, plan, 4_000_00, place.today, " ", ACTOR, place.now)
    assert place.dump() == before
    place.grant(plan, 4_000_00)
    with pytest.raises(AlreadyGranted):
        place.grant(plan, 4_000_00)


# The line again, at every door, also when somebody wrote in the database


@pytest.mark.parametrize("amount", [10_000_01, 24_500_00])
def test_an_award_written_by_hand_is_not_granted(place: Place, amount: int) -> None:
    plan = place.plan(9_999_99)
    place.award(plan, 9_999_99)
    place.force("UPDATE decision SET amount = :amount", amount=amount)
    for asked in (amount, 1):
        with pytest.raises(NeedsConsultation):
            place.grant(plan, asked)
    assert plan.grant is None


@pytest.mark.parametrize(("asked", "amount"), [(9_999_99, 10_000_01), (10_000_01, 1), (24_500_00, 24_500_00)])
def test_a_grant_written_by_hand_gives_no_voucher(place: Place, asked: int, amount: int) -> None:
    plan = place.plan(asked)
    by_hand(place, plan, amount)
    before = place.dump()
    with pytest.raises(NeedsConsultation):
        place.issue(plan)
    assert place.dump() == before


@pytest.mark.parametrize(("asked", "amount"), [(9_999_99, 10_000_01), (10_000_01, 1), (24_500_00, 24_500_00)])
def test_a_voucher_written_by_hand_is_not_paid_out(place: Place, asked: int, amount: int) -> None:
    plan = place.plan(asked)
    by_hand(place, plan, amount)
    place.execute(
        "INSERT INTO voucher (grant_id, number, amount, issued_at) VALUES (1, 'X-1', :amount, :at)",
        amount=amount,
        at=place.now.isoformat(" ").removesuffix("+00:00"),
    )
    voucher = place.session.query(Voucher).one()
    with pytest.raises(NeedsConsultation):
        place.redeem(voucher)
    place.look()
    assert voucher.redeemed_at is None


def test_a_voucher_raised_by_hand_is_not_paid_out(place: Place) -> None:
    small, large = place.plan(9_000_00), place.plan(24_500_00)
    place.held(large, WON)
    for plan in (small, large):
        place.award(plan, plan.asked)
        place.grant(plan, plan.asked)
    first, second = place.issue(small), place.issue(large)
    place.force("UPDATE voucher SET amount = 3000000")
    with pytest.raises(NeedsConsultation):
        place.redeem(first)
    with pytest.raises(AboveConsulted):
        place.redeem(second)


def test_a_line_that_was_lowered_after_the_award_holds(place: Place) -> None:
    plan = place.plan(9_000_00)
    place.award(plan, 9_000_00)
    place.execute('UPDATE town SET "limit" = 500000')
    with pytest.raises(NeedsConsultation):
        place.grant(plan, 9_000_00)


# Once


def ready(place: Place) -> Voucher:
    plan = place.plan(9_000_00)
    place.award(plan, 9_000_00)
    place.grant(plan, 9_000_00)
    return place.issue(plan)


def test_redeemed_once(place: Place) -> None:
    voucher = ready(place)
    place.redeem(voucher)
    when = voucher.redeemed_at
    before = place.dump()
    place.later(days=1)
    with pytest.raises(AlreadyRedeemed, match=voucher.number):
        place.redeem(voucher)
    assert place.dump() == before
    assert voucher.redeemed_at == when


def test_eight_desks_at_once_redeem_once(place: Place) -> None:
    id = ready(place).id
    place.look()
    start = threading.Barrier(8)
    ended: list[str] = []

    def redeem() -> None:
        with Session(place.engine) as session:
            voucher = session.get_one(Voucher, id)  # seen as not redeemed yet
            start.wait()
            try:
                vouchers.redeem(session, voucher, ACTOR, place.now)
                ended.append("paid")
            except AlreadyRedeemed:
                ended.append("refused")

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(ended) == ["paid"] + ["refused"] * 7
    assert sum("redeem voucher" in row for row in place.dump()["journal"]) == 1


REDEEM = """
import sys
from datetime import UTC, datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from ballots.database import prepare
from consult import vouchers
from consult.models import Voucher
from consult.refusals import AlreadyRedeemed
engine = create_engine(sys.argv[1])
prepare(engine)
with Session(engine) as session:
    voucher = session.get_one(Voucher, int(sys.argv[2]))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        vouchers.redeem(session, voucher, "gemeente: Samira", datetime.now(UTC))
        print("paid")
    except AlreadyRedeemed:
        print("refused")
"""


def test_two_processes_at_once_redeem_once(place: Place) -> None:
    id = ready(place).id
    place.look()
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", REDEEM, str(place.engine.url), str(id)]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    desks = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=HERE)
        for _ in range(2)
    ]
    for each in desks:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in desks:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    assert sorted(each.communicate()[0] for each in desks) == ["paid\n", "refused\n"]


def test_two_offices_at_once_grant_and_issue_once(place: Place) -> None:
    plan = place.plan(9_000_00)
    place.award(plan, 9_000_00)
    id = plan.id
    place.look()
    start = threading.Barrier(4)
    refused: list[type[Refusal]] = []

    def both() -> None:
        with Session(place.engine) as session:
            mine = session.get_one(Initiative, id)
            assert mine.grant is None
            start.wait()
            try:
                vouchers.grant(session, mine, 9_000_00, date(2026, 6, 1), "Z-1", ACTOR, place.now)
            except Refusal as refusal:
                refused.append(type(refusal))
            vouchers.issue(session, mine, ACTOR, place.now)

    threads = [threading.Thread(target=both) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert refused == [AlreadyGranted] * 3
    assert place.actions(plan)[-2:] == ["grant", "issue voucher"]
    assert len(place.dump()["voucher"]) == 1


# The signed token


def test_a_token_is_read_back_and_nothing_else_is(place: Place) -> None:
    voucher = ready(place)
    token = vouchers.token(KEY, voucher)
    assert vouchers.read(place.session, KEY, token) is voucher
    forged = [
        token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:],
        token.replace(".", "", 1),
        "",
        ".",
        "a.b",
        "\u20ac",
        voucher.number,
        vouchers.token("another key", voucher),
        str(URLSafeSerializer(KEY).dumps(voucher.number)),
        str(URLSafeSerializer(KEY, salt="receipt").dumps(voucher.number)),
        str(URLSafeTimedSerializer(KEY, salt="voucher").dumps(voucher.number)),
        str(URLSafeSerializer(KEY, salt="voucher").dumps("2026-9999")),
    ]
    for each in forged:
        assert vouchers.read(place.session, KEY, each) is None, each


# On paper


def test_the_printed_qr_code_opens_the_public_page_of_the_voucher(place: Place) -> None:
    voucher = ready(place)
    with place.app.app_context(), place.app.test_request_context():
        pdf = prints.voucher(voucher, vouchers.token(KEY, voucher))
        again = prints.voucher(voucher, vouchers.token(KEY, voucher))
    assert pdf == again
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    words = " ".join(document[0].get_textpage().get_text_range().split())
    for shown in ("Noor van Houten", "€ 9.000", voucher.number, "Z-2026-77", "zes weken"):
        assert shown in words
    bitmap = document[0].render(scale=3, grayscale=True)
    (code,) = zxingcpp.read_barcodes(
        memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    )
    bitmap.close()
    document.close()
    site = voucher.grant.initiative.wijk.town.base_url
    assert code.text.startswith(f"{site}/voucher/")
    client = place.app.test_client()
    page = client.get(code.text.removeprefix(site))
    assert page.status_code == 200
    assert f"Voucher {voucher.number} is echt" in page.text
    assert "geldig" in page.text
    assert "Set-Cookie" not in page.headers
    place.redeem(voucher)
    assert "al verzilverd" in client.get(code.text.removeprefix(site)).text
