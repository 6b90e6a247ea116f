"""Carriers outside the house: their news, areas, prices and statements, and how a booking with them stands."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


KEPT = ("carrier_notice",)
# What was told is kept as it was told; only that it was read may be added.
TOLD_STAYS = """
    CREATE FUNCTION told_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF to_jsonb(NEW) - '{handled_at,fault}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{handled_at,fault}'::text[]
        THEN
            RAISE EXCEPTION 'what was told is never changed' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "carrier_alert",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("kind", sa.VARCHAR(length=20), nullable=False),
        sa.Column("subject", sa.VARCHAR(length=80), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=True),
        sa.Column("detail", sa.VARCHAR(length=300), nullable=False),
        sa.Column("times", sa.INTEGER(), nullable=False),
        sa.Column("first_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="carrier_alert_pkey"),
    )
    op.create_index("idx_carrier_ale_closed__d83c9d", "carrier_alert", ["closed_at", "last_at"], unique=False)
    op.create_index(
        "idx_carrier_ale_parcel__66cede", "carrier_alert", ["parcel_id", "closed_at"], unique=False
    )
    op.create_table(
        "carrier_area",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("structure", sa.VARCHAR(length=10), nullable=False),
        sa.Column("carrier_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("carrier_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("parent_id", sa.VARCHAR(length=40), nullable=False),
        sa.Column("parent_name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("unit_code", sa.VARCHAR(length=8), nullable=True),
        sa.Column("synced_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.BIGINT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="carrier_area_pkey"),
        sa.UniqueConstraint("carrier", "structure", "carrier_id", name="uid_carrier_are_carrier_ad6c99"),
    )
    op.create_index(
        "idx_carrier_are_carrier_a88434", "carrier_area", ["carrier", "structure", "unit_code"], unique=False
    )
    op.create_table(
        "carrier_notice",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("event_key", sa.VARCHAR(length=64), nullable=False),
        sa.Column("source", sa.VARCHAR(length=8), nullable=False),
        sa.Column("body", sa.TEXT(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("handled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("fault", sa.VARCHAR(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="carrier_notice_pkey"),
        sa.UniqueConstraint("carrier", "event_key", name="uid_carrier_not_carrier_4df4a1"),
    )
    op.create_table(
        "carrier_quote",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("way", sa.VARCHAR(length=80), nullable=False),
        sa.Column("offers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quoted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="carrier_quote_pkey"),
        sa.UniqueConstraint("carrier", "way", name="uid_carrier_quo_carrier_01565e"),
    )
    op.create_table(
        "carrier_statement",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("name", sa.VARCHAR(length=120), nullable=False),
        sa.Column("digest", sa.VARCHAR(length=64), nullable=False),
        sa.Column("person_id", sa.BIGINT(), nullable=False),
        sa.Column("imported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="carrier_statement_pkey"),
        sa.UniqueConstraint("digest", name="carrier_statement_digest_key"),
    )
    op.create_table(
        "sender_box",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("length_cm", sa.INTEGER(), nullable=False),
        sa.Column("width_cm", sa.INTEGER(), nullable=False),
        sa.Column("height_cm", sa.INTEGER(), nullable=False),
        sa.Column("weight_max_g", sa.INTEGER(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sender_box_pkey"),
    )
    op.create_index(
        "idx_sender_box_vendor__1aedf4", "sender_box", ["vendor_id", "weight_max_g"], unique=False
    )
    op.create_table(
        "sender_carrier",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("vendor_id", sa.BIGINT(), nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("is_default", sa.BOOLEAN(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sender_carrier_pkey"),
        sa.UniqueConstraint("vendor_id", "carrier", name="uid_sender_carr_vendor__ad469e"),
    )
    op.create_table(
        "twin_parcel",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.VARCHAR(length=20), nullable=False),
        sa.Column("number", sa.VARCHAR(length=40), nullable=False),
        sa.Column("reference", sa.VARCHAR(length=60), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fee_dong", sa.BIGINT(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="twin_parcel_pkey"),
        sa.UniqueConstraint("carrier", "number", name="uid_twin_parcel_carrier_9b7152"),
    )
    op.create_index("idx_twin_parcel_carrier_103ca0", "twin_parcel", ["carrier", "reference"], unique=False)
    op.create_index("idx_twin_parcel_carrier_e27f03", "twin_parcel", ["carrier", "changed_at"], unique=False)
    op.create_table(
        "carrier_statement_line",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=True),
        sa.Column("tracking_code", sa.VARCHAR(length=40), nullable=False),
        sa.Column("fee_dong", sa.BIGINT(), nullable=False),
        sa.Column("remitted_dong", sa.BIGINT(), nullable=False),
        sa.Column("verdict", sa.VARCHAR(length=16), nullable=False),
        sa.Column("statement_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["carrier_statement.id"],
            name="carrier_statement_line_statement_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="carrier_statement_line_pkey"),
        sa.UniqueConstraint("statement_id", "tracking_code", name="uid_carrier_sta_stateme_ae4cec"),
    )
    op.create_table(
        "twin_push",
        sa.Column("id", sa.BIGINT(), autoincrement=True, nullable=False),
        sa.Column("step", sa.INTEGER(), nullable=False),
        sa.Column("is_forged", sa.BOOLEAN(), nullable=False),
        sa.Column("sends", sa.INTEGER(), nullable=False),
        sa.Column("sends_left", sa.INTEGER(), nullable=False),
        sa.Column("last_answer", sa.VARCHAR(length=200), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("parcel_id", sa.BIGINT(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["twin_parcel.id"], name="twin_push_parcel_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="twin_push_pkey"),
    )
    op.create_index("idx_twin_push_parcel__a3e845", "twin_push", ["parcel_id"], unique=False)
    op.add_column(
        "customer_order", sa.Column("carrier", sa.VARCHAR(length=20), nullable=False, server_default="staff")
    )
    op.add_column(
        "customer_order",
        sa.Column("carrier_service", sa.VARCHAR(length=40), nullable=False, server_default=""),
    )
    op.add_column("parcel", sa.Column("vendor_id", sa.BIGINT(), nullable=True))
    op.add_column("parcel", sa.Column("service", sa.VARCHAR(length=40), nullable=False, server_default=""))
    op.add_column(
        "parcel", sa.Column("booking", sa.VARCHAR(length=10), nullable=False, server_default="booked")
    )
    op.add_column("parcel", sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("parcel", sa.Column("looks", sa.INTEGER(), nullable=False, server_default="0"))
    op.add_column(
        "parcel", sa.Column("refused_because", sa.VARCHAR(length=200), nullable=False, server_default="")
    )
    op.add_column("parcel", sa.Column("sort_code", sa.VARCHAR(length=40), nullable=False, server_default=""))
    op.add_column("parcel", sa.Column("cod_dong", sa.BIGINT(), nullable=False, server_default="0"))
    op.add_column("parcel", sa.Column("money", sa.VARCHAR(length=12), nullable=False, server_default="none"))
    op.add_column("parcel", sa.Column("fee_dong", sa.BIGINT(), nullable=True))
    op.add_column("parcel", sa.Column("carrier_weight_g", sa.INTEGER(), nullable=True))
    op.add_column("parcel", sa.Column("wish", sa.VARCHAR(length=12), nullable=False, server_default=""))
    op.add_column("parcel", sa.Column("heard_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index("idx_parcel_carrier_389bcf", "parcel", ["carrier", "state", "heard_at"], unique=False)
    op.create_index("idx_parcel_carrier_cd9e0e", "parcel", ["carrier", "tracking_code"], unique=False)
    op.create_index("idx_parcel_vendor__d494de", "parcel", ["vendor_id", "booked_at"], unique=False)
    op.add_column("parcel_event", sa.Column("code", sa.VARCHAR(length=40), nullable=False, server_default=""))
    op.add_column("parcel_event", sa.Column("notice_id", sa.BIGINT(), nullable=True))
    op.execute(TOLD_STAYS)
    op.create_check_constraint(
        "parcel_cod_by_hand", "parcel", "cod_dong >= 0 AND (fee_dong IS NULL OR fee_dong >= 0)"
    )
    # What a carrier told is read from the oldest on, and what was read is never looked at again.
    op.execute("CREATE INDEX carrier_notice_waiting_by_hand ON carrier_notice (id) WHERE handled_at IS NULL")
    op.execute(
        "CREATE UNIQUE INDEX carrier_alert_open_by_hand ON carrier_alert (carrier, kind, subject)"
        " WHERE closed_at IS NULL"
    )
    op.execute(
        "CREATE UNIQUE INDEX sender_carrier_default_by_hand ON sender_carrier (vendor_id) WHERE is_default"
    )
    op.execute("CREATE INDEX parcel_booking_by_hand ON parcel (booking, asked_at) WHERE booking <> 'booked'")
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept_by_hand BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION told_stays()"
        )


def downgrade() -> None:
    """Back."""
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_kept_by_hand ON {table}")
    op.execute("DROP FUNCTION told_stays()")
    for index in ("parcel_booking", "sender_carrier_default", "carrier_alert_open", "carrier_notice_waiting"):
        op.execute(f"DROP INDEX {index}_by_hand")
    op.drop_constraint("parcel_cod_by_hand", "parcel")
    op.drop_column("parcel_event", "notice_id")
    op.drop_column("parcel_event", "code")
    op.drop_index("idx_parcel_vendor__d494de", table_name="parcel")
    op.drop_index("idx_parcel_carrier_cd9e0e", table_name="parcel")
    op.drop_index("idx_parcel_carrier_389bcf", table_name="parcel")
    op.drop_column("parcel", "heard_at")
    op.drop_column("parcel", "wish")
    op.drop_column("parcel", "carrier_weight_g")
    op.drop_column("parcel", "fee_dong")
    op.drop_column("parcel", "money")
    op.drop_column("parcel", "cod_dong")
    op.drop_column("parcel", "sort_code")
    op.drop_column("parcel", "refused_because")
    op.drop_column("parcel", "looks")
    op.drop_column("parcel", "asked_at")
    op.drop_column("parcel", "booking")
    op.drop_column("parcel", "service")
    op.drop_column("parcel", "vendor_id")
    op.drop_column("customer_order", "carrier_service")
    op.drop_column("customer_order", "carrier")
    op.drop_index("idx_twin_push_parcel__a3e845", table_name="twin_push")
    op.drop_table("twin_push")
    op.drop_table("carrier_statement_line")
    op.drop_index("idx_twin_parcel_carrier_e27f03", table_name="twin_parcel")
    op.drop_index("idx_twin_parcel_carrier_103ca0", table_name="twin_parcel")
    op.drop_table("twin_parcel")
    op.drop_table("sender_carrier")
    op.drop_index("idx_sender_box_vendor__1aedf4", table_name="sender_box")
    op.drop_table("sender_box")
    op.drop_table("carrier_statement")
    op.drop_table("carrier_quote")
    op.drop_table("carrier_notice")
    op.drop_index("idx_carrier_are_carrier_a88434", table_name="carrier_area")
    op.drop_table("carrier_area")
    op.drop_index("idx_carrier_ale_parcel__66cede", table_name="carrier_alert")
    op.drop_index("idx_carrier_ale_closed__d83c9d", table_name="carrier_alert")
    op.drop_table("carrier_alert")
