"""The demo market: real goods and producers, invented prices, people and orders, and the words that greet you."""

from kit.identifiers import show_phone
from kit.settings import Settings
from market.demo.people import PEOPLE


def banner(settings: Settings, *, seconds: float) -> str:
    """What stands on the console when everything answers: where to look and how to sign in, in two languages."""
    address = settings.base_url
    lines = ["", f"Chợ 4.0: {address}   ({seconds:.1f} s)"]
    if settings.is_production:
        return "\n".join([*lines, ""])
    lines += ["", "Đăng nhập bằng số điện thoại / sign in with a phone number:"]
    for person in PEOPLE:
        if person.is_shown:
            lines.append(
                f"  {show_phone(person.phone)}  {person.name}, {person.work}  →  {address}{person.start}"
            )
    if settings.sms_gate == "twin":
        lines.append(f"Mã đăng nhập hiện ở đây và ở / codes appear here and at {address}/twins/texts")
    if settings.bank_twin:
        lines.append(f"Ngân hàng giả để trả tiền / pretend bank to pay with: {address}/twins/bank")
    lines += ["Giá, đơn hàng và tiền ở đây là giả. / Prices, orders and money here are invented.", ""]
    return "\n".join(lines)
