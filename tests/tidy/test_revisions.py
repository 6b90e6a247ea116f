"""New revisions run while the code of the release before serves people: nothing in them stops it or takes from it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASED = "0033"
# Tables that are large or that every request needs: no lock of theirs is held for long.
BIG = frozenset(
    re.findall(
        r"\w+",
        """
        admin_unit audit_entry basket_line customer_order kept_answer ledger_entry ledger_transaction listing
        notice notice_try order_event order_line outbox_job parcel parcel_event payment
        payment_attempt payment_event person person_notice photo refund revenue_entry search_count
        session stock_move text_message till_event till_line till_sale variant vendor
        webhook_message webhook_try
        """,
    )
)
ADVICE = "docs/production.md, «Changing the tables»"
# In raw SQL: what takes away, what rewrites, what locks for as long as the table is large.
TAKES = (
    (r"\bDROP\s+COLUMN\b", "drops a column that old code reads"),
    (r"\bDROP\s+TABLE\b", "drops a table that old code reads"),
    (r"\bRENAME\b", "renames what old code calls by its name"),
    (
        r"\bALTER\s+(COLUMN\s+)?\"?\w+\"?\s+(SET\s+DATA\s+)?TYPE\b",
        "changes a type: the table is written anew",
    ),
    (r"\bSET\s+NOT\s+NULL\b", "reads the whole table under a lock; add a CHECK … NOT VALID first"),
    (r"\bADD\s+COLUMN\b(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\bDEFAULT\b)", "adds NOT NULL without a default"),
    (r"\bTRUNCATE\b|\bLOCK\s+TABLE\b", "shuts a table"),
)
INDEX = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\bON\s+\"?(\w+)", re.I)
RULE = re.compile(r"\bALTER\s+TABLE\s+\"?(\w+)\"?[^;]*\bADD\s+CONSTRAINT\b(?![^;]*\bNOT\s+VALID\b)", re.I)
BACKFILL = re.compile(r"(?:^|;)\s*(?:UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.I)


def dangers(text: str) -> list[str]:
    """What in a revision's upgrade() would hurt old code that runs beside it; a line with `# safe: why` is believed."""
    tree, lines = ast.parse(text), text.splitlines()
    upgrade = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "upgrade")
    made = {_word(call, 0) for call in _calls(upgrade) if _name(call) == "create_table"}
    made |= set(re.findall(r"\bCREATE\s+TABLE\s+\"?(\w+)", text, re.I))
    found = []
    for call in _calls(upgrade):
        end = call.end_lineno or call.lineno
        if not any("# safe:" in line for line in lines[call.lineno - 1 : end]):
            found += [f"line {call.lineno}: {why}" for why in _said_by(call, made)]
    for line, sql in _texts(tree, lines):
        found += [f"line {line}: {why}" for why in _said_in_sql(sql, made)]
    return found


def _calls(upgrade: ast.FunctionDef) -> list[ast.Call]:
    return [one for one in ast.walk(upgrade) if isinstance(one, ast.Call)]


def _texts(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Every text outside downgrade() that may be SQL, with its line."""
    down = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "downgrade"]
    skipped = {id(node) for one in down for node in ast.walk(one)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
        if is_text and re.match(r"\s*(CREATE|ALTER|DROP|UPDATE|DELETE|TRUNCATE|LOCK)\b", node.value):
            span = lines[node.lineno - 1 : node.end_lineno or node.lineno]
            if not any("# safe:" in line for line in span):
                yield node.lineno, node.value


def _said_in_sql(sql: str, made: set[str]) -> Iterator[str]:
    if re.match(r"\s*CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|TABLE)\b", sql, re.I):
        return
    named = re.search(r"\b(?:TABLE|ON)\s+\"?(\w+)", sql, re.I)
    for pattern, why in TAKES:
        if re.search(pattern, sql, re.I) and not (named and named[1] in made):
            yield why
    for expression, why in (
        (INDEX, "builds an index under a lock; CONCURRENTLY, in an autocommit_block()"),
        (RULE, "checks every row under a lock; NOT VALID now, VALIDATE CONSTRAINT afterwards"),
        (BACKFILL, "writes a large table in one transaction; let a round do it in pieces"),
    ):
        yield from (f"{why} ({one})" for one in expression.findall(sql) if one in BIG - made)


def _said_by(call: ast.Call, made: set[str]) -> Iterator[str]:
    name, table = _name(call), _word(call, 1 if _name(call) == "create_index" else 0)
    more = {one.arg: one.value for one in call.keywords}
    if table in made:
        return
    if name in ("drop_column", "drop_table", "rename_table"):
        yield f"{name}: old code still uses it"
    if name == "alter_column":
        for word, why in (
            ("new_column_name", "renames a column"),
            ("type_", "changes a type"),
            ("nullable", "changes NOT NULL"),
        ):
            if word in more and not (word == "nullable" and getattr(more[word], "value", None) is True):
                yield f"alter_column {why} under old code"
    if name == "add_column" and _is_bare(call):
        yield "adds NOT NULL without a server_default: old code's INSERT fails"
    if name == "create_index" and table in BIG and "postgresql_concurrently" not in more:
        yield f"builds an index on {table} under a lock; CONCURRENTLY, in an autocommit_block()"
    rules = ("create_foreign_key", "create_unique_constraint", "create_check_constraint")
    if name in rules and _word(call, 1) in BIG - made:
        yield f"{name} on {_word(call, 1)} reads every row under a lock; NOT VALID, then VALIDATE"


def _is_bare(call: ast.Call) -> bool:
    """Whether a column is added that is NOT NULL and has no default of the server's."""
    for column in (one for one in ast.walk(call) if isinstance(one, ast.Call) and _name(one) == "Column"):
        said = {one.arg: getattr(one.value, "value", ...) for one in column.keywords}
        if said.get("nullable") is False and said.get("server_default") is None:
            return True
    return False


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _word(call: ast.Call, place: int) -> str:
    return str(getattr(call.args[place], "value", "")) if len(call.args) > place else ""


def new_revisions() -> list[Path]:
    """Revisions after the last that was released before this rule."""
    found = sorted((ROOT / "alembic" / "versions").glob("*.py"))
    return [path for path in found if path.name[: len(RELEASED)] > RELEASED]


@pytest.mark.parametrize("path", new_revisions(), ids=lambda path: path.stem)
def test_a_new_revision_leaves_old_code_alone(path: Path) -> None:
    """Whoever knows better writes `# safe: why` on the line."""
    found = dangers(path.read_text())
    assert not found, f"{path.name}: {found}. See {ADVICE}."


DANGEROUS = [
    'op.drop_column("payment", "qr_text")',
    'op.drop_table("till_event")',
    'op.alter_column("payment", "code", new_column_name="word")',
    'op.alter_column("payment", "code", type_=sa.TEXT())',
    'op.alter_column("payment", "paid_at", nullable=False)',
    'op.add_column("small", sa.Column("word", sa.TEXT(), nullable=False))',
    'op.create_index("an_index", "notice", ["source"], unique=False)',
    'op.create_foreign_key("a_key", "notice", "payment", ["payment_id"], ["id"])',
    'op.execute("CREATE INDEX a_by_hand ON notice (source)")',
    "op.execute(\"CREATE UNIQUE INDEX a_by_hand ON payment (code) WHERE state = 'paid'\")",
    'op.execute("ALTER TABLE small DROP COLUMN word")',
    'op.execute("ALTER TABLE small RENAME COLUMN word TO name")',
    'op.execute("ALTER TABLE small ALTER COLUMN word TYPE text")',
    'op.execute("ALTER TABLE small ALTER COLUMN word SET NOT NULL")',
    'op.execute("ALTER TABLE small ADD COLUMN word text NOT NULL")',
    'op.execute("ALTER TABLE payment ADD CONSTRAINT a_by_hand CHECK (asked_dong > 0)")',
    "op.execute(\"UPDATE payment SET state = 'paid'\")",
    'op.execute("TRUNCATE small")',
]
HARMLESS = [
    'op.create_table("small", sa.Column("word", sa.TEXT(), nullable=False))',
    'op.create_table("notice", sa.Column("id", sa.BIGINT()))\n    op.create_index("a", "notice", ["id"])',
    'op.add_column("payment", sa.Column("word", sa.TEXT(), nullable=True))',
    'op.add_column("payment", sa.Column("word", sa.TEXT(), nullable=False, server_default=""))',
    'op.create_index("a", "small", ["word"], unique=False)',
    'op.create_index("a", "notice", ["source"], postgresql_concurrently=True)',
    'op.execute("CREATE INDEX CONCURRENTLY a_by_hand ON notice (source)")',
    'op.execute("ALTER TABLE payment ADD CONSTRAINT a_by_hand CHECK (asked_dong > 0) NOT VALID")',
    'op.execute("ALTER TABLE payment VALIDATE CONSTRAINT a_by_hand")',
    'op.alter_column("payment", "paid_at", nullable=True)',
    'op.drop_table("small")  # safe: no released code ever wrote it',
]


def revision(line: str) -> str:
    """A revision with one act, which its downgrade() takes back as it likes."""
    return f'def upgrade():\n    """Forward."""\n    {line}\n\n\ndef downgrade():\n    op.drop_table("payment")\n'


@pytest.mark.parametrize("line", DANGEROUS)
def test_what_would_hurt_old_code_is_found(line: str) -> None:
    """Each in its own form, by Alembic's words or in SQL."""
    assert dangers(revision(line))


@pytest.mark.parametrize("line", HARMLESS)
def test_what_old_code_does_not_feel_is_let_through(line: str) -> None:
    """New tables, columns it need not know, indexes built beside its work."""
    assert not dangers(revision(line))


def test_large_tables_exist() -> None:
    """A name that is no table's guards nothing."""
    texts = "\n".join(path.read_text() for path in (ROOT / "alembic" / "versions").glob("*.py"))
    named = set(re.findall(r"create_table\(\s*\"(\w+)\"", texts))
    assert named >= BIG, BIG - named
