"""The JSON API of an order's contract: both parties, the goods as they were ordered, what was agreed."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.web.api import JsonRoute, api_get
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE
from orders.answers import OrderLineAnswer, line_answer
from orders.services import order_for
from orders.services.paper import buyer_lines, contract_of, seller_lines, terms_of


@dataclass(frozen=True)
class TermAnswer:
    """Something that was agreed, in Vietnamese as the contract says it."""

    about: str
    words: str


@dataclass(frozen=True)
class ContractAnswer:
    """An order as a contract; `pdf_url` is the same on paper. `returned_dong` has gone back so far.

    Goods that weigh more cost up to `more_most_dong` on top of `total_dong`; `more_dong` was paid.
    """

    code: str
    placed_at: datetime
    seller: list[str]
    seller_tax_code: str
    seller_registration_no: str
    buyer: list[str]
    lines: list[OrderLineAnswer]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    more_most_dong: int
    more_dong: int
    returned_dong: int
    terms: list[TermAnswer]
    pdf_url: str


async def contract_read(request: Request) -> ContractAnswer:
    """The contract, for its buyer, its seller and administrators."""
    order = await order_for(request.path_params["code"], caller_of(request))
    contract = await contract_of(order, now=parts_of(request)[Clock].now())
    return ContractAnswer(
        code=order.code,
        placed_at=order.placed_at,
        seller=[one for one in seller_lines(contract) if one],
        seller_tax_code=contract.facts.tax_code,
        seller_registration_no=contract.facts.registration_no,
        buyer=[one for one in buyer_lines(order) if one],
        lines=[line_answer(one) for one in contract.lines],
        goods_dong=order.goods_dong,
        delivery_dong=order.delivery_dong,
        total_dong=order.total_dong,
        more_most_dong=order.more_most_dong,
        more_dong=order.more_dong,
        returned_dong=contract.back_dong,
        terms=[TermAnswer(about, words) for about, words in terms_of(contract)],
        pdf_url=request.app.url_path_for("orders:order_pdf", code=order.code),
    )


CONTRACT_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/contract",
        contract_read,
        who=ANYONE,
        name="orders:api_contract",
        summary="An order as a contract: both parties, goods and prices as ordered, what was agreed; and its PDF.",
        answer=ContractAnswer,
    ),
]
