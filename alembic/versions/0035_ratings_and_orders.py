"""Buyers rate what was delivered to them; whoever takes alcohol at the door shows to be 18."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "rating",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("line_id", sa.BIGINT(), nullable=False),
        sa.Column("order_code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("shown_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("stars", sa.SMALLINT(), nullable=False),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answer", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BIGINT(), nullable=True),
        sa.Column("taken_down_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("listing_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name="rating_listing_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="rating_pkey"),
        sa.UniqueConstraint("line_id", name="rating_line_id_key"),
    )
    op.create_index("idx_rating_listing_8aac0e", "rating", ["listing_id", "id"], unique=False)
    op.create_index("idx_rating_person__39e55c", "rating", ["person_id"], unique=False)
    op.create_index("idx_rating_vendor__f36fb8", "rating", ["vendor_id", "id"], unique=False)
    op.create_table(
        "rating_photo",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("key", sa.VARCHAR(length=40), nullable=False),
        sa.Column("width_px", sa.INTEGER(), nullable=False),
        sa.Column("height_px", sa.INTEGER(), nullable=False),
        sa.Column("blur_url", sa.TEXT(), nullable=False),
        sa.Column("rating_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name="rating_photo_rating_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="rating_photo_pkey"),
    )
    op.create_index("idx_rating_phot_rating__b89a90", "rating_photo", ["rating_id", "id"], unique=False)
    op.create_table(
        "rating_report",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("fault", sa.VARCHAR(length=12), nullable=False),
        sa.Column("words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("by_seller", sa.BOOLEAN(), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("outcome", sa.VARCHAR(length=12), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.Column("answer", sa.VARCHAR(length=500), nullable=False),
        sa.Column("rating_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name="rating_report_rating_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="rating_report_pkey"),
    )
    op.create_index("idx_rating_repo_outcome_057982", "rating_report", ["outcome", "due_at"], unique=False)
    op.create_index("idx_rating_repo_person__f0e3a3", "rating_report", ["person_id"], unique=False)
    op.create_index("idx_rating_repo_rating__2204dc", "rating_report", ["rating_id", "id"], unique=False)
    op.create_table(
        "rating_take_down",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("fault", sa.VARCHAR(length=12), nullable=False),
        sa.Column("words", sa.VARCHAR(length=500), nullable=False),
        sa.Column("taken_by", sa.BIGINT(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BIGINT(), nullable=True),
        sa.Column("lifted_because", sa.VARCHAR(length=500), nullable=False),
        sa.Column("appeal_words", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("appealed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("appeal_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BIGINT(), nullable=True),
        sa.Column("is_granted", sa.BOOLEAN(), nullable=True),
        sa.Column("decision", sa.VARCHAR(length=500), nullable=False),
        sa.Column("rating_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["rating.id"], name="rating_take_down_rating_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="rating_take_down_pkey"),
    )
    op.create_index(
        "idx_rating_take_decided_cf9b6d", "rating_take_down", ["decided_at", "appeal_due_at"], unique=False
    )
    op.create_index("idx_rating_take_rating__5438cb", "rating_take_down", ["rating_id", "id"], unique=False)
    op.add_column("listing", sa.Column("rated", sa.INTEGER(), nullable=False, server_default="0"))
    op.add_column("listing", sa.Column("rated_stars", sa.INTEGER(), nullable=False, server_default="0"))
    op.create_index(
        "rating_take_down_one_stands_by_hand",
        "rating_take_down",
        ["rating_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.add_column(
        "parcel", sa.Column("is_adult_only", sa.BOOLEAN(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "parcel_event", sa.Column("age_checked", sa.BOOLEAN(), nullable=False, server_default=sa.false())
    )
    op.create_check_constraint("rating_stars_by_hand", "rating", "stars BETWEEN 1 AND 5")


def downgrade() -> None:
    """Back."""
    op.drop_column("parcel_event", "age_checked")
    op.drop_column("parcel", "is_adult_only")
    op.drop_column("listing", "rated_stars")
    op.drop_column("listing", "rated")
    op.drop_index("idx_rating_take_rating__5438cb", table_name="rating_take_down")
    op.drop_index("idx_rating_take_decided_cf9b6d", table_name="rating_take_down")
    op.drop_table("rating_take_down")
    op.drop_index("idx_rating_repo_rating__2204dc", table_name="rating_report")
    op.drop_index("idx_rating_repo_person__f0e3a3", table_name="rating_report")
    op.drop_index("idx_rating_repo_outcome_057982", table_name="rating_report")
    op.drop_table("rating_report")
    op.drop_index("idx_rating_phot_rating__b89a90", table_name="rating_photo")
    op.drop_table("rating_photo")
    op.drop_index("idx_rating_vendor__f36fb8", table_name="rating")
    op.drop_index("idx_rating_person__39e55c", table_name="rating")
    op.drop_index("idx_rating_listing_8aac0e", table_name="rating")
    op.drop_table("rating")
