"""A payment may be tried at several providers: each try with its events, and what pretend providers keep."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHECKS = (("payment_attempt", "sums", "amount_dong > 0 AND received_dong >= 0"),)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "twin_order",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("gate", sa.VARCHAR(length=20), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=80), nullable=False),
        sa.Column("of_reference", sa.VARCHAR(length=80), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("words", sa.VARCHAR(length=255), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="twin_order_pkey"),
        sa.UniqueConstraint("gate", "reference", name="uid_twin_order_gate_de4ee2"),
    )
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("gate", sa.VARCHAR(length=20), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=40), nullable=False),
        sa.Column("asked_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("state", sa.VARCHAR(length=12), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("received_dong", sa.BIGINT(), nullable=False),
        sa.Column("provider_ref", sa.VARCHAR(length=80), nullable=False),
        sa.Column("pay_url", sa.TEXT(), nullable=False),
        sa.Column("qr_text", sa.VARCHAR(length=512), nullable=False),
        sa.Column("code", sa.VARCHAR(length=80), nullable=False),
        sa.Column("needs_review", sa.BOOLEAN(), nullable=False),
        sa.Column("sale_class", sa.VARCHAR(length=16), nullable=False),
        sa.Column("tax_mode", sa.VARCHAR(length=10), nullable=False),
        sa.Column("queries", sa.INTEGER(), nullable=False),
        sa.Column("next_query_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("payment_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name="payment_attempt_payment_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="payment_attempt_pkey"),
        sa.UniqueConstraint("reference", name="payment_attempt_reference_key"),
    )
    op.create_index("idx_payment_att_gate_e709b7", "payment_attempt", ["gate", "created_at"], unique=False)
    op.create_index("idx_payment_att_next_qu_70dd4c", "payment_attempt", ["next_query_at"], unique=False)
    op.create_index("idx_payment_att_payment_fc2421", "payment_attempt", ["payment_id", "id"], unique=False)
    op.create_table(
        "twin_call",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("outcome", sa.VARCHAR(length=12), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("is_forged", sa.BOOLEAN(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sends_left", sa.INTEGER(), nullable=False),
        sa.Column("sends", sa.INTEGER(), nullable=False),
        sa.Column("last_answer", sa.VARCHAR(length=200), nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["twin_order.id"], name="twin_call_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="twin_call_pkey"),
    )
    op.create_index("idx_twin_call_order_i_fb31b4", "twin_call", ["order_id"], unique=False)
    op.create_table(
        "attempt_event",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=30), nullable=False),
        sa.Column("code", sa.VARCHAR(length=80), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("attempt_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempt.id"], name="attempt_event_attempt_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="attempt_event_pkey"),
    )
    op.create_index("idx_attempt_eve_attempt_76e7e1", "attempt_event", ["attempt_id"], unique=False)
    op.add_column("notice", sa.Column("event", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(
        "payment", sa.Column("is_disputed", sa.BOOLEAN(), nullable=False, server_default=sa.false())
    )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE TRIGGER attempt_event_append_only BEFORE UPDATE OR DELETE ON attempt_event"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("payment", "is_disputed")
    op.drop_column("notice", "event")
    op.drop_index("idx_attempt_eve_attempt_76e7e1", table_name="attempt_event")
    op.drop_table("attempt_event")
    op.drop_index("idx_twin_call_order_i_fb31b4", table_name="twin_call")
    op.drop_table("twin_call")
    op.drop_index("idx_payment_att_payment_fc2421", table_name="payment_attempt")
    op.drop_index("idx_payment_att_next_qu_70dd4c", table_name="payment_attempt")
    op.drop_index("idx_payment_att_gate_e709b7", table_name="payment_attempt")
    op.drop_table("payment_attempt")
    op.drop_table("twin_order")
