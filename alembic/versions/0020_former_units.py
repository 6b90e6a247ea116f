"""The old units of a commune are found by its code."""

from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "idx_admin_unit__new_cod_514972", "admin_unit_successor", ["new_code", "new_version"], unique=False
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("idx_admin_unit__new_cod_514972", table_name="admin_unit_successor")
