"""Every table that holds something of a person stands in docs/privacy.md, and what stands there is a table."""

import re

import pytest

from kit.db import sql
from kit.settings import ROOT

pytestmark = pytest.mark.usefixtures("db")
OF_A_PERSON = re.compile(
    r"(^|_)(phone|holder|line|email|address|browser|contact_name|full_name|recipient_name|sender_name|member_name|"
    r"witness_name|shown_name|number_sealed|number_masked|account_number|endpoint|received_by|latitude|longitude|"
    r"person_id|device)$"
)
NOT_OF_A_PERSON = {
    "commune_point",  # where communes lie
    "market",  # a market's own address
}
_COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"


async def test_every_table_that_knows_people_is_written_down() -> None:
    rows = [(str(row["table_name"]), str(row["column_name"])) for row in await sql(_COLUMNS, [])]
    tables = {table for table, _ in rows}
    knows = {table for table, column in rows if OF_A_PERSON.search(column)} - NOT_OF_A_PERSON
    assert len(knows) > 30
    lines = (ROOT / "docs" / "privacy.md").read_text().splitlines()
    written = {
        name
        for line in lines
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert sorted(knows - written) == [], "say in docs/privacy.md what these hold, what for, and when it goes"
    assert sorted(written - tables) == [], "these are no tables any more"
