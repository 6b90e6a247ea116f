"""Communes to deliver to, books that hold, and buyers."""

from collections.abc import AsyncIterator

import pytest

from orders.services import Buyer
from payments.services import assert_balanced
from tests.factories import COMMUNES_OF_ORDERS, units


@pytest.fixture
async def places(db: None) -> None:
    """Tân Cương, where goods come from, La Hiên in the same province, and a commune far away."""
    await units(*COMMUNES_OF_ORDERS)


@pytest.fixture
async def books(places: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


@pytest.fixture
def hoa() -> Buyer:
    """Somebody on a phone, not signed in."""
    return Buyer(None, "d" * 22)
