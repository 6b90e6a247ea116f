"""Goods that came back go to the shelf again, lost parcels are found, ratings with phone numbers wait for a look."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "found_parcel",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.Column("told", sa.VARCHAR(length=20), nullable=False),
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BIGINT(), nullable=True),
        sa.Column("follows", sa.BOOLEAN(), nullable=True),
        sa.Column("words", sa.VARCHAR(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="found_parcel_pkey"),
        sa.UniqueConstraint("order_id", name="found_parcel_order_id_key"),
    )
    op.create_index("idx_found_parce_decided_18fa3e", "found_parcel", ["decided_at", "id"], unique=False)
    op.create_table(
        "order_restock",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=300), nullable=False),
        sa.Column("decided_by", sa.BIGINT(), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="order_restock_pkey"),
        sa.UniqueConstraint("order_id", name="order_restock_order_id_key"),
    )
    op.add_column("rating", sa.Column("held_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("rating", sa.Column("held_for", sa.VARCHAR(length=12), nullable=True))
    op.execute("CREATE INDEX rating_held_by_hand ON rating (held_at) WHERE held_at IS NOT NULL")


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX rating_held_by_hand")
    op.drop_column("rating", "held_for")
    op.drop_column("rating", "held_at")
    op.drop_table("order_restock")
    op.drop_index("idx_found_parce_decided_18fa3e", table_name="found_parcel")
    op.drop_table("found_parcel")
