"""Compensation that is claimed from carriers for parcels which they lost or damaged."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0047b"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "carrier_claim",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("claimed_dong", sa.BIGINT(), nullable=False),
        sa.Column("agreed_dong", sa.BIGINT(), nullable=True),
        sa.Column("paid_dong", sa.BIGINT(), nullable=True),
        sa.Column("paid_to", sa.VARCHAR(length=8), nullable=False),
        sa.Column("words", sa.VARCHAR(length=300), nullable=False),
        sa.Column("opened_by", sa.BIGINT(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DATE(), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pay_by", sa.DATE(), nullable=True),
        sa.Column("paid_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="carrier_claim_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="carrier_claim_pkey"),
        sa.UniqueConstraint("parcel_id", name="carrier_claim_parcel_id_key"),
    )
    op.create_index("idx_carrier_cla_state_842aa0", "carrier_claim", ["state", "answer_by"], unique=False)
    op.execute(
        "ALTER TABLE carrier_claim ADD CONSTRAINT carrier_claim_positive_by_hand CHECK (claimed_dong > 0)"
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_carrier_cla_state_842aa0", table_name="carrier_claim")
    op.drop_table("carrier_claim")
