"""Reports about goods, goods taken down, appeals against it, and the words on labels.

By hand: one take-down stands for a listing at a time, and nobody decides the appeal against their own.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "listing_label",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="listing_label_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="listing_label_pkey"),
        sa.UniqueConstraint("listing_id", name="listing_label_listing_id_key"),
    )
    op.create_table(
        "listing_report",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("source", sa.VARCHAR(length=20), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=20), nullable=False),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("document", sa.VARCHAR(length=120), nullable=False),
        sa.Column("phone", sa.VARCHAR(length=16), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("outcome", sa.VARCHAR(length=12), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("answer", sa.VARCHAR(length=500), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="listing_report_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="listing_report_pkey"),
    )
    op.create_index("idx_listing_rep_listing_9b234a", "listing_report", ["listing_id", "at"], unique=False)
    op.create_index("idx_listing_rep_outcome_adffef", "listing_report", ["outcome", "due_at"], unique=False)
    op.create_index("idx_listing_rep_person__08fe61", "listing_report", ["person_id"], unique=False)
    op.create_table(
        "take_down",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("reason", sa.VARCHAR(length=20), nullable=False),
        sa.Column("words", sa.VARCHAR(length=500), nullable=False),
        sa.Column("state_before", sa.VARCHAR(length=20), nullable=False),
        sa.Column("taken_by", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BIGINT(), nullable=True),
        sa.Column("lifted_because", sa.VARCHAR(length=500), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="take_down_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="take_down_pkey"),
    )
    op.create_index("idx_take_down_listing_b6223e", "take_down", ["listing_id", "at"], unique=False)
    op.create_table(
        "appeal",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("taken_by", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BIGINT(), nullable=True),
        sa.Column("is_granted", sa.BOOLEAN(), nullable=True),
        sa.Column("answer", sa.VARCHAR(length=500), nullable=False),
        sa.Column("take_down_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["take_down_id"], ["take_down.id"], name="appeal_take_down_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="appeal_pkey"),
        sa.UniqueConstraint("take_down_id", name="appeal_take_down_id_key"),
    )
    op.create_index("idx_appeal_decided_11cb4c", "appeal", ["decided_at", "due_at"], unique=False)
    op.execute(
        "CREATE UNIQUE INDEX take_down_standing_by_hand ON take_down (listing_id) WHERE lifted_at IS NULL"
    )
    op.execute("ALTER TABLE appeal ADD CONSTRAINT appeal_judge_by_hand CHECK (decided_by <> taken_by)")


def downgrade() -> None:
    """Back."""
    op.execute("ALTER TABLE appeal DROP CONSTRAINT appeal_judge_by_hand")
    op.execute("DROP INDEX take_down_standing_by_hand")
    op.drop_index("idx_appeal_decided_11cb4c", table_name="appeal")
    op.drop_table("appeal")
    op.drop_index("idx_take_down_listing_b6223e", table_name="take_down")
    op.drop_table("take_down")
    op.drop_index("idx_listing_rep_person__08fe61", table_name="listing_report")
    op.drop_index("idx_listing_rep_outcome_adffef", table_name="listing_report")
    op.drop_index("idx_listing_rep_listing_9b234a", table_name="listing_report")
    op.drop_table("listing_report")
    op.drop_table("listing_label")
