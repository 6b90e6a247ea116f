"""An order as a document to print and keep: what was agreed, with both parties, as its buyer and its seller read it."""

from dataclasses import dataclass
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from kit.dates import show_day, show_moment, vietnam_date
from kit.db import select
from kit.i18n import Sentence, translated
from kit.identifiers import show_phone
from kit.money import show_dong, show_weight
from orders.models import Order, OrderEvent, OrderLine
from orders.order_pdf import OrderPaper, PaperLine, order_pdf
from orders.services.names import reference_of
from orders.services.order_money import payments_behind
from orders.services.words import WORDS, steps_of
from payments.services import PaymentView, refunds_of
from postal.gates.names import title_of
from vendors.services import VendorCard, vendor_card
from vendors.services.seller_facts import SellerFacts, seller_facts

RETURN_WORDS = (
    "Hàng không đúng mô tả, thiếu hoặc hỏng: người bán nhận lại hàng và chịu phí gửi về. Thông tin về hàng hay người"
    " bán ghi ở đây sai hoặc thiếu: bên mua chấm dứt hợp đồng trong 30 ngày từ khi nhận hàng, không mất phí, được hoàn"
    " tiền trong 30 ngày theo đúng cách đã trả."
)
LAW_WORDS = (
    "Luật Bảo vệ quyền lợi người tiêu dùng 19/2023/QH15, điều 37 và 38; "
    "Luật Thương mại điện tử 122/2025/QH15, điều 17."
)
_PRINTERS = CapacityLimiter(2)


@dataclass(frozen=True)
class Contract:
    """An order with all that its document says."""

    order: Order
    lines: list[OrderLine]
    events: list[OrderEvent]
    vendor: VendorCard
    facts: SellerFacts
    payment: PaymentView | None
    back_dong: int


async def contract_of(order: Order, *, now: datetime) -> Contract:
    """The order and its parties as they are known now; prices and goods as they were ordered. Eleven queries."""
    behind = await payments_behind(order)
    payment = next((one for one in behind if one.reference == reference_of(order.id)), None)
    refunds = await refunds_of(*[one.id for one in behind]) if behind else []
    return Contract(
        order=order,
        lines=await select(OrderLine, "WHERE order_id = $1 ORDER BY id", [order.id]),
        events=await select(OrderEvent, "WHERE order_id = $1 ORDER BY id", [order.id]),
        vendor=await vendor_card(order.vendor_id),
        facts=await seller_facts(order.vendor_id, today=vietnam_date(now)),
        payment=payment,
        back_dong=sum(one.amount_dong for one in refunds if one.state == "succeeded"),
    )


async def order_as_pdf(order: Order, *, base_url: str, now: datetime) -> bytes:
    """The order as a PDF in Vietnamese, drawn in a thread."""
    words = paper_of(await contract_of(order, now=now), base_url=base_url, now=now)
    return await to_thread.run_sync(lambda: order_pdf(words, made_at=now), limiter=_PRINTERS)


def paper_of(contract: Contract, *, base_url: str, now: datetime) -> OrderPaper:
    """What stands on the paper."""
    order = contract.order
    steps = steps_of(order, contract.events)
    return OrderPaper(
        code=order.code,
        placed=show_moment(order.placed_at),
        state=f"Tình trạng: {vietnamese(WORDS[order.state])}",
        seller=tuple(filter(None, seller_lines(contract))),
        buyer=tuple(filter(None, buyer_lines(order))),
        lines=[_line(one) for one in contract.lines],
        sums=_sums(contract),
        terms=terms_of(contract),
        steps=[(show_moment(one.moment), vietnamese(one.label)) for one in steps if one.moment],
        printed=show_moment(now),
        link=f"{base_url}/orders/{order.code}",
    )


def vietnamese(sentence: Sentence) -> str:
    """A sentence in the language of contracts."""
    return translated(sentence, "vi")


def seller_lines(contract: Contract) -> tuple[str, ...]:
    """The seller before the law: registered name, kind, numbers, address, phone, and whether the market checked it."""
    order, vendor, facts = contract.order, contract.vendor, contract.facts
    address = facts.address or ", ".join(filter(None, (vendor.line, vendor.commune, vendor.province)))
    checked = (
        f"Chợ đã xác minh ngày {show_day(facts.verified_on)}" if facts.verified_on else "Chợ chưa xác minh"
    )
    return (
        facts.registered_name or order.vendor_name,
        order.vendor_name if facts.registered_name and facts.registered_name != order.vendor_name else "",
        f"{vietnamese(vendor.kind_name)}, {vendor.contact_name}"
        if vendor.contact_name
        else vietnamese(vendor.kind_name),
        f"Mã số thuế {facts.tax_code}" if facts.tax_code else "",
        f"Số đăng ký {facts.registration_no}" if facts.registration_no else "",
        address,
        f"Điện thoại {show_phone(vendor.phone)}",
        checked,
    )


def buyer_lines(order: Order) -> tuple[str, ...]:
    """Who gets the goods and where, in the two-level address, with the old one if it was given so."""
    return (
        order.recipient_name,
        f"Điện thoại {show_phone(order.recipient_phone)}" if order.recipient_phone else "",
        order.recipient_address,
        f"Tên cũ: {order.old_place}" if order.old_place else "",
        f"Lời nhắn: {order.note}" if order.note else "",
    )


def _line(line: OrderLine) -> PaperLine:
    notes = []
    if line.estimate_g is not None:
        per_kg = show_dong(line.price_per_kg_dong or 0)
        notes.append(
            f"Bán theo cân: chừng {show_weight(line.estimate_g)}, {per_kg}/kg, chênh không quá {line.band_percent} %"
        )
    if line.more_most_dong:
        notes.append(f"Nặng hơn thì trả thêm phần chênh, tối đa {show_dong(line.more_most_dong)}")
    if line.final_weight_g is not None:
        less = f", trả lại {show_dong(line.less_dong)}" if line.less_dong else ""
        more = f", trả thêm {show_dong(line.more_dong)}" if line.more_dong else ""
        notes.append(f"Cân lúc gói: {show_weight(line.final_weight_g)}{less}{more}")
    if line.short_quantity:
        notes.append(f"Thiếu {line.short_quantity}, bớt {show_dong(line.short_dong)}")
    if line.lots:
        notes.append(f"Lô {', '.join(line.lots)}")
    return PaperLine(
        name=line.name,
        notes=tuple(notes),
        quantity=f"{line.quantity} {line.unit}",
        price=show_dong(line.price_dong),
        total=show_dong(line.sum_dong),
    )


def _sums(contract: Contract) -> list[tuple[str, str]]:
    order, payment = contract.order, contract.payment
    rows = [
        ("Tiền hàng, đã gồm thuế", show_dong(order.goods_dong)),
        ("Phí giao", show_dong(order.delivery_dong)),
        *([("Trả thêm vì nặng hơn", show_dong(order.more_dong))] if order.more_dong else []),
        ("Tổng cộng", show_dong(order.total_dong + order.more_dong)),
    ]
    if payment and payment.received_dong:
        received_dong = payment.received_dong + payment.extra_dong + order.more_dong
        rows.append(("Bên mua đã trả", show_dong(received_dong)))
    if contract.back_dong:
        rows.append(("Bên bán đã hoàn", show_dong(contract.back_dong)))
    return rows


def _heavier(order: Order) -> str:
    if not order.more_most_dong:
        return " Nặng hơn bên mua không phải trả thêm."
    return (
        f" Món nào ghi rõ thì nặng hơn bên mua trả thêm phần chênh, tất cả không quá {show_dong(order.more_most_dong)};"
        " trả xong hàng mới gửi. Quá hạn mà bên mua chưa trả thì bên bán gói lại cho đúng số tiền đã trả,"
        " hoặc không thu phần chênh."
    )


def terms_of(contract: Contract) -> list[tuple[str, str]]:
    """What was agreed beside goods and prices: how they come, are paid, go back, and where to complain."""
    order, payment, facts = contract.order, contract.payment, contract.facts
    paid = "Quét mã VietQR, tiền vào thẳng tài khoản bên bán."
    if payment:
        paid += f" {payment.bank_name}, {payment.account_holder}, số cuối {payment.account_tail}."
    sent = f"{title_of(order.carrier)} giao tận nơi, phí {show_dong(order.delivery_dong)}."
    if order.ships_from and order.ships_to:
        sent += f" Đặt trước, gửi từ {show_day(order.ships_from)} đến {show_day(order.ships_to)}."
    rows = [("Giao hàng", sent), ("Trả tiền", paid)]
    if any(one.estimate_g is not None for one in contract.lines):
        rows.append(
            (
                "Bán theo cân",
                "Lúc gói cân lại trong mức chênh đã ghi; nhẹ hơn thì bên mua được trả lại tiền thừa."
                + _heavier(order),
            )
        )
    if order.is_adult_only:
        rows.append(
            (
                "Đơn có rượu",
                "Bên mua đã nói đủ 18 tuổi; bưu tá xem giấy tờ khi giao, chưa đủ tuổi thì không giao.",
            )
        )
    if order.parcel_code:
        rows.append(("Bưu gửi", order.parcel_code))
    complain = (
        f"Bên mua khiếu nại ở trang đơn trong 30 ngày từ khi nhận hàng; bên bán trả lời trong {facts.answer_days} ngày,"
        " quá hạn hoặc không thống nhất thì ban quản lý chợ xem; hai bên vẫn có quyền nhờ hòa giải, trọng tài, tòa án."
    )
    return [*rows, ("Trả hàng", RETURN_WORDS), ("Khiếu nại", complain), ("Căn cứ", LAW_WORDS)]
