"""The tables. Every key starts with the shop, so that no query can leave its tenant by accident."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which knows no zones, gets it without one and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive instants and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"'{value}' has no zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _shop() -> Column[str]:
    """First part of every tenant's key."""
    return Column("shop_id", Id, primary_key=True)


accounts = Table(
    "accounts",
    metadata,
    Column("user_id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

shops = Table(
    "shops",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("region", String(64)),
    Column("negative_stock", String(8), nullable=False),
    Column("over_limit", String(8), nullable=False),
    Column("upi_id", String(100)),
    Column("created_at", Instant, nullable=False),
    Column("staff_floor_percent", Integer, nullable=False, server_default="100"),
    Column("tax_scheme", String(16), nullable=False, server_default="regular"),
    Column("staff_refund_days", Integer, nullable=False, server_default="0"),
    Column("staff_backdate_days", Integer, nullable=False, server_default="2"),
    Column("staff_count_loss_paise", BigInteger, nullable=False, server_default="50000"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("shop_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("added_at", Instant, nullable=False),
    Index(None, "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("shop_id", Id),
    Column("device", String(200), nullable=False),
    Column("refresh_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("previous_hash", String(64)),
    Column("rotated_at", Instant),
    Index(None, "user_id"),
)

phones = Table(
    "phones",
    metadata,
    Column("phone", String(16), primary_key=True),
    Column("user_id", Id, nullable=False),
)

rate_buckets = Table(
    "rate_buckets",
    metadata,
    Column("key", String(320), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("since", Float, nullable=False),
    Column("full_at", Float, nullable=False),
    Index(None, "full_at"),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("code_id", Id, primary_key=True),
    Column("phone", String(16), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used", Boolean, nullable=False),
    Index(None, "phone", "created_at"),
)

sign_in_events = Table(
    "sign_in_events",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("device", String(100), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("new_device", Boolean, nullable=False),
    Index(None, "user_id", "event_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _shop(),
    Column("key_id", Id, primary_key=True, unique=True),
    Column("name", String(200), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked", Boolean, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", String(128), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", Text),
    Column("claimed_at", Instant, nullable=False),
    Index(None, "claimed_at"),
)

# What clients named by ids of their own; they never expire; the answer is null until the fact is entered.
facts = Table(
    "facts",
    metadata,
    _shop(),
    Column("kind", String(16), primary_key=True),
    Column("fact_id", Id, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", Text),
    Column("claimed_at", Instant, nullable=False),
)

fact_marks = Table(
    "fact_marks",
    metadata,
    _shop(),
    Column("kind", String(16), primary_key=True),
    Column("fact_id", String(96), primary_key=True),
    Column("recorded_at", Instant, nullable=False),
    Column("flags", String(200), nullable=False),
)

# The feed of changes, compacted: a thing stands once, at its newest place in the shop's sequence.
changes = Table(
    "changes",
    metadata,
    _shop(),
    Column("kind", String(16), primary_key=True),
    Column("thing_id", String(96), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("shop_id", "seq"),
    Index(None, "shop_id", "at"),
)

# The last number given in a shop's sequence, and the last one that is kept no longer.
change_heads = Table(
    "change_heads",
    metadata,
    _shop(),
    Column("seq", BigInteger, nullable=False),
    Column("floor", BigInteger, nullable=False, server_default="0"),
)

items = Table(
    "items",
    metadata,
    _shop(),
    Column("item_id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("category", String(100), nullable=False),
    Column("unit", String(8), nullable=False),
    Column("price_paise", BigInteger, nullable=False),
    Column("cost_paise", BigInteger),
    Column("mrp_paise", BigInteger),
    Column("barcode", String(14)),
    Column("hsn", String(8)),
    Column("aliases", Text, nullable=False),
    Column("pack_milli", BigInteger, nullable=False),
    Column("lead_time_days", Integer, nullable=False),
    Column("service_level", Float, nullable=False),
    Column("reorder_point_milli", BigInteger),
    Column("supplier_id", Id),
    Column("known_value", Boolean, nullable=False),
    Column("price_changed_on", Date),
    Column("on_hand_milli", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("shelf_life_days", Integer),
    Column("counted_at", Instant),
    Column("names", Text, nullable=False, server_default="{}"),
    UniqueConstraint("shop_id", "barcode"),
    Index(None, "shop_id", "category", "item_id"),
)

batches = Table(
    "batches",
    metadata,
    _shop(),
    Column("batch_id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("expires_on", Date),
    Column("mrp_paise", BigInteger),
    Column("on_hand_milli", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("counted_at", Instant),
    Index(None, "shop_id", "item_id"),
    Index(None, "shop_id", "expires_on"),
)

stock_movements = Table(
    "stock_movements",
    metadata,
    _shop(),
    Column("movement_id", String(96), primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Id, nullable=False),
    Column("reason", String(500)),
    Column("source", String(96)),
    Column("batch_id", Id),
    Column("unit_cost_paise", BigInteger),
    Index(None, "shop_id", "item_id", "movement_id"),
    Index(None, "shop_id", "source"),
)

suppliers = Table(
    "suppliers",
    metadata,
    _shop(),
    Column("supplier_id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("phone", String(20)),
    Column("lead_time_days", Integer, nullable=False),
    Column("visit_weekdays", String(20), nullable=False),
    Column("minimum_order_paise", BigInteger, nullable=False),
    Column("credit_days", Integer, nullable=False),
    Column("order_days_before", Integer, nullable=False, server_default="1"),
    Column("order_by", Time, nullable=False, server_default="18:00:00"),
    Column("on_holiday", String(8), nullable=False, server_default="skipped"),
    Column("closed_on", Text, nullable=False, server_default="[]"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("invitation_id", Id, primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("address", String(254), nullable=False),
    Column("role", String(16), nullable=False),
    Column("invited_by", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Index(None, "address", "state"),
    Index(None, "shop_id", "state"),
)

orders = Table(
    "purchase_orders",
    metadata,
    _shop(),
    Column("order_id", Id, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("supplier_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("expected_on", Date),
    Column("note", String(500), nullable=False),
    Column("placed_at", Instant),
    Column("closed_at", Instant),
    Column("reason", String(500), nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "shop_id", "state", "supplier_id"),
)

order_lines = Table(
    "purchase_order_lines",
    metadata,
    _shop(),
    Column("order_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("item_id", Id, nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("unit_cost_paise", BigInteger),
    Column("received_milli", BigInteger, nullable=False),
    Column("received_cost_paise", BigInteger, nullable=False),
)

sales_transactions = Table(
    "sales_transactions",
    metadata,
    _shop(),
    Column("sale_id", Id, primary_key=True),
    Column("sold_at", Instant, nullable=False),
    Column("sold_on", Date, nullable=False),
    Column("total_paise", BigInteger, nullable=False),
    Column("payment", String(8), nullable=False),
    Column("customer_id", Id),
    Column("actor", Id, nullable=False),
    Column("returns", Id),
    Column("import_id", Id),
    Column("recorded_at", Instant, nullable=False),
    # What was paid in which way, of a bill paid in parts; else null.
    Column("cash_paise", BigInteger),
    Column("upi_paise", BigInteger),
    Column("card_paise", BigInteger),
    Column("udhaar_paise", BigInteger),
    Column("discount_paise", BigInteger, nullable=False, server_default="0"),
    Column("bill_number", String(16)),
    Column("state", String(16), nullable=False, server_default="posted"),
    Column("entry_id", Id),
    Column("reason", String(500)),
    UniqueConstraint("shop_id", "bill_number"),
    Index(None, "shop_id", "entry_id"),
    Index(None, "shop_id", "sold_on"),
    Index(None, "shop_id", "recorded_at", "sale_id"),
    Index(None, "shop_id", "returns"),
    Index(None, "shop_id", "import_id"),
)

sales_items = Table(
    "sales_items",
    metadata,
    _shop(),
    Column("sale_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("item_id", Id, nullable=False),
    Column("sold_on", Date, nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("unit_price_paise", BigInteger, nullable=False),
    Column("discount_paise", BigInteger, nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    Column("unit", String(32)),
    Column("unit_milli", BigInteger, nullable=False, server_default="1000"),
    Index(None, "shop_id", "item_id", "sold_on"),
)

# The last number given in a series of a financial year.
bill_numbers = Table(
    "bill_numbers",
    metadata,
    _shop(),
    Column("series", String(16), primary_key=True),
    Column("year", String(7), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

cash_closings = Table(
    "cash_closings",
    metadata,
    _shop(),
    Column("closing_id", Id, primary_key=True),
    Column("on", Date, nullable=False),
    Column("opening_paise", BigInteger, nullable=False),
    Column("expected_paise", BigInteger, nullable=False),
    Column("counted_paise", BigInteger, nullable=False),
    Column("actor", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", String(500), nullable=False),
    Index(None, "shop_id", "on", "closing_id"),
)

customers = Table(
    "customers",
    metadata,
    _shop(),
    Column("customer_id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("phone", String(20)),
    Column("limit_paise", BigInteger),
    Column("credit_days", Integer, nullable=False),
    Column("balance_paise", BigInteger, nullable=False),
    Column("oldest_due_on", Date),
    Column("reminders", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("entry_count", Integer, nullable=False, server_default="0"),
    Column("head_hash", String(64)),
    Index(None, "shop_id", "oldest_due_on", "customer_id"),
)

udhaar_entries = Table(
    "udhaar_entries",
    metadata,
    _shop(),
    Column("entry_id", Id, primary_key=True),
    Column("customer_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("amount_paise", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_on", Date),
    Column("reverses", Id),
    Column("reason", String(500), nullable=False),
    Column("actor", Id, nullable=False),
    Column("note", String(500), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("entry_hash", String(64), nullable=False),
    UniqueConstraint("shop_id", "reverses"),
    UniqueConstraint("shop_id", "customer_id", "sequence"),
    Index(None, "shop_id", "customer_id", "entry_id"),
    Index(None, "shop_id", "customer_id", "at"),
)

customer_events = Table(
    "customer_events",
    metadata,
    _shop(),
    Column("event_id", Id, primary_key=True),
    Column("customer_id", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("amount_paise", BigInteger),
    Column("start_on", Date),
    Column("until_on", Date),
    Column("about", Id),
    Column("closes", Id),
    Column("text", String(500), nullable=False),
    Column("actor", Id, nullable=False),
    UniqueConstraint("shop_id", "closes"),
    Index(None, "shop_id", "customer_id", "event_id"),
)

forecasts = Table(
    "forecasts",
    metadata,
    _shop(),
    Column("forecast_id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("model_version", String(200), nullable=False),
    Column("forecast", Text, nullable=False),
    Column("data_hash", String(64)),
    # Day, horizon and item in the row kept first for them, else null: the database holds that there is one.
    Column("first_key", String(96)),
    UniqueConstraint("shop_id", "first_key"),
    Index(None, "shop_id", "item_id", "forecast_id"),
)

pricing_recommendations = Table(
    "pricing_recommendations",
    metadata,
    _shop(),
    Column("advice_id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("model_version", String(200), nullable=False),
    Column("price_before_paise", BigInteger, nullable=False),
    Column("advice", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Index(None, "shop_id", "item_id"),
)

price_changes = Table(
    "price_changes",
    metadata,
    _shop(),
    Column("change_id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("on", Date, nullable=False),
    Column("before_paise", BigInteger, nullable=False),
    Column("after_paise", BigInteger, nullable=False),
    Column("actor", Id, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("advice_id", Id),
    Column("rolls_back", Id),
    UniqueConstraint("shop_id", "rolls_back"),
    Index(None, "shop_id", "item_id", "change_id"),
)

planned_prices = Table(
    "planned_prices",
    metadata,
    _shop(),
    Column("plan_id", Id, primary_key=True),
    Column("item_id", Id, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("price_paise", BigInteger, nullable=False),
    Column("price_before_paise", BigInteger, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("actor", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("advice_id", Id),
    Column("status", String(16), nullable=False),
    Column("settled_at", Instant),
    Column("change_id", Id),
    Column("outcome", String(500), nullable=False),
    # Item and day while it waits, else null: the database holds that there is one.
    Column("open_key", String(96)),
    UniqueConstraint("shop_id", "open_key"),
    Index(None, "shop_id", "item_id", "from_on"),
    Index(None, "status", "from_on"),
)

ocr_logs = Table(
    "ocr_logs",
    metadata,
    _shop(),
    Column("bill_id", Id, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("blob_key", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("draft", Text),
    Column("duplicate_key", String(500)),
    Column("actor", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    UniqueConstraint("shop_id", "sha256"),
    Index(None, "shop_id", "duplicate_key"),
)

learned_names = Table(
    "learned_names",
    metadata,
    _shop(),
    Column("alias", String(200), primary_key=True),
    Column("item_id", Id, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    _shop(),
    Column("import_id", Id, primary_key=True),
    Column("blob_key", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("bad_rows", Integer, nullable=False),
    Column("actor", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    _shop(),
    Column("alert_id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("subject_name", String(200), nullable=False),
    Column("stake_paise", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("snoozed_until", Instant),
    # Kind and subject while the alert is active, else null: the database holds "one at a time".
    Column("active_key", String(96)),
    UniqueConstraint("shop_id", "active_key"),
    Index(None, "shop_id", "changed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("key", String(200), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Instant),
    UniqueConstraint("shop_id", "key"),
    Index(None, "sent_at", "not_before"),
)

jobs = Table(
    "jobs",
    metadata,
    _shop(),
    Column("job_id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("total", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("cursor", Id),
    Column("version", Integer, nullable=False),
    Column("actor", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Index(None, "status", "changed_at"),
)

approvals = Table(
    "approvals",
    metadata,
    _shop(),
    Column("approval_id", Id, primary_key=True),
    Column("actions", String(100), nullable=False),
    Column("why", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("status", String(16), nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("used_at", Instant),
    Column("note", String(500), nullable=False),
    Index(None, "shop_id", "status", "approval_id"),
)

recommendation_choices = Table(
    "recommendation_choices",
    metadata,
    _shop(),
    Column("key", String(96), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("choice", String(16), nullable=False),
    Column("stake_paise", BigInteger, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("actor", Id, nullable=False),
    Index(None, "shop_id", "at"),
)

schema_revisions = Table(
    "schema_revisions",
    metadata,
    Column("revision", Id, primary_key=True),
    Column("sha256", String(64), nullable=False),
)
