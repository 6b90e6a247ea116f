"""Money back in the demo: bruised fruit, a seller who agrees, an account told, a transfer made or still to make."""

from dataclasses import dataclass
from datetime import datetime

from kit.roles import Caller, Role
from kit.sealed import SealKeys
from orders.services import order_for
from orders.services.returns import Choice, answer_ask, ask_return
from payments.services import PayerAccount, PaymentView, confirm_refund, refunds_of, say_return_account

RETURN_STEPS = ("ask_money_back", "agree", "tell_account", "give_money_back")
BRUISED_DONG = 60_000
ACCOUNT = PayerAccount("970436", "DEMO10000011", "NGUOI MUA THU")


@dataclass(frozen=True)
class ReturnCast:
    """Who plays: the buyer, the seller, and the keys that the account is sealed under."""

    buyer_id: int
    seller_id: int
    keys: SealKeys


async def tell_return(step: str, payment: PaymentView, who: ReturnCast, *, now: datetime) -> None:
    """One step of money back for the order of a payment."""
    caller = Caller(person_id=who.seller_id, scopes={Role.VENDOR: (str(payment.vendor_id),)})
    order = await order_for(payment.code, caller)
    if step == "ask_money_back":
        choice = Choice(amount_dong=BRUISED_DONG)
        await ask_return(order, choice, "Có hai quả bị dập khi giao.", person_id=who.buyer_id, now=now)
    elif step == "agree":
        answer = "Cô xin lỗi, cô gửi lại tiền hai quả."
        await answer_ask(order, agrees=True, answer=answer, person_id=who.seller_id, now=now)
    elif step == "tell_account":
        await say_return_account(payment.id, ACCOUNT, person_id=who.buyer_id, now=now, keys=who.keys)
    else:
        for refund in await refunds_of(payment.id):
            await confirm_refund(refund.id, person_id=who.seller_id, words="", now=now)
