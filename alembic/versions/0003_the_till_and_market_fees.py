"""Tills with their sales, events and closed days; fees that markets ask of traders, and the accounts they go to.

Hand-written at the end: what is appended and never changed, sums that hold, one bill a stall and month.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("till_event", "till_day", "till_correction")
CHECKS = (
    (
        "till_sale",
        "sums",
        "amount_dong > 0 AND received_dong >= 0 AND extra_dong >= 0 AND noted_dong BETWEEN 0 AND amount_dong"
        " AND said_dong BETWEEN 0 AND received_dong",
    ),
    ("till_line", "sum", "quantity > 0 AND sum_dong = price_dong * quantity"),
    (
        "market_fee",
        "total",
        "total_dong > 0 AND total_dong = stall_dong + power_dong + cleaning_dong"
        " AND least(stall_dong, power_dong, cleaning_dong) >= 0",
    ),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "market_fee",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("stall", sa.VARCHAR(length=20), nullable=False),
        sa.Column("month", sa.DATE(), nullable=False),
        sa.Column("stall_dong", sa.BIGINT(), nullable=False),
        sa.Column("power_dong", sa.BIGINT(), nullable=False),
        sa.Column("cleaning_dong", sa.BIGINT(), nullable=False),
        sa.Column("total_dong", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=8), nullable=False),
        sa.Column("received_dong", sa.BIGINT(), nullable=False),
        sa.Column("extra_dong", sa.BIGINT(), nullable=False),
        sa.Column("due_on", sa.DATE(), nullable=False),
        sa.Column("billed_by", sa.BIGINT(), nullable=False),
        sa.Column("billed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paid_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("voided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("voided_because", sa.VARCHAR(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="market_fee_pkey"),
    )
    op.create_index("idx_market_fee_market__335ac6", "market_fee", ["market_id", "month"], unique=False)
    op.create_index("idx_market_fee_market__e19d28", "market_fee", ["market_id", "state"], unique=False)
    op.create_index("idx_market_fee_vendor__3456a6", "market_fee", ["vendor_id", "month"], unique=False)
    op.create_table(
        "till",
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("seq", sa.BIGINT(), nullable=False),
        sa.PrimaryKeyConstraint("vendor_id", name="till_pkey"),
    )
    op.create_table(
        "till_day",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("day", sa.DATE(), nullable=False),
        sa.Column("float_dong", sa.BIGINT(), nullable=False),
        sa.Column("counted_dong", sa.BIGINT(), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cash_dong", sa.BIGINT(), nullable=False),
        sa.Column("seen_dong", sa.BIGINT(), nullable=False),
        sa.Column("plate_dong", sa.BIGINT(), nullable=False),
        sa.Column("said_dong", sa.BIGINT(), nullable=False),
        sa.Column("open_dong", sa.BIGINT(), nullable=False),
        sa.Column("sales", sa.INTEGER(), nullable=False),
        sa.Column("difference_dong", sa.BIGINT(), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("closed_by", sa.BIGINT(), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="till_day_pkey"),
        sa.UniqueConstraint("vendor_id", "day", name="uid_till_day_vendor__3feafd"),
    )
    op.create_table(
        "till_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("seq", sa.BIGINT(), nullable=False),
        sa.Column("sale_id", sa.BIGINT(), nullable=True),
        sa.Column("kind", sa.VARCHAR(length=16), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("other_dong", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="till_event_pkey"),
        sa.UniqueConstraint("vendor_id", "seq", name="uid_till_event_vendor__c9785f"),
    )
    op.create_table(
        "till_sale",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("client_key", sa.VARCHAR(length=40), nullable=False),
        sa.Column("body_mark", sa.VARCHAR(length=64), nullable=False),
        sa.Column("way", sa.VARCHAR(length=8), nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("received_dong", sa.BIGINT(), nullable=False),
        sa.Column("extra_dong", sa.BIGINT(), nullable=False),
        sa.Column("noted_dong", sa.BIGINT(), nullable=False),
        sa.Column("said_dong", sa.BIGINT(), nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("note", sa.VARCHAR(length=120), nullable=False),
        sa.Column("day", sa.DATE(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="till_sale_pkey"),
        sa.UniqueConstraint("notice_id", name="till_sale_notice_id_key"),
        sa.UniqueConstraint("vendor_id", "client_key", name="uid_till_sale_vendor__26a88f"),
    )
    op.create_index("idx_till_sale_state_ef21db", "till_sale", ["state", "made_at"], unique=False)
    op.create_index("idx_till_sale_vendor__7391e9", "till_sale", ["vendor_id", "id"], unique=False)
    op.create_index("idx_till_sale_vendor__7a0e4d", "till_sale", ["vendor_id", "day"], unique=False)
    op.create_table(
        "market_account",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("holder", sa.VARCHAR(length=80), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["market.id"], name="market_account_market_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="market_account_pkey"),
    )
    op.create_index(
        "idx_market_acco_market__e19c7a", "market_account", ["market_id", "done_at"], unique=False
    )
    op.create_table(
        "till_correction",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("way", sa.VARCHAR(length=8), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("sale_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_id"], ["till_day.id"], name="till_correction_closed_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="till_correction_pkey"),
    )
    op.create_index("idx_till_correc_closed__7d98f1", "till_correction", ["closed_id"], unique=False)
    op.create_table(
        "till_line",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("unit", sa.VARCHAR(length=40), nullable=False),
        sa.Column("price_dong", sa.BIGINT(), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("sum_dong", sa.BIGINT(), nullable=False),
        sa.Column("sale_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["till_sale.id"], name="till_line_sale_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="till_line_pkey"),
    )
    op.create_index("idx_till_line_sale_id_925f5e", "till_line", ["sale_id"], unique=False)
    op.add_column("payment", sa.Column("market_id", sa.BIGINT(), nullable=True))
    op.add_column("person", sa.Column("speech", sa.VARCHAR(length=12), nullable=False, server_default=""))
    op.create_index("idx_receiving_a_number_b8bd9b", "receiving_account", ["number"], unique=False)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE UNIQUE INDEX market_fee_once_by_hand ON market_fee (market_id, vendor_id, stall, month)"
        " WHERE state <> 'void'"
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_receiving_a_number_b8bd9b", table_name="receiving_account")
    op.drop_column("person", "speech")
    op.drop_column("payment", "market_id")
    op.drop_index("idx_till_line_sale_id_925f5e", table_name="till_line")
    op.drop_table("till_line")
    op.drop_index("idx_till_correc_closed__7d98f1", table_name="till_correction")
    op.drop_table("till_correction")
    op.drop_index("idx_market_acco_market__e19c7a", table_name="market_account")
    op.drop_table("market_account")
    op.drop_index("idx_till_sale_vendor__7a0e4d", table_name="till_sale")
    op.drop_index("idx_till_sale_vendor__7391e9", table_name="till_sale")
    op.drop_index("idx_till_sale_state_ef21db", table_name="till_sale")
    op.drop_table("till_sale")
    op.drop_table("till_event")
    op.drop_table("till_day")
    op.drop_table("till")
    op.drop_index("idx_market_fee_vendor__3456a6", table_name="market_fee")
    op.drop_index("idx_market_fee_market__e19d28", table_name="market_fee")
    op.drop_index("idx_market_fee_market__335ac6", table_name="market_fee")
    op.drop_table("market_fee")
