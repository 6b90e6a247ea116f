"""Registries of certificates that departments send in, and what becomes of each row."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "certificate_registry",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("code", sa.VARCHAR(length=16), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("file_name", sa.VARCHAR(length=160), nullable=False),
        sa.Column("file_hash", sa.VARCHAR(length=64), nullable=False),
        sa.Column("file_key", sa.VARCHAR(length=120), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("heads", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issuer_level", sa.VARCHAR(length=20), nullable=False),
        sa.Column("rows", sa.INTEGER(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="certificate_registry_pkey"),
        sa.UniqueConstraint("code", name="certificate_registry_code_key"),
    )
    op.create_index(
        "idx_certificate_file_ha_3ecf19", "certificate_registry", ["file_hash", "state"], unique=False
    )
    op.create_table(
        "registry_row",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("number", sa.INTEGER(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.VARCHAR(length=400), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("listing_id", sa.BIGINT(), nullable=True),
        sa.Column("is_decided", sa.BOOLEAN(), nullable=False),
        sa.Column("state", sa.VARCHAR(length=20), nullable=False),
        sa.Column("registry_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registry_id"],
            ["certificate_registry.id"],
            name="registry_row_registry_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="registry_row_pkey"),
        sa.UniqueConstraint("registry_id", "number", name="uid_registry_ro_registr_071409"),
    )
    op.create_index("idx_registry_ro_key_e8e153", "registry_row", ["key", "is_decided"], unique=False)
    op.create_index(
        "idx_registry_ro_registr_c499a0", "registry_row", ["registry_id", "state", "number"], unique=False
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_registry_ro_registr_c499a0", table_name="registry_row")
    op.drop_index("idx_registry_ro_key_e8e153", table_name="registry_row")
    op.drop_table("registry_row")
    op.drop_index("idx_certificate_file_ha_3ecf19", table_name="certificate_registry")
    op.drop_table("certificate_registry")
