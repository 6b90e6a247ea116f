"""Systems of sellers are told of events: endpoints, messages, tries."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0024b"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
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
    op.execute(
        "CREATE INDEX webhook_message_waiting_by_hand ON webhook_message (endpoint_id) WHERE state = 'waiting'"
    )
    op.execute(
        "ALTER TABLE webhook_try ADD CONSTRAINT webhook_try_status_by_hand CHECK (status BETWEEN 0 AND 999)"
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_webhook_try_message_79d908", table_name="webhook_try")
    op.drop_table("webhook_try")
    op.drop_index("idx_webhook_mes_endpoin_9b8493", table_name="webhook_message")
    op.drop_index("idx_webhook_mes_created_8a62a9", table_name="webhook_message")
    op.drop_table("webhook_message")
    op.drop_table("webhook_endpoint")
