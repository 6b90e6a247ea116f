"""What is withheld: the decree's rates to the đồng, dated, and booked away from the seller's payable."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.rules import load_rules, rule_on
from kit.settings import BadSettings, Settings, settings_from, tax_mode_of
from payments.tax import Rate, rate_of, withheld


@pytest.mark.parametrize(
    ("kind", "vat_dong", "income_dong"),
    [("goods", 10_000, 5_000), ("services", 50_000, 20_000), ("transport", 30_000, 15_000)],
)
async def test_a_million_is_taxed_as_the_decree_says(
    db: None, kind: str, vat_dong: int, income_dong: int
) -> None:
    await load_rules()
    rule = await rule_on(f"platform_tax_{kind}", date(2026, 3, 1))
    assert rule
    taken = withheld(1_000_000, rate_of(rule))
    assert (taken.vat_dong, taken.income_dong) == (vat_dong, income_dong)
    assert taken.total_dong == vat_dong + income_dong
    assert await rule_on(f"platform_tax_{kind}", date(2025, 6, 30)) is None


@given(amount=st.integers(0, 10**12), vat=st.integers(0, 1000), income=st.integers(0, 1000))
def test_taxes_are_whole_and_never_more_than_the_sum(amount: int, vat: int, income: int) -> None:
    taken = withheld(amount, Rate(vat, income))
    assert 0 <= taken.total_dong <= amount + 1
    assert abs(taken.vat_dong * 10_000 - amount * vat) <= 5_000


@pytest.mark.parametrize("text", ["", "1", "a/b", "-1/5", "1/2/3", "20000/1"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rate_of(text)


def test_each_provider_has_its_own_mode() -> None:
    settings = settings_from({"PAY_TAX": "report, momo=withhold"})
    assert (tax_mode_of(settings, "momo"), tax_mode_of(settings, "vnpay")) == ("withhold", "report")
    assert tax_mode_of(Settings(), "momo") == "none"
    with pytest.raises(BadSettings, match="PAY_TAX"):
        settings_from({"PAY_TAX": "nobody=withhold"})
