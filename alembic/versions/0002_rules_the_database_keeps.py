"""Rules that the database keeps itself: books that balance and stay, stock that never goes below nothing.

Hand-written: no model can say these. Names end in _by_hand so that the comparison with the models leaves them out.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "ledger_transaction",
    "ledger_entry",
    "audit_entry",
    "payment_event",
    "order_event",
    "parcel_event",
)

CHECKS = (
    ("listing", "stock", "stock >= 0 AND reserved >= 0 AND sold >= 0"),
    ("listing", "price", "price_dong > 0 AND weight_g > 0"),
    ("payment", "asked", "asked_dong > 0 AND received_dong >= 0"),
    ("ledger_entry", "amount", "amount_dong <> 0"),
    ("order_line", "sum", "quantity > 0 AND sum_dong = price_dong * quantity"),
    (
        "customer_order",
        "total",
        "total_dong = goods_dong + delivery_dong AND goods_dong > 0 AND delivery_dong >= 0",
    ),
    ("basket_line", "quantity", "quantity > 0"),
    ("certificate", "stars", "stars BETWEEN 3 AND 5"),
    ("certificate", "points", "points BETWEEN 0 AND 100"),
)

INDEXES = (
    ("outbox_due", "outbox_job (due_at, id) WHERE state = 'waiting'"),
    ("outbox_dead", "outbox_job (id) WHERE state = 'dead'"),
    ("outbox_done", "outbox_job (done_at) WHERE state = 'done'"),
    ("notice_unhandled", "notice (received_at) WHERE handled_at IS NULL"),
    ("admin_unit_prefix", "admin_unit (version, level, folded text_pattern_ops)"),
)


def upgrade() -> None:
    """Forward."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _append_only()
    _balanced()
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_by_hand CHECK ({rule})")
    for name, what in INDEXES:
        op.execute(f"CREATE INDEX {name}_by_hand ON {what}")
    op.execute(
        "CREATE UNIQUE INDEX listing_own_code_by_hand ON listing (vendor_id, own_code) WHERE own_code <> ''"
    )
    op.execute(
        "CREATE UNIQUE INDEX one_default_account_by_hand ON receiving_account (vendor_id) WHERE is_default"
    )


def downgrade() -> None:
    """Back."""
    op.execute("DROP INDEX one_default_account_by_hand")
    op.execute("DROP INDEX listing_own_code_by_hand")
    for name, _ in INDEXES:
        op.execute(f"DROP INDEX {name}_by_hand")
    for table, name, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_by_hand")
    op.execute("DROP TRIGGER ledger_entry_balanced ON ledger_entry")
    op.execute("DROP TRIGGER ledger_transaction_balanced ON ledger_transaction")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION ledger_must_balance()")
    op.execute("DROP FUNCTION refuse_change()")


def _append_only() -> None:
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """)


def _balanced() -> None:
    """At the commit, every transaction touched must have entries, and they must sum to zero."""
    op.execute("""
        CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            touched bigint := CASE TG_TABLE_NAME WHEN 'ledger_entry' THEN (to_jsonb(NEW) ->> 'transaction_id')::bigint
                                                 ELSE (to_jsonb(NEW) ->> 'id')::bigint END;
            total numeric;
        BEGIN
            SELECT sum(amount_dong) INTO total FROM ledger_entry WHERE transaction_id = touched;
            IF total IS DISTINCT FROM 0 THEN
                RAISE EXCEPTION 'ledger transaction % sums to %', touched, total
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    for table in ("ledger_entry", "ledger_transaction"):
        op.execute(f"""
            CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance()
        """)
