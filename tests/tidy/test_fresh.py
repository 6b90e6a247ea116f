"""Acts that matter ask again who does them; this list is read by people, and a route leaves it only on purpose."""

from kit.settings import Settings
from kit.web.api import JsonRoute
from kit.web.routing import Fresh, PageRoute
from market.app import all_routes

BY_ANYTHING = {
    "accounts:session_revoke_all",
    "accounts:session_revoke",
    "accounts:token_create",
    "accounts:passkey_create",
    "accounts:app_begin",
    "accounts:app_confirm",
    "accounts:codes_create",
    "accounts:factor_remove",
    "accounts:api_app_create",
    "accounts:api_app_code_create",
    "accounts:api_codes_create",
    "accounts:api_factor_remove",
}
BY_FACTOR = {
    "accounts:role_grant",
    "accounts:role_withdraw",
    "accounts:person_unblock",
    "accounts:factors_reset",
    "vendors:account_create",
    "vendors:account_default",
    "vendors:account_removal",
    "vendors:api_account_create",
    "vendors:api_account_default_create",
    "vendors:api_account_removal_create",
    "vendors:fee_account_create",
    "payments:admin_refund_confirm",
    "payments:admin_refund_decide",
    "payments:payout_approve",
    "payments:payout_sent",
    "payments:payout_end",
}


def test_what_asks_again_who_does_it() -> None:
    found: dict[Fresh, set[str]] = {Fresh.ANYTHING: set(), Fresh.FACTOR: set()}
    for route in all_routes(Settings()):
        if isinstance(route, PageRoute | JsonRoute) and route.fresh is not None:
            found[route.fresh].add(str(route.name))
            assert route.methods == {"POST"} and not route.who.everybody
    assert found == {Fresh.ANYTHING: BY_ANYTHING, Fresh.FACTOR: BY_FACTOR}
