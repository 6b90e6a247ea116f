"""A seller who can pack only a part of an order says so, and the buyer chooses."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None


# New rows alone: what stands has the default.
SHORT_IN_BOUNDS = """
    ALTER TABLE order_line ADD CONSTRAINT order_line_short_by_hand
    CHECK (short_quantity BETWEEN 0 AND quantity AND short_dong >= 0) NOT VALID
"""


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "shortage",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("short_dong", sa.BIGINT(), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("asked_by", sa.BIGINT(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="shortage_pkey"),
        sa.UniqueConstraint("order_id", name="shortage_order_id_key"),
    )
    op.create_index("idx_shortage_state_95aa0d", "shortage", ["state", "due_at"], unique=False)
    op.create_index("idx_shortage_vendor__c39b97", "shortage", ["vendor_id", "state"], unique=False)
    op.add_column("order_line", sa.Column("short_quantity", sa.INTEGER(), nullable=False, server_default="0"))
    op.add_column("order_line", sa.Column("short_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.create_check_constraint("shortage_dong_by_hand", "shortage", "short_dong > 0")
    op.execute(SHORT_IN_BOUNDS)


def downgrade() -> None:
    """Back."""
    op.drop_constraint("order_line_short_by_hand", "order_line", type_="check")
    op.drop_column("order_line", "short_dong")
    op.drop_column("order_line", "short_quantity")
    op.drop_index("idx_shortage_vendor__c39b97", table_name="shortage")
    op.drop_index("idx_shortage_state_95aa0d", table_name="shortage")
    op.drop_table("shortage")
