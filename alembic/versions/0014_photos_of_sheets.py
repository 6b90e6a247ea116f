"""Photos that come with a sheet of goods in a ZIP file, each kept small before its row needs it."""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "import_photo",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("name", sa.VARCHAR(length=200), nullable=False),
        sa.Column("token", sa.VARCHAR(length=1000), nullable=False),
        sa.Column("reason", sa.VARCHAR(length=20), nullable=False),
        sa.Column("is_ready", sa.BOOLEAN(), nullable=False),
        sa.Column("sheet_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["listing_import.id"], name="import_photo_sheet_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="import_photo_pkey"),
        sa.UniqueConstraint("sheet_id", "name", name="uid_import_phot_sheet_i_9e08be"),
    )
    op.create_index(
        "idx_import_phot_sheet_i_64ba10", "import_photo", ["sheet_id", "is_ready", "id"], unique=False
    )
    op.add_column(
        "listing_import", sa.Column("photos_key", sa.VARCHAR(length=120), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("listing_import", "photos_key")
    op.drop_index("idx_import_phot_sheet_i_64ba10", table_name="import_photo")
    op.drop_table("import_photo")
