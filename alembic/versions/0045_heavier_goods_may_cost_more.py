"""Goods sold by weight may cost more when they weigh more, where that was agreed."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


# Never more on top than was agreed. For new rows: what stands has the defaults.
LINE_IN_BOUNDS = """
    ALTER TABLE order_line ADD CONSTRAINT order_line_more_by_hand
    CHECK (more_dong BETWEEN 0 AND more_most_dong) NOT VALID
"""
ORDER_IN_BOUNDS = """
    ALTER TABLE customer_order ADD CONSTRAINT customer_order_more_by_hand
    CHECK (more_dong BETWEEN 0 AND more_most_dong) NOT VALID
"""


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "weight_difference",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=8), nullable=False),
        sa.Column("dong", sa.BIGINT(), nullable=False),
        sa.Column("asked_by", sa.BIGINT(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="weight_difference_pkey"),
        sa.UniqueConstraint("order_id", name="weight_difference_order_id_key"),
    )
    op.create_index("idx_weight_diff_state_3f8ad5", "weight_difference", ["state", "due_at"], unique=False)
    op.create_index(
        "idx_weight_diff_vendor__b771a5", "weight_difference", ["vendor_id", "state"], unique=False
    )
    op.add_column(
        "customer_order", sa.Column("more_most_dong", sa.BIGINT(), nullable=False, server_default="0")
    )
    op.add_column("customer_order", sa.Column("more_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.add_column(
        "listing", sa.Column("is_heavier_charged", sa.BOOLEAN(), nullable=False, server_default=sa.false())
    )
    op.add_column("order_line", sa.Column("more_most_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.add_column("order_line", sa.Column("more_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.create_check_constraint("weight_difference_dong_by_hand", "weight_difference", "dong > 0")
    op.execute(LINE_IN_BOUNDS)
    op.execute(ORDER_IN_BOUNDS)


def downgrade() -> None:
    """Back."""
    op.drop_constraint("customer_order_more_by_hand", "customer_order", type_="check")
    op.drop_constraint("order_line_more_by_hand", "order_line", type_="check")
    op.drop_column("order_line", "more_dong")
    op.drop_column("order_line", "more_most_dong")
    op.drop_column("listing", "is_heavier_charged")
    op.drop_column("customer_order", "more_dong")
    op.drop_column("customer_order", "more_most_dong")
    op.drop_index("idx_weight_diff_vendor__b771a5", table_name="weight_difference")
    op.drop_index("idx_weight_diff_state_3f8ad5", table_name="weight_difference")
    op.drop_table("weight_difference")
