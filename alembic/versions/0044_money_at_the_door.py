"""Money taken at the door: who offers it, every step of it, carriers' statements, and lists for carriers by file."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


# Small parts of tables that grow; each made beside the writing, in a transaction of its own.
INDEXES = {
    "parcel_at_door_by_hand": "parcel (vendor_id, id) WHERE cod_dong > 0",
    "parcel_to_list_by_hand": "parcel (carrier, id) WHERE batch_id IS NULL AND carrier = 'file'",
    "order_refused_by_hand": "customer_order (recipient_phone) WHERE refused_at_door",
}


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "carrier_batch",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("parcels", sa.INTEGER(), nullable=False),
        sa.Column("made_by", sa.BIGINT(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="carrier_batch_pkey"),
    )
    op.create_index("idx_carrier_bat_carrier_207db1", "carrier_batch", ["carrier", "made_at"], unique=False)
    op.create_table(
        "door_offer",
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("is_on", sa.BOOLEAN(), nullable=False),
        sa.Column("changed_by", sa.BIGINT(), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("vendor_id", name="door_offer_pkey"),
    )
    op.create_table(
        "collection_step",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("was", sa.VARCHAR(length=12), nullable=False),
        sa.Column("became", sa.VARCHAR(length=12), nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("dong", sa.BIGINT(), nullable=False),
        sa.Column("fee_dong", sa.BIGINT(), nullable=False),
        sa.Column("short_dong", sa.BIGINT(), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=True),
        sa.Column("reference", sa.VARCHAR(length=100), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["parcel.id"], name="collection_step_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="collection_step_pkey"),
    )
    op.create_index("idx_collection__parcel__41ed7f", "collection_step", ["parcel_id", "id"], unique=False)
    op.create_index("idx_collection__person__9a3a65", "collection_step", ["person_id", "at"], unique=False)
    op.add_column("carrier_statement", sa.Column("rows", sa.INTEGER(), nullable=False, server_default="0"))
    op.add_column(
        "carrier_statement", sa.Column("matched_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.create_index("idx_carrier_sta_importe_fc1ec6", "carrier_statement", ["imported_at"], unique=False)
    op.add_column(
        "carrier_statement_line", sa.Column("row", sa.INTEGER(), nullable=False, server_default="0")
    )
    op.add_column(
        "carrier_statement_line",
        sa.Column("said_code", sa.VARCHAR(length=60), nullable=False, server_default=""),
    )
    op.add_column(
        "carrier_statement_line", sa.Column("cod_dong", sa.BIGINT(), nullable=False, server_default="0")
    )
    op.add_column(
        "carrier_statement_line", sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.add_column("carrier_statement_line", sa.Column("settled_by", sa.BIGINT(), nullable=True))
    op.add_column(
        "carrier_statement_line",
        sa.Column("outcome", sa.VARCHAR(length=300), nullable=False, server_default=""),
    )
    op.drop_constraint(op.f("uid_carrier_sta_stateme_ae4cec"), "carrier_statement_line", type_="unique")
    op.create_index("idx_carrier_sta_parcel__1f3658", "carrier_statement_line", ["parcel_id"], unique=False)
    op.create_index(
        "idx_carrier_sta_verdict_2bbb58", "carrier_statement_line", ["verdict", "settled_at"], unique=False
    )
    op.create_unique_constraint(
        "uid_carrier_sta_stateme_ec4cf4", "carrier_statement_line", ["statement_id", "row"]
    )
    op.add_column(
        "customer_order", sa.Column("pays_on_delivery", sa.BOOLEAN(), nullable=False, server_default="false")
    )
    op.add_column(
        "customer_order", sa.Column("refused_at_door", sa.BOOLEAN(), nullable=False, server_default="false")
    )
    op.add_column(
        "doubtful_act", sa.Column("collected_dong", sa.BIGINT(), nullable=False, server_default="0")
    )
    op.add_column("parcel", sa.Column("batch_id", sa.BIGINT(), nullable=True))
    op.execute(
        "CREATE UNIQUE INDEX collection_step_once_by_hand ON collection_step (parcel_id, reference)"
        " WHERE reference <> ''"
    )
    op.execute(
        "CREATE TRIGGER collection_step_kept_by_hand BEFORE UPDATE OR DELETE ON collection_step"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    # Alcohol is paid without cash (Decree 24/2020/NĐ-CP, Article 6); goods ordered ahead are paid ahead.
    op.execute(
        "ALTER TABLE customer_order ADD CONSTRAINT order_at_door_by_hand"
        " CHECK (NOT pays_on_delivery OR (NOT is_adult_only AND ships_from IS NULL)) NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE customer_order VALIDATE CONSTRAINT order_at_door_by_hand")
        for name, what in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


def downgrade() -> None:
    """Back."""
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.drop_constraint("order_at_door_by_hand", "customer_order")
    op.execute("DROP TRIGGER collection_step_kept_by_hand ON collection_step")
    op.execute("DROP INDEX collection_step_once_by_hand")
    op.drop_column("parcel", "batch_id")
    op.drop_column("doubtful_act", "collected_dong")
    op.drop_column("customer_order", "refused_at_door")
    op.drop_column("customer_order", "pays_on_delivery")
    op.drop_constraint("uid_carrier_sta_stateme_ec4cf4", "carrier_statement_line", type_="unique")
    op.drop_index("idx_carrier_sta_verdict_2bbb58", table_name="carrier_statement_line")
    op.drop_index("idx_carrier_sta_parcel__1f3658", table_name="carrier_statement_line")
    op.create_unique_constraint(
        op.f("uid_carrier_sta_stateme_ae4cec"), "carrier_statement_line", ["statement_id", "tracking_code"]
    )
    op.drop_column("carrier_statement_line", "outcome")
    op.drop_column("carrier_statement_line", "settled_by")
    op.drop_column("carrier_statement_line", "settled_at")
    op.drop_column("carrier_statement_line", "cod_dong")
    op.drop_column("carrier_statement_line", "said_code")
    op.drop_column("carrier_statement_line", "row")
    op.drop_index("idx_carrier_sta_importe_fc1ec6", table_name="carrier_statement")
    op.drop_column("carrier_statement", "matched_at")
    op.drop_column("carrier_statement", "rows")
    op.drop_index("idx_collection__person__9a3a65", table_name="collection_step")
    op.drop_index("idx_collection__parcel__41ed7f", table_name="collection_step")
    op.drop_table("collection_step")
    op.drop_table("door_offer")
    op.drop_index("idx_carrier_bat_carrier_207db1", table_name="carrier_batch")
    op.drop_table("carrier_batch")
