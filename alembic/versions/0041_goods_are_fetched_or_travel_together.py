"""Buyers fetch goods at a stall, a desk or a post office; goods of several stalls travel in one parcel."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

RULES = (
    "ALTER TABLE order_fetch ADD CONSTRAINT order_fetch_waits_by_hand"
    " CHECK (NOT is_waiting OR (ready_at IS NOT NULL AND kept_until IS NOT NULL AND fetched_at IS NULL))",
    "ALTER TABLE order_fetch ADD CONSTRAINT order_fetch_ends_by_hand"
    " CHECK (fetched_at IS NULL OR ended_at IS NULL)",
    "ALTER TABLE joint_parcel ADD CONSTRAINT joint_parcel_sums_by_hand CHECK (fee_dong >= 0 AND saved_dong >= 0)",
    "ALTER TABLE joint_parcel ADD CONSTRAINT joint_parcel_packed_by_hand"
    " CHECK ((state = 'packed') = (packed_at IS NOT NULL))",
)


def upgrade() -> None:
    """Forward. The index is built beside the work; one that a broken run left half is dropped first."""
    op.create_table(
        "joint_parcel",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("group_code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("market_id", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("fee_dong", sa.BIGINT(), nullable=False),
        sa.Column("saved_dong", sa.BIGINT(), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=True),
        sa.Column("parcel_code", sa.VARCHAR(length=20), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("packed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("packed_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="joint_parcel_pkey"),
        sa.UniqueConstraint("group_code", "market_id", name="uid_joint_parce_group_c_b52821"),
    )
    op.create_index("idx_joint_parce_market__788abd", "joint_parcel", ["market_id", "state"], unique=False)
    op.create_table(
        "joint_part",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("brought_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("brought_to", sa.BIGINT(), nullable=True),
        sa.Column("left_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("joint_id", sa.BIGINT(), nullable=False),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["joint_id"], ["joint_parcel.id"], name="joint_part_joint_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="joint_part_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="joint_part_pkey"),
        sa.UniqueConstraint("order_id", name="joint_part_order_id_key"),
    )
    op.create_index("idx_joint_part_joint_i_941618", "joint_part", ["joint_id"], unique=False)
    op.create_table(
        "order_fetch",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("handing", sa.VARCHAR(length=8), nullable=False),
        sa.Column("market_id", sa.BIGINT(), nullable=True),
        sa.Column("point_id", sa.BIGINT(), nullable=True),
        sa.Column("commune_code", sa.VARCHAR(length=8), nullable=False),
        sa.Column("commune", sa.VARCHAR(length=120), nullable=False),
        sa.Column("province", sa.VARCHAR(length=120), nullable=False),
        sa.Column("place", sa.VARCHAR(length=160), nullable=False),
        sa.Column("line", sa.VARCHAR(length=300), nullable=False),
        sa.Column("hours", sa.VARCHAR(length=120), nullable=False),
        sa.Column("is_waiting", sa.BOOLEAN(), nullable=False),
        sa.Column("ready_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("kept_until", sa.DATE(), nullable=True),
        sa.Column("fetched_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("fetched_by", sa.BIGINT(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="order_fetch_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="order_fetch_pkey"),
        sa.UniqueConstraint("order_id", name="order_fetch_order_id_key"),
    )
    op.create_index(
        "idx_order_fetch_is_wait_64e870", "order_fetch", ["is_waiting", "kept_until"], unique=False
    )
    op.create_index(
        "idx_order_fetch_market__e09e5a", "order_fetch", ["market_id", "is_waiting"], unique=False
    )
    op.create_index(
        "idx_order_fetch_vendor__9d310a", "order_fetch", ["vendor_id", "is_waiting"], unique=False
    )
    op.create_table(
        "order_spot",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("digital_address", sa.VARCHAR(length=64), nullable=False),
        sa.Column("latitude", sa.DOUBLE_PRECISION(precision=53), nullable=True),
        sa.Column("longitude", sa.DOUBLE_PRECISION(precision=53), nullable=True),
        sa.Column("order_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name="order_spot_order_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="order_spot_pkey"),
        sa.UniqueConstraint("order_id", name="order_spot_order_id_key"),
    )
    op.add_column(
        "customer_order", sa.Column("handing", sa.VARCHAR(length=8), server_default="door", nullable=False)
    )
    op.add_column(
        "market", sa.Column("desk_hours", sa.VARCHAR(length=120), server_default="", nullable=False)
    )
    op.add_column(
        "parcel", sa.Column("digital_address", sa.VARCHAR(length=64), server_default="", nullable=False)
    )
    op.add_column("parcel", sa.Column("latitude", sa.DOUBLE_PRECISION(precision=53), nullable=True))
    op.add_column("parcel", sa.Column("longitude", sa.DOUBLE_PRECISION(precision=53), nullable=True))
    op.add_column("parcel", sa.Column("point_id", sa.BIGINT(), nullable=True))
    op.add_column("parcel", sa.Column("kept_until", sa.DATE(), nullable=True))
    op.add_column(
        "vendor",
        sa.Column("fetch_at", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.add_column(
        "vendor", sa.Column("fetch_hours", sa.VARCHAR(length=120), server_default="", nullable=False)
    )
    for rule in RULES:
        op.execute(rule)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_parcel_point_i_c8a360")
        op.create_index(
            "idx_parcel_point_i_c8a360",
            "parcel",
            ["point_id", "state"],
            unique=False,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    """Back."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_parcel_point_i_c8a360")
    op.drop_column("vendor", "fetch_hours")
    op.drop_column("vendor", "fetch_at")
    op.drop_column("parcel", "kept_until")
    op.drop_column("parcel", "point_id")
    op.drop_column("parcel", "longitude")
    op.drop_column("parcel", "latitude")
    op.drop_column("parcel", "digital_address")
    op.drop_column("market", "desk_hours")
    op.drop_column("customer_order", "handing")
    op.drop_table("order_spot")
    op.drop_index("idx_order_fetch_vendor__9d310a", table_name="order_fetch")
    op.drop_index("idx_order_fetch_market__e09e5a", table_name="order_fetch")
    op.drop_index("idx_order_fetch_is_wait_64e870", table_name="order_fetch")
    op.drop_table("order_fetch")
    op.drop_index("idx_joint_part_joint_i_941618", table_name="joint_part")
    op.drop_table("joint_part")
    op.drop_index("idx_joint_parce_market__788abd", table_name="joint_parcel")
    op.drop_table("joint_parcel")
