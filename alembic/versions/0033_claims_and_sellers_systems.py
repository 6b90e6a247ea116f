"""Sellers systems are told of events, and buyers claim what was wrong; what has arrived stays arrived."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

RULES = (
    "CREATE INDEX webhook_message_waiting_by_hand ON webhook_message (endpoint_id) WHERE state = 'waiting'",
    "ALTER TABLE webhook_try ADD CONSTRAINT webhook_try_status_by_hand CHECK (status BETWEEN 0 AND 999)",
    "CREATE UNIQUE INDEX order_claim_one_lives_by_hand ON order_claim (order_id) WHERE ended_at IS NULL",
    "ALTER TABLE order_claim ADD CONSTRAINT order_claim_refund_by_hand CHECK (refund_dong >= 0)",
    "ALTER TABLE order_claim ADD CONSTRAINT order_claim_end_by_hand"
    " CHECK ((ended_at IS NULL) = (state IN ('open', 'accepted', 'sent_back', 'denied', 'raised')))",
)
# An order that has arrived never goes back on its way, and nothing becomes unpaid again (orders/states.py).
ARRIVED_STAYS = """
CREATE FUNCTION order_stays_arrived_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'placed' OR (
        OLD.state IN ('delivered', 'disputed', 'closed')
        AND NEW.state NOT IN ('delivered', 'disputed', 'returned', 'closed')
    ) THEN
        RAISE EXCEPTION 'an order does not go from % to %', OLD.state, NEW.state USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "order_claim",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("wish", sa.VARCHAR(length=10), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("takes_back", sa.BOOLEAN(), nullable=False),
        sa.Column("refund_dong", sa.BIGINT(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="order_claim_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="order_claim_pkey"),
    )
    op.create_index("idx_order_claim_order_i_9524ad", "order_claim", ["order_id", "id"], unique=False)
    op.create_index("idx_order_claim_state_76b51c", "order_claim", ["state", "due_at"], unique=False)
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("url", sa.VARCHAR(length=300), nullable=False),
        sa.Column("label", sa.VARCHAR(length=80), nullable=False),
        sa.Column("events", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret", sa.VARCHAR(length=200), nullable=False),
        sa.Column("old_secret", sa.VARCHAR(length=200), nullable=False),
        sa.Column("old_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("is_on", sa.BOOLEAN(), nullable=False),
        sa.Column("off_because", sa.VARCHAR(length=20), nullable=False),
        sa.Column("failing_since", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_by", sa.BIGINT(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="webhook_endpoint_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_endpoint_pkey"),
        sa.UniqueConstraint("vendor_id", "url", name="uid_webhook_end_vendor__651701"),
    )
    op.create_table(
        "claim_step",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("party", sa.VARCHAR(length=8), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("claim_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["order_claim.id"], name="claim_step_claim_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="claim_step_pkey"),
    )
    op.create_index("idx_claim_step_claim_i_d4368f", "claim_step", ["claim_id"], unique=False)
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("event", sa.VARCHAR(length=40), nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("body", sa.TEXT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("round_tries", sa.INTEGER(), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("endpoint_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name="webhook_message_endpoint_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_message_pkey"),
        sa.UniqueConstraint("endpoint_id", "event_key", name="uid_webhook_mes_endpoin_7fdd6f"),
        sa.UniqueConstraint("message_id", name="webhook_message_message_id_key"),
    )
    op.create_index("idx_webhook_mes_created_8a62a9", "webhook_message", ["created_at"], unique=False)
    op.create_index("idx_webhook_mes_endpoin_9b8493", "webhook_message", ["endpoint_id", "id"], unique=False)
    op.create_table(
        "webhook_try",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", sa.INTEGER(), nullable=False),
        sa.Column("answer", sa.VARCHAR(length=200), nullable=False),
        sa.Column("took_ms", sa.INTEGER(), nullable=False),
        sa.Column("message_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["webhook_message.id"], name="webhook_try_message_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_try_pkey"),
    )
    op.create_index("idx_webhook_try_message_79d908", "webhook_try", ["message_id"], unique=False)
    for rule in RULES:
        op.execute(rule)
    op.execute(ARRIVED_STAYS)
    op.execute(
        "CREATE TRIGGER order_stays_arrived_by_hand BEFORE UPDATE OF state ON customer_order"
        " FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)"
        " EXECUTE FUNCTION order_stays_arrived_by_hand()"
    )


def downgrade() -> None:
    """Back."""
    op.execute("DROP TRIGGER order_stays_arrived_by_hand ON customer_order")
    op.execute("DROP FUNCTION order_stays_arrived_by_hand()")
    op.drop_index("idx_webhook_try_message_79d908", table_name="webhook_try")
    op.drop_table("webhook_try")
    op.drop_index("idx_webhook_mes_endpoin_9b8493", table_name="webhook_message")
    op.drop_index("idx_webhook_mes_created_8a62a9", table_name="webhook_message")
    op.drop_table("webhook_message")
    op.drop_index("idx_claim_step_claim_i_d4368f", table_name="claim_step")
    op.drop_table("claim_step")
    op.drop_table("webhook_endpoint")
    op.drop_index("idx_order_claim_state_76b51c", table_name="order_claim")
    op.drop_index("idx_order_claim_order_i_9524ad", table_name="order_claim")
    op.drop_table("order_claim")
