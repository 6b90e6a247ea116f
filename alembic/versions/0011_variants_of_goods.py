"""Goods are sold in variants: each with a price and a shelf of its own, and each once in a basket or a reservation."""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ONCE = (("stock_move", "listing_id, kind, reference"), ("basket_line", "owner, listing_id"))
CHECKS = (
    ("variant", "stock", "stock >= 0 AND reserved >= 0 AND sold >= 0"),
    ("variant", "price", "price_dong > 0 AND weight_g > 0"),
    ("listing", "price_to", "price_to_dong >= price_dong"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "variant",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("position", sa.INTEGER(), nullable=False),
        sa.Column("name", sa.VARCHAR(length=60), nullable=False),
        sa.Column("price_dong", sa.BIGINT(), nullable=False),
        sa.Column("approved_price_dong", sa.BIGINT(), nullable=True),
        sa.Column("unit", sa.VARCHAR(length=40), nullable=False),
        sa.Column("weight_g", sa.INTEGER(), nullable=False),
        sa.Column("stock", sa.INTEGER(), nullable=False),
        sa.Column("reserved", sa.INTEGER(), nullable=False),
        sa.Column("sold", sa.INTEGER(), nullable=False),
        sa.Column("is_offered", sa.BOOLEAN(), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="variant_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="variant_pkey"),
        sa.UniqueConstraint("listing_id", "name", name="uid_variant_listing_bae91a"),
    )
    op.add_column("basket_line", sa.Column("variant_id", sa.BIGINT(), nullable=True))
    op.alter_column(
        "basket_line",
        "name",
        existing_type=sa.VARCHAR(length=120),
        type_=sa.VARCHAR(length=200),
        existing_nullable=False,
    )
    op.drop_constraint(op.f("uid_basket_line_owner_f928ac"), "basket_line", type_="unique")
    op.add_column("listing", sa.Column("price_to_dong", sa.BIGINT(), nullable=True))
    op.add_column("order_line", sa.Column("variant_id", sa.BIGINT(), nullable=True))
    op.add_column(
        "order_line", sa.Column("variant", sa.VARCHAR(length=60), nullable=False, server_default="")
    )
    op.alter_column(
        "order_line",
        "name",
        existing_type=sa.VARCHAR(length=120),
        type_=sa.VARCHAR(length=200),
        existing_nullable=False,
    )
    op.add_column("stock_move", sa.Column("variant_id", sa.BIGINT(), nullable=True))
    op.drop_constraint(op.f("uid_stock_move_listing_a55dd4"), "stock_move", type_="unique")
    op.create_index("idx_stock_move_variant_15c56d", "stock_move", ["variant_id"], unique=False)
    op.create_foreign_key(
        "stock_move_variant_id_fkey", "stock_move", "variant", ["variant_id"], ["id"], ondelete="CASCADE"
    )
    for table, columns in ONCE:
        op.execute(
            f"CREATE UNIQUE INDEX {table}_once_by_hand ON {table} ({columns}, variant_id) NULLS NOT DISTINCT"
        )
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")


def downgrade() -> None:
    """Back."""
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    for table, _ in ONCE:
        op.execute(f"DROP INDEX {table}_once_by_hand")
    op.drop_constraint("stock_move_variant_id_fkey", "stock_move", type_="foreignkey")
    op.drop_index("idx_stock_move_variant_15c56d", table_name="stock_move")
    op.create_unique_constraint(
        op.f("uid_stock_move_listing_a55dd4"), "stock_move", ["listing_id", "kind", "reference"]
    )
    op.drop_column("stock_move", "variant_id")
    op.alter_column(
        "order_line",
        "name",
        existing_type=sa.VARCHAR(length=200),
        type_=sa.VARCHAR(length=120),
        existing_nullable=False,
    )
    op.drop_column("order_line", "variant")
    op.drop_column("order_line", "variant_id")
    op.drop_column("listing", "price_to_dong")
    op.create_unique_constraint(op.f("uid_basket_line_owner_f928ac"), "basket_line", ["owner", "listing_id"])
    op.alter_column(
        "basket_line",
        "name",
        existing_type=sa.VARCHAR(length=200),
        type_=sa.VARCHAR(length=120),
        existing_nullable=False,
    )
    op.drop_column("basket_line", "variant_id")
    op.drop_table("variant")
