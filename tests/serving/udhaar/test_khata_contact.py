"""Around the khata: promises, pauses, disputes, reminders, the recovery queue, settlements, signed statements."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from samaan.cli import menu
from samaan_ml.domain.khata import KhataError, verify_statement
from samaan_ml.domain.reminder_texts import read_upi_link
from samaan_ml.domain.reminders import local_window

KHATA = "/udhaar/customers/ramesh"
NOON = datetime(2026, 3, 12, 6, 30, tzinfo=UTC)


@pytest.fixture
def debtor(api: Any, clock: Any) -> Iterator[Any]:
    """A shop whose one customer owes 500 rupees since long, at noon in India; the clock goes back afterwards."""
    before, clock.instant = clock.instant, NOON
    shop = api.sign_up(upi_id="meena@okbank")
    shop.add_customer(reminders=True, phone="9812345678")
    shop.post(f"{KHATA}/credits", {"amount_paise": 50_000, "at": "2026-01-01T06:00:00Z"})
    yield shop
    clock.instant = before


def test_a_promise_is_open_until_its_day_is_over_and_then_broken(debtor: Any, clock: Any, api: Any) -> None:
    said = debtor.post(f"{KHATA}/promises", {"amount_paise": 30_000, "pay_by": "2026-03-14"})
    assert (said["outcome"], said["pay_by"]) == ("open", "2026-03-14")
    debtor.post(f"{KHATA}/payments", {"amount_paise": 10_000})
    assert debtor.get(f"{KHATA}/promises")["open"] == 1
    clock.instant = datetime(2026, 3, 14, 18, 29, tzinfo=UTC)  # one minute before midnight in India
    debtor = api.sign_in_again(debtor)
    assert debtor.get(f"{KHATA}/promises")["rows"][0]["outcome"] == "open"
    clock.instant = datetime(2026, 3, 14, 18, 31, tzinfo=UTC)
    assert debtor.get(f"{KHATA}/promises")["broken"] == 1
    assert debtor.get("/udhaar/recovery")["rows"][0]["broken_promises"] == 1


def test_a_promise_that_is_paid_is_kept_and_the_model_is_told(debtor: Any, predictor: Any) -> None:
    debtor.post(f"{KHATA}/promises", {"amount_paise": 30_000, "pay_by": "2026-03-14"})
    taken_back = debtor.post(f"{KHATA}/promises", {"amount_paise": 10_000, "pay_by": "2026-03-13"})
    debtor.post(f"/udhaar/events/{taken_back['promise_id']}/closing", {"outcome": "misheard"})
    debtor.post(f"{KHATA}/payments", {"amount_paise": 30_000})
    card = debtor.get(f"{KHATA}/promises")
    assert [row["outcome"] for row in card["rows"]] == ["kept", "withdrawn"]
    debtor.get(f"{KHATA}/risk")
    asked = predictor.asked[-1]
    assert [(each.amount_paise, str(each.pay_by)) for each in asked.promises] == [(30_000, "2026-03-14")]
    assert asked.what_if
    debtor.get(f"{KHATA}/risk?what_if=false")
    assert not predictor.asked[-1].what_if


def test_a_promise_beyond_the_due_or_the_calendar_names_its_field(debtor: Any) -> None:
    path = f"{KHATA}/promises"
    assert debtor.post(path, {"amount_paise": 50_001, "pay_by": "2026-03-14"}, 422)["field"] == "amount_paise"
    assert debtor.post(path, {"amount_paise": 1, "pay_by": "2026-03-11"}, 422)["field"] == "pay_by"
    assert debtor.post(path, {"amount_paise": 1, "pay_by": "soon"}, 422)["field"] == "pay_by"
    assert debtor.post("/udhaar/customers/nobody/promises", {"amount_paise": 1, "pay_by": "2026-03-14"}, 404)


def test_a_reminder_has_the_exact_amount_in_text_and_link_in_each_language(debtor: Any) -> None:
    for language in ("en", "hi", "mr", "ta", "bn"):
        card = debtor.get(f"{KHATA}/reminder?language={language}")
        assert "500" in card["text"]
        assert card["upi_link"] in card["text"]
        link = read_upi_link(card["upi_link"])
        assert (link.amount_paise, link.payee_address, link.reference) == (
            50_000,
            "meena@okbank",
            "260312-ramesh",
        )
        assert parse_qs(urlsplit(card["whatsapp_link"]).query)["text"] == [card["text"]]
    assert debtor.get(f"{KHATA}/reminder?language=fr", 422)["field"] == "language"


def test_reminders_keep_the_window_the_gap_the_week_and_the_pause(debtor: Any, clock: Any, api: Any) -> None:
    body = {"language": "hi", "channel": "sms"}
    sent = debtor.post(f"{KHATA}/reminders", body)
    assert (sent["event"]["kind"], sent["event"]["text"], sent["event"]["amount_paise"]) == (
        "reminder",
        "sms",
        50_000,
    )
    clock.instant = NOON + timedelta(days=1)
    debtor = api.sign_in_again(debtor)
    again = debtor.post(f"{KHATA}/reminders", body, 409)
    assert "2026-03-15T02:30:00+00:00" in again["hint"]
    clock.instant = NOON + timedelta(days=3, hours=8)  # half past eight in the evening
    debtor = api.sign_in_again(debtor)
    assert debtor.post(f"{KHATA}/reminders", body, 409)["code"] == "conflict"
    pause = {"start_on": "2026-03-16", "end_on": "2026-03-20", "reason": "a death in the family"}
    event = debtor.post(f"{KHATA}/pauses", pause)
    card = debtor.get(f"{KHATA}/reminder")
    assert card["send_at"] == "2026-03-21T02:30:00Z"
    debtor.post(f"/udhaar/events/{event['event_id']}/closing", {"outcome": "they asked to go on"})
    assert debtor.get(f"{KHATA}/reminder")["send_at"] == "2026-03-16T02:30:00Z"
    assert local_window(datetime.fromisoformat(debtor.get("/udhaar/recovery")["rows"][0]["send_at"]))
    debtor.call("PATCH", KHATA, {"reminders": False})
    assert debtor.get(f"{KHATA}/reminder", 409)["hint"].startswith("ask")
    assert debtor.get("/udhaar/recovery")["rows"][0]["refused"] == "opted_out"


def test_a_pause_that_ends_before_it_starts_is_refused(debtor: Any) -> None:
    body = {"start_on": "2026-03-16", "end_on": "2026-03-15", "reason": "festival"}
    assert debtor.post(f"{KHATA}/pauses", body, 422)["field"] == "end_on"


def test_a_disputed_entry_is_talked_about_and_settled_once(debtor: Any) -> None:
    entry = debtor.get(f"{KHATA}/entries")["rows"][0]["entry_id"]
    dispute = debtor.post(f"/udhaar/entries/{entry}/disputes", {"reason": "it was one bag"})
    assert (
        debtor.post(f"/udhaar/entries/{entry}/disputes", {"reason": "it was one bag"}, 409)["field"]
        == "entry_id"
    )
    queued = debtor.get("/udhaar/recovery")["rows"][0]
    assert (queued["action"], queued["why"]) == ("talk", "disputed")
    closing = debtor.post(f"/udhaar/events/{dispute['event_id']}/closing", {"outcome": "looked at together"})
    assert debtor.post(f"/udhaar/events/{dispute['event_id']}/closing", {"outcome": "again"}, 409)
    assert debtor.post(f"/udhaar/events/{closing['event_id']}/closing", {"outcome": "again"}, 409)
    assert debtor.get("/udhaar/recovery")["rows"][0]["why"] != "disputed"
    rows = debtor.get(f"{KHATA}/events")["rows"]
    assert [(row["kind"], row["closed"]) for row in rows] == [("dispute", True), ("closing", False)]
    assert debtor.post("/udhaar/entries/nothing/disputes", {"reason": "not there"}, 404)
    assert debtor.post("/udhaar/events/nothing/closing", {"outcome": "not there"}, 404)


def test_the_queue_puts_worth_before_size_and_waits_for_promises(debtor: Any, predictor: Any) -> None:
    for name, amount in (("large", 900_000), ("small", 40_000)):
        debtor.add_customer(name, reminders=True)
        debtor.post(
            f"/udhaar/customers/{name}/credits", {"amount_paise": amount, "at": "2026-01-01T06:00:00Z"}
        )
    debtor.post("/udhaar/customers/large/promises", {"amount_paise": 900_000, "pay_by": "2026-03-20"})
    queue = debtor.get("/udhaar/recovery")
    assert (queue["overdue_customers"], queue["degraded"], queue["model_version"]) == (3, False, "stand-in-1")
    assert [(row["customer_id"], row["action"]) for row in queue["rows"]] == [
        ("ramesh", "remind"),
        ("small", "remind"),
        ("large", "wait"),
    ]
    first = queue["rows"][0]
    assert first["gain_paise"] == first["recovered_paise"] - first["goodwill_paise"] == 8_750
    assert len(debtor.get("/udhaar/recovery?limit=1")["rows"]) == 1
    predictor.up = False
    try:
        degraded = debtor.get("/udhaar/recovery")
    finally:
        predictor.up = True
    assert degraded["degraded"]
    assert [row["customer_id"] for row in degraded["rows"]] == ["ramesh", "small", "large"]
    assert degraded["rows"][0]["gain_paise"] is None


def test_a_settlement_is_a_payment_and_a_write_off_or_neither(
    debtor: Any, sign_up: Callable[..., Any]
) -> None:
    body = {"paid_paise": 30_000, "reason": "agreed on three fifths"}
    assert sign_up("staff", of=debtor).post(f"{KHATA}/settlement", body, 403)
    assert debtor.post(f"{KHATA}/settlement", body | {"paid_paise": 50_000}, 422)["field"] == "paid_paise"
    assert len(debtor.get(f"{KHATA}/entries")["rows"]) == 1
    done = debtor.post(f"{KHATA}/settlement", body, key="settle-1")
    assert (done["payment"]["amount_paise"], done["write_off"]["amount_paise"], done["balance_paise"]) == (
        30_000,
        20_000,
        0,
    )
    assert debtor.post(f"{KHATA}/settlement", body, key="settle-1") == done
    assert len(debtor.get(f"{KHATA}/entries")["rows"]) == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{KHATA}/promises", {"amount_paise": 30_000, "pay_by": "2026-03-14"}),
        (f"{KHATA}/pauses", {"start_on": "2026-03-16", "end_on": "2026-03-17", "reason": "festival"}),
        (f"{KHATA}/reminders", {"channel": "call"}),
    ],
)
def test_a_repeat_is_answered_and_not_done_again(debtor: Any, path: str, body: Any) -> None:
    first = debtor.call("POST", path, body, key="same")
    again = debtor.call("POST", path, body, key="same")
    assert (first.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (
        201,
        first.json(),
        "true",
    )
    assert len(debtor.get(f"{KHATA}/events")["rows"]) == 1


def _keys(client: Any) -> dict[str, bytes]:
    """Read the published keys as a customer does: without a token."""
    rows = client.get("/v1/udhaar/khata-keys").json()["keys"]
    return {row["key_id"]: base64.urlsafe_b64decode(row["public_key"] + "==") for row in rows}


def test_a_statement_is_checked_offline_and_by_the_command(debtor: Any, client: Any, tmp_path: Path) -> None:
    debtor.post(f"{KHATA}/payments", {"amount_paise": 20_000, "note": "cash"})
    signed = debtor.get(f"{KHATA}/khata")
    held = verify_statement(signed["statement"], _keys(client))
    assert (held.closing_paise, held.head_hash, len(held.entries)) == (30_000, signed["head_hash"], 2)
    assert signed["fits_qr"]
    (tmp_path / "keys.json").write_text(client.get("/v1/udhaar/khata-keys").text)
    (tmp_path / "khata.txt").write_text(signed["statement"] + "\n")
    checked = CliRunner().invoke(
        menu, ["khata", "verify", str(tmp_path / "khata.txt"), "--keys", str(tmp_path / "keys.json")]
    )
    assert checked.exit_code == 0, checked.output
    assert "balance: Rs 300" in checked.output
    middle = len(signed["statement"]) // 2
    letter = "A" if signed["statement"][middle] != "A" else "B"
    forged = signed["statement"][:middle] + letter + signed["statement"][middle + 1 :]
    with pytest.raises(KhataError):
        verify_statement(forged, _keys(client))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{"key_id": 1}]}))
    wrong = CliRunner().invoke(
        menu, ["khata", "verify", str(tmp_path / "khata.txt"), "--keys", str(tmp_path / "keys.json")]
    )
    assert "holds no keys" in str(wrong.exception)


def test_a_long_khata_shows_in_a_qr_code_what_fits_and_chains_the_rest(debtor: Any, client: Any) -> None:
    for number in range(60):
        debtor.post(
            f"{KHATA}/credits", {"amount_paise": 1_000 + number, "note": f"bill number {number * 7919}"}
        )
    signed = debtor.get(f"{KHATA}/khata")
    held = verify_statement(signed["statement"], _keys(client))
    assert signed["fits_qr"]
    assert 5 < signed["shown"] == len(held.entries) < 61
    assert held.first_sequence == 61 - signed["shown"] + 1
    assert held.closing_paise == signed["closing_paise"] == debtor.get(KHATA)["balance_paise"]
    whole = debtor.get(f"{KHATA}/khata?last=500")
    assert (whole["shown"], whole["fits_qr"]) == (61, False)


def test_an_altered_book_is_not_signed_and_differs_from_the_statement_held(debtor: Any, wiring: Any) -> None:
    entry = debtor.post(f"{KHATA}/credits", {"amount_paise": 1_000})["entry"]["entry_id"]
    statement = debtor.get(f"{KHATA}/khata")["statement"]
    debtor.post(f"{KHATA}/payments", {"amount_paise": 500})
    body = {"statement": statement}
    same = debtor.post(f"{KHATA}/khata/comparison", body, 200)
    assert (same["differences"], same["later_entries"]) == ([], 1)
    with wiring.database.writing() as db:
        change = "UPDATE udhaar_entries SET amount_paise = 9000 WHERE shop_id = :shop AND entry_id = :entry"
        db.execute(sa.text(change), {"shop": debtor.shop_id, "entry": entry})
    assert "altered" in debtor.get(f"{KHATA}/khata", 409)["detail"]
    [found] = debtor.post(f"{KHATA}/khata/comparison", body, 200)["differences"]
    assert entry in found
    assert "amount_paise" in found


def test_a_statement_of_another_khata_or_no_statement_is_refused(debtor: Any, other: Any) -> None:
    statement = debtor.get(f"{KHATA}/khata")["statement"]
    other.add_customer()
    assert other.post(f"{KHATA}/khata/comparison", {"statement": statement}, 404)
    assert other.get(f"{KHATA}/khata", 409)["field"] == "customer_id"
    assert debtor.post(f"{KHATA}/khata/comparison", {"statement": "hello"}, 422)["field"] == "statement"


def test_the_shops_exposure_tells_what_is_expected_to_come_in(debtor: Any) -> None:
    shop, khata = debtor, "/udhaar/customers/sita"
    shop.post(f"{KHATA}/payments", {"amount_paise": 50_000, "at": "2026-01-02T06:00:00Z"})
    shop.add_customer("sita")
    for week in range(30):
        at = NOON - timedelta(days=7 * (30 - week))
        shop.post(f"{khata}/credits", {"amount_paise": 10_000, "at": at.isoformat()})
        if week >= 2:
            shop.post(
                f"{KHATA}/payments", {"amount_paise": 10_000, "at": (at + timedelta(days=1)).isoformat()}
            )
    inflow = shop.get("/udhaar/exposure")["inflow"]
    assert inflow["windows"] > 9
    assert inflow["lower_paise"] <= inflow["expected_paise"] <= inflow["upper_paise"] <= 20_000
    assert inflow["coverage"] == 0.8


def test_the_risk_model_is_told_the_promises_that_stand(shop: Any, api: Any, predictor: Any) -> None:
    shop.add_customer()
    shop.post("/udhaar/customers/ramesh/credits", {"amount_paise": 50_000})
    pay_by = str(api.clock.instant.date())
    body = {"amount_paise": 20_000, "pay_by": pay_by}
    shop.post("/udhaar/customers/ramesh/promises", body)
    gone = shop.post("/udhaar/customers/ramesh/promises", body | {"amount_paise": 1})
    shop.post(f"/udhaar/events/{gone['promise_id']}/closing", {"outcome": "a mistake"})
    shop.get("/udhaar/customers/ramesh/risk")
    (said,) = predictor.asked[-1].promises
    assert (said.customer_id, said.amount_paise, str(said.pay_by)) == ("ramesh", 20_000, pay_by)
