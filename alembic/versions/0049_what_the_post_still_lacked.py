"""What the post lacked: promised days, cash of its box on the way to the bank, compensation by carriers."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0049"
down_revision = "0048"
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
    op.add_column("customer_order", sa.Column("delivery_days", sa.SMALLINT(), nullable=True))
    op.add_column("parcel", sa.Column("promised_days", sa.SMALLINT(), nullable=True))
    op.execute("ALTER TABLE pay_in ADD CONSTRAINT pay_in_positive_by_hand CHECK (amount_dong > 0)")
    op.execute(
        "ALTER TABLE carrier_claim ADD CONSTRAINT carrier_claim_positive_by_hand CHECK (claimed_dong > 0)"
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("parcel", "promised_days")
    op.drop_column("customer_order", "delivery_days")
    op.drop_index("idx_carrier_cla_state_842aa0", table_name="carrier_claim")
    op.drop_table("carrier_claim")
    op.drop_index("idx_pay_in_state_e807e6", table_name="pay_in")
    op.drop_table("pay_in")
