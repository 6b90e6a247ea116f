"""Protected names and who may use them, zones of markets, claimed stalls, and shop windows on other floors."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "protected_name",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("slug", sa.VARCHAR(length=80), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("sort", sa.VARCHAR(length=20), nullable=False),
        sa.Column("number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("decision_no", sa.VARCHAR(length=60), nullable=False),
        sa.Column("registered_on", sa.DATE(), nullable=True),
        sa.Column("product", sa.VARCHAR(length=160), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("phrases", sa.VARCHAR(length=400), nullable=False),
        sa.Column("body", sa.VARCHAR(length=200), nullable=False),
        sa.Column("about", sa.TEXT(), nullable=False),
        sa.Column("is_live", sa.BOOLEAN(), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="protected_name_pkey"),
        sa.UniqueConstraint("slug", name="protected_name_slug_key"),
    )
    op.create_table(
        "market_zone",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("name", sa.VARCHAR(length=60), nullable=False),
        sa.Column("goods", sa.VARCHAR(length=120), nullable=False),
        sa.Column("position", sa.INTEGER(), nullable=False),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["market_id"], ["market.id"], name="market_zone_market_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="market_zone_pkey"),
        sa.UniqueConstraint("market_id", "name", name="uid_market_zone_market__505ae5"),
    )
    op.create_table(
        "name_use",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("decision_no", sa.VARCHAR(length=60), nullable=False),
        sa.Column("decided_on", sa.DATE(), nullable=False),
        sa.Column("valid_to", sa.DATE(), nullable=True),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("returned_because", sa.VARCHAR(length=300), nullable=False),
        sa.Column("ended_on", sa.DATE(), nullable=True),
        sa.Column("document_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("of_id", sa.BIGINT(), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["of_id"], ["protected_name.id"], name="name_use_of_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name="name_use_vendor_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="name_use_pkey"),
        sa.UniqueConstraint("of_id", "vendor_id", "decision_no", name="uid_name_use_of_id_af1012"),
    )
    op.create_index("idx_name_use_state_8dad35", "name_use", ["state", "id"], unique=False)
    op.create_index("idx_name_use_vendor__bf2d18", "name_use", ["vendor_id", "state"], unique=False)
    op.create_table(
        "protected_area",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("was", sa.VARCHAR(length=120), nullable=False),
        sa.Column("of_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["of_id"], ["protected_name.id"], name="protected_area_of_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="protected_area_pkey"),
        sa.UniqueConstraint("of_id", "code", "was", name="uid_protected_a_of_id_e51218"),
    )
    op.create_table(
        "shop_window",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("floor", sa.VARCHAR(length=20), nullable=False),
        sa.Column("url", sa.VARCHAR(length=500), nullable=False),
        sa.Column("listed_on", sa.DATE(), nullable=False),
        sa.Column("checked_on", sa.DATE(), nullable=True),
        sa.Column("checked_by", sa.BIGINT(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="shop_window_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="shop_window_pkey"),
        sa.UniqueConstraint("listing_id", "floor", "url", name="uid_shop_window_listing_f599c8"),
    )
    op.create_index("idx_shop_window_floor_269aac", "shop_window", ["floor", "listing_id"], unique=False)
    op.add_column("stall", sa.Column("is_claimed", sa.BOOLEAN(), nullable=False, server_default=sa.false()))
    op.add_column("stall", sa.Column("zone_id", sa.BIGINT(), nullable=True))
    op.create_index("idx_stall_zone_id_5f8ed2", "stall", ["zone_id"], unique=False)
    op.create_foreign_key(
        "stall_zone_id_fkey", "stall", "market_zone", ["zone_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("trader_invitation", sa.Column("zone_id", sa.BIGINT(), nullable=True))
    op.create_index("idx_trader_invi_zone_id_139da4", "trader_invitation", ["zone_id"], unique=False)
    op.create_foreign_key(
        "trader_invitation_zone_id_fkey",
        "trader_invitation",
        "market_zone",
        ["zone_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.execute(
        "ALTER TABLE name_use ADD CONSTRAINT name_use_days_by_hand CHECK (valid_to IS NULL OR valid_to >= decided_on)"
    )
    op.execute("CREATE INDEX stall_claimed_by_hand ON stall (market_id, id) WHERE is_claimed")


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX stall_claimed_by_hand")
    op.execute("ALTER TABLE name_use DROP CONSTRAINT name_use_days_by_hand")
    op.drop_constraint("trader_invitation_zone_id_fkey", "trader_invitation", type_="foreignkey")
    op.drop_index("idx_trader_invi_zone_id_139da4", table_name="trader_invitation")
    op.drop_column("trader_invitation", "zone_id")
    op.drop_constraint("stall_zone_id_fkey", "stall", type_="foreignkey")
    op.drop_index("idx_stall_zone_id_5f8ed2", table_name="stall")
    op.drop_column("stall", "zone_id")
    op.drop_column("stall", "is_claimed")
    op.drop_index("idx_shop_window_floor_269aac", table_name="shop_window")
    op.drop_table("shop_window")
    op.drop_table("protected_area")
    op.drop_index("idx_name_use_vendor__bf2d18", table_name="name_use")
    op.drop_index("idx_name_use_state_8dad35", table_name="name_use")
    op.drop_table("name_use")
    op.drop_table("market_zone")
    op.drop_table("protected_name")
