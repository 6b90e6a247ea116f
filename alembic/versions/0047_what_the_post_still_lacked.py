"""What the post still lacked: promised days kept with parcels, and cash of its box on its way to the bank."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "pay_in",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("amount_dong", sa.BIGINT(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=10), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("slip_number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("photo_key", sa.VARCHAR(length=80), nullable=False),
        sa.Column("prepared_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paid_in_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("told_dong", sa.BIGINT(), nullable=True),
        sa.Column("notice_id", sa.BIGINT(), nullable=True),
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("explanation", sa.VARCHAR(length=8), nullable=False),
        sa.Column("words", sa.VARCHAR(length=300), nullable=False),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pay_in_pkey"),
        sa.UniqueConstraint("code", name="pay_in_code_key"),
        sa.UniqueConstraint("notice_id", name="pay_in_notice_id_key"),
    )
    op.create_index("idx_pay_in_state_e807e6", "pay_in", ["state", "id"], unique=False)
    op.execute("ALTER TABLE pay_in ADD CONSTRAINT pay_in_positive_by_hand CHECK (amount_dong > 0)")
    op.add_column("customer_order", sa.Column("delivery_days", sa.SMALLINT(), nullable=True))
    op.add_column("parcel", sa.Column("promised_days", sa.SMALLINT(), nullable=True))


def downgrade() -> None:
    """Back."""
    op.drop_column("parcel", "promised_days")
    op.drop_column("customer_order", "delivery_days")
    op.drop_index("idx_pay_in_state_e807e6", table_name="pay_in")
    op.drop_table("pay_in")
