"""Keep uploads in pieces while they are on their way, and let a form that is sent twice make one listing."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "upload",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("client_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("size", sa.INTEGER(), nullable=False),
        sa.Column("sha256", sa.VARCHAR(length=64), nullable=False),
        sa.Column("received", sa.INTEGER(), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("touched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="upload_pkey"),
        sa.UniqueConstraint("person_id", "client_id", name="uid_upload_person__d9f782"),
    )
    op.create_index("idx_upload_touched_f8fe52", "upload", ["touched_at"], unique=False)
    op.create_table(
        "upload_chunk",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("starts_at", sa.INTEGER(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("upload_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name="upload_chunk_upload_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="upload_chunk_pkey"),
        sa.UniqueConstraint("upload_id", "starts_at", name="uid_upload_chun_upload__d429b8"),
    )
    # Photos do not get smaller by compressing: PostgreSQL need not try.
    op.execute("ALTER TABLE upload_chunk ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute(
        "ALTER TABLE upload ADD CONSTRAINT upload_received_by_hand CHECK (received BETWEEN 0 AND size AND size > 0)"
    )
    op.add_column("listing", sa.Column("sent_id", sa.VARCHAR(length=40), nullable=True))
    op.add_column("listing", sa.Column("sent_hash", sa.VARCHAR(length=64), nullable=False, server_default=""))
    op.create_unique_constraint("uid_listing_vendor__bddbaf", "listing", ["vendor_id", "sent_id"])


def downgrade() -> None:
    """Back."""
    op.drop_constraint("uid_listing_vendor__bddbaf", "listing", type_="unique")
    op.drop_column("listing", "sent_hash")
    op.drop_column("listing", "sent_id")
    op.drop_table("upload_chunk")
    op.drop_index("idx_upload_touched_f8fe52", table_name="upload")
    op.drop_table("upload")
