"""Goods are sold by weight: paid for an estimate, weighed when they are packed, the rest given back."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHECKS = (
    (
        "listing",
        "by_weight",
        "num_nulls(price_per_kg_dong, portion_g, band_percent) IN (0, 3)"
        " AND price_per_kg_dong > 0 AND portion_g > 0 AND band_percent BETWEEN 1 AND 50",
    ),
    ("order_line", "less", "less_dong BETWEEN 0 AND sum_dong"),
    ("customer_order", "give_back", "give_back_dong BETWEEN 0 AND goods_dong"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "customer_order", sa.Column("give_back_dong", sa.BIGINT(), nullable=False, server_default="0")
    )
    op.add_column(
        "customer_order", sa.Column("given_back_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.add_column("listing", sa.Column("price_per_kg_dong", sa.BIGINT(), nullable=True))
    op.add_column("listing", sa.Column("portion_g", sa.INTEGER(), nullable=True))
    op.add_column("listing", sa.Column("band_percent", sa.INTEGER(), nullable=True))
    op.add_column("order_line", sa.Column("price_per_kg_dong", sa.BIGINT(), nullable=True))
    op.add_column("order_line", sa.Column("estimate_g", sa.INTEGER(), nullable=True))
    op.add_column("order_line", sa.Column("band_percent", sa.INTEGER(), nullable=True))
    op.add_column("order_line", sa.Column("final_weight_g", sa.INTEGER(), nullable=True))
    op.add_column("order_line", sa.Column("less_dong", sa.BIGINT(), nullable=False, server_default="0"))
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute(
        "CREATE INDEX order_gives_back_by_hand ON customer_order (vendor_id)"
        " WHERE give_back_dong > 0 AND given_back_at IS NULL"
    )


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX order_gives_back_by_hand")
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    op.drop_column("order_line", "less_dong")
    op.drop_column("order_line", "final_weight_g")
    op.drop_column("order_line", "band_percent")
    op.drop_column("order_line", "estimate_g")
    op.drop_column("order_line", "price_per_kg_dong")
    op.drop_column("listing", "band_percent")
    op.drop_column("listing", "portion_g")
    op.drop_column("listing", "price_per_kg_dong")
    op.drop_column("customer_order", "given_back_at")
    op.drop_column("customer_order", "give_back_dong")
