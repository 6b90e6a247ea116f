"""Money on its way back to buyers and on to sellers: refunds, payouts, accounts to return to, what buyers ask back."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CHECKS = (
    ("refund", "sums", "amount_dong > 0 AND vat_back_dong >= 0 AND income_back_dong >= 0"),
    ("payout", "sum", "amount_dong > 0"),
    ("return_ask", "sum", "amount_dong > 0"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "payout",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("bank_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("account_number", sa.VARCHAR(length=19), nullable=False),
        sa.Column("account_holder", sa.VARCHAR(length=80), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("needs_review", sa.BOOLEAN(), nullable=False),
        sa.Column("gathered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("gathered_by", sa.BIGINT(), nullable=False),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("approved_by", sa.BIGINT(), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.VARCHAR(length=60), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="payout_pkey"),
        sa.UniqueConstraint("code", name="payout_code_key"),
    )
    op.create_index("idx_payout_state_1ab3f3", "payout", ["state", "id"], unique=False)
    op.create_index("idx_payout_vendor__cf1cc4", "payout", ["vendor_id", "id"], unique=False)
    op.create_table(
        "payout_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("payout_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name="payout_event_payout_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="payout_event_pkey"),
    )
    op.create_index("idx_payout_even_payout__19e052", "payout_event", ["payout_id"], unique=False)
    op.create_table(
        "return_account",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("bin", sa.VARCHAR(length=6), nullable=False),
        sa.Column("bank_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("number", sa.TEXT(), nullable=False),
        sa.Column("tail", sa.VARCHAR(length=4), nullable=False),
        sa.Column("holder", sa.TEXT(), nullable=False),
        sa.Column("told_by", sa.VARCHAR(length=20), nullable=False),
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="return_account_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="return_account_pkey"),
        sa.UniqueConstraint("payment_id", name="return_account_payment_id_key"),
    )
    op.create_table(
        "return_ask",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BIGINT(), nullable=True),
        sa.Column("answer", sa.VARCHAR(length=300), nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="return_ask_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="return_ask_pkey"),
    )
    op.create_index("idx_return_ask_order_i_70560a", "return_ask", ["order_id", "id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("key", sa.VARCHAR(length=60), nullable=False),
        sa.Column("part", sa.INTEGER(), nullable=False),
        sa.Column("asked_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("way", sa.VARCHAR(length=6), nullable=False),
        sa.Column("source", sa.VARCHAR(length=6), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("vat_back_dong", sa.BIGINT(), nullable=False),
        sa.Column("income_back_dong", sa.BIGINT(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("provider_ref", sa.VARCHAR(length=80), nullable=False),
        sa.Column("result", sa.VARCHAR(length=80), nullable=False),
        sa.Column("needs_review", sa.BOOLEAN(), nullable=False),
        sa.Column("looks", sa.INTEGER(), nullable=False),
        sa.Column("next_look_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("asked_by", sa.BIGINT(), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.VARCHAR(length=60), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("attempt_id", sa.BIGINT(), nullable=True),
        sa.Column("payment_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempt.id"], name="refund_attempt_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="refund_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="refund_pkey"),
        sa.UniqueConstraint("code", name="refund_code_key"),
        sa.UniqueConstraint("payment_id", "key", "part", name="uid_refund_payment_450efd"),
    )
    op.create_index("idx_refund_attempt_625fd2", "refund", ["attempt_id"], unique=False)
    op.create_index("idx_refund_needs_r_6ade62", "refund", ["needs_review", "id"], unique=False)
    op.create_index("idx_refund_next_lo_ba4e4e", "refund", ["next_look_at"], unique=False)
    op.create_index("idx_refund_state_6c6de1", "refund", ["state", "id"], unique=False)
    op.create_index("idx_refund_vendor__2828bb", "refund", ["vendor_id", "id"], unique=False)
    op.create_table(
        "refund_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("note", sa.VARCHAR(length=300), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("refund_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name="refund_event_refund_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="refund_event_pkey"),
    )
    op.create_index("idx_refund_even_refund__1f1eff", "refund_event", ["refund_id"], unique=False)
    op.add_column(
        "twin_transfer", sa.Column("from_account", sa.VARCHAR(length=19), nullable=False, server_default="")
    )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE UNIQUE INDEX payout_one_open_by_hand ON payout (vendor_id)"
        " WHERE state IN ('draft', 'approved', 'sent', 'unknown')"
    )
    op.execute(
        "CREATE UNIQUE INDEX return_ask_one_open_by_hand ON return_ask (order_id) WHERE state = 'asked'"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("twin_transfer", "from_account")
    op.drop_index("idx_refund_even_refund__1f1eff", table_name="refund_event")
    op.drop_table("refund_event")
    op.drop_index("idx_refund_vendor__2828bb", table_name="refund")
    op.drop_index("idx_refund_state_6c6de1", table_name="refund")
    op.drop_index("idx_refund_next_lo_ba4e4e", table_name="refund")
    op.drop_index("idx_refund_needs_r_6ade62", table_name="refund")
    op.drop_index("idx_refund_attempt_625fd2", table_name="refund")
    op.drop_table("refund")
    op.drop_index("idx_return_ask_order_i_70560a", table_name="return_ask")
    op.drop_table("return_ask")
    op.drop_table("return_account")
    op.drop_index("idx_payout_even_payout__19e052", table_name="payout_event")
    op.drop_table("payout_event")
    op.drop_index("idx_payout_vendor__cf1cc4", table_name="payout")
    op.drop_index("idx_payout_state_1ab3f3", table_name="payout")
    op.drop_table("payout")
