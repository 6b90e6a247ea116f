"""Stock comes from harvest lots that orders name, and goods are ordered ahead of their harvest."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHECKS = (
    ("harvest_lot", "on_shelf", "quantity > 0 AND on_shelf BETWEEN 0 AND quantity"),
    ("lot_use", "quantity", "quantity > 0"),
    (
        "listing",
        "ahead",
        "num_nulls(preorder_from, preorder_to, ships_from, ships_to) IN (0, 4)"
        " AND preorder_from <= preorder_to AND preorder_to <= ships_from AND ships_from <= ships_to",
    ),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "harvest_lot",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("harvested_on", sa.DATE(), nullable=False),
        sa.Column("best_before", sa.DATE(), nullable=True),
        sa.Column("plot", sa.VARCHAR(length=160), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("on_shelf", sa.INTEGER(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.Column("variant_id", sa.BIGINT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="harvest_lot_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name="harvest_lot_variant_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="harvest_lot_pkey"),
        sa.UniqueConstraint("code", name="harvest_lot_code_key"),
    )
    op.create_index("idx_harvest_lot_listing_107993", "harvest_lot", ["listing_id", "on_shelf"], unique=False)
    op.create_index("idx_harvest_lot_variant_358532", "harvest_lot", ["variant_id"], unique=False)
    op.create_table(
        "lot_use",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.VARCHAR(length=60), nullable=False),
        sa.Column("quantity", sa.INTEGER(), nullable=False),
        sa.Column("is_back", sa.BOOLEAN(), nullable=False),
        sa.Column("lot_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["harvest_lot.id"], name="lot_use_lot_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="lot_use_pkey"),
        sa.UniqueConstraint("lot_id", "reference", name="uid_lot_use_lot_id_7b3dee"),
    )
    op.create_index("idx_lot_use_referen_8f3d42", "lot_use", ["reference"], unique=False)
    op.add_column("customer_order", sa.Column("ships_from", sa.DATE(), nullable=True))
    op.add_column("customer_order", sa.Column("ships_to", sa.DATE(), nullable=True))
    op.add_column("listing", sa.Column("preorder_from", sa.DATE(), nullable=True))
    op.add_column("listing", sa.Column("preorder_to", sa.DATE(), nullable=True))
    op.add_column("listing", sa.Column("ships_from", sa.DATE(), nullable=True))
    op.add_column("listing", sa.Column("ships_to", sa.DATE(), nullable=True))
    op.add_column(
        "listing", sa.Column("takes_orders", sa.BOOLEAN(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "order_line",
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"),
    )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    op.execute("CREATE INDEX listing_ahead_by_hand ON listing (ships_from) WHERE ships_from IS NOT NULL")
    op.execute(
        "CREATE INDEX order_ahead_by_hand ON customer_order (ships_from)"
        " WHERE ships_from IS NOT NULL AND parcel_code = ''"
    )
    op.execute("CREATE INDEX lot_ends_by_hand ON harvest_lot (best_before) WHERE on_shelf > 0")


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX order_ahead_by_hand")
    op.execute("DROP INDEX lot_ends_by_hand")
    op.execute("DROP INDEX listing_ahead_by_hand")
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    op.drop_column("order_line", "lots")
    op.drop_column("listing", "takes_orders")
    op.drop_column("listing", "ships_to")
    op.drop_column("listing", "ships_from")
    op.drop_column("listing", "preorder_to")
    op.drop_column("listing", "preorder_from")
    op.drop_column("customer_order", "ships_to")
    op.drop_column("customer_order", "ships_from")
    op.drop_index("idx_lot_use_referen_8f3d42", table_name="lot_use")
    op.drop_table("lot_use")
    op.drop_index("idx_harvest_lot_variant_358532", table_name="harvest_lot")
    op.drop_index("idx_harvest_lot_listing_107993", table_name="harvest_lot")
    op.drop_table("harvest_lot")
