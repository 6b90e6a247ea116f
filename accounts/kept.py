"""What of a person stays after their data was erased, by which law, and how: said before asking and in the answer."""

from dataclasses import dataclass

from kit.i18n import Sentence, say


@dataclass(frozen=True)
class Kept:
    """One thing that stays: what, how, and why."""

    what: Sentence
    how: Sentence
    why: Sentence


KEPT: tuple[Kept, ...] = (
    Kept(
        say("Đơn hàng và bưu gửi đã xong"),
        say("bỏ tên, số điện thoại, số nhà và lời dặn; còn món hàng, số tiền, xã và ngày"),
        say("5 năm, Nghị định 37/2026/NĐ-CP điều 41"),
    ),
    Kept(
        say("Sổ tiền và báo có của ngân hàng"),
        say("nguyên như ngân hàng báo"),
        say("Luật Kế toán 88/2015/QH13 điều 41"),
    ),
    Kept(
        say("Thông tin người bán (nếu bạn có gian hàng)"),
        say("tên đăng ký, mã số, tài khoản nhận tiền, hàng đã đăng; không còn hiện trên chợ"),
        say("5 năm, Nghị định 37/2026/NĐ-CP điều 41"),
    ),
    Kept(
        say("Nhật ký việc đã làm và các lần đồng ý"),
        say("chỉ còn con số thay cho bạn, không tên, không số điện thoại"),
        say("bằng chứng theo Luật 91/2025/QH15"),
    ),
)
