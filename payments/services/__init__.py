"""Payments' services by use case: asking, notices, settling, closing, reading, reviews, the books."""

from payments.ledger import LedgerWrong, assert_balanced, balance, balances
from payments.models import RefundSource
from payments.services.asking import CODE_PREFIX, MarketPayee, ask
from payments.services.attempts import (
    AttemptView,
    Wanted,
    attempt_of,
    attempts_of,
    end_elsewhere,
    look_soon,
    start_attempt,
)
from payments.services.books import audit_books
from payments.services.callbacks import record_event
from payments.services.closing import cancel, expire
from payments.services.confirming import settle, settle_answer
from payments.services.counted import Counted, counted_after, counted_for, newest_entry
from payments.services.looking import leave_looks, look_at
from payments.services.notices import Source, leave_unhandled, record_notice, record_unreadable
from payments.services.plate_money import (
    PlateMoney,
    PlateSale,
    not_plate_money,
    plate_money,
    take_plate_money,
)
from payments.services.plates import PlateAccount, plate_account, plate_text
from payments.services.reading import (
    PaymentPage,
    VendorMoney,
    money_of_vendor,
    payment_by_code,
    payment_for,
    payments_of_vendor,
)
from payments.services.refunds.accounts import PayerAccount, ReturnTo, return_to, say_return_account
from payments.services.refunds.asking import Wish, ask_refund, cancel_refund, owe_part
from payments.services.refunds.extra import end_asked, return_late
from payments.services.refunds.pots import given_for_lines
from payments.services.refunds.shown import (
    RefundPage,
    RefundView,
    Returnable,
    refund_by_id,
    refund_queue,
    refunds_of,
    refunds_of_vendors,
    refunds_to_see,
    returnable,
    waiting_refunds,
)
from payments.services.refunds.told import confirm_refund, decide_refund, doubt_refund
from payments.services.resolving import attach_notice, resolve_review, set_aside_notice
from payments.services.reviews import (
    NoticeReview,
    PaymentReview,
    Reviews,
    notice_review,
    open_reviews,
    payment_review,
)
from payments.services.reviving import revive
from payments.services.same_line import alike_before
from payments.services.sellers_word import confirm_by_seller, unproved_dong
from payments.services.settling import Settled
from payments.services.settling_many import SettledMany, settle_plain
from payments.services.views import PaymentView
from payments.tax import SaleClass, TaxMode

__all__ = [
    "CODE_PREFIX",
    "AttemptView",
    "Counted",
    "LedgerWrong",
    "MarketPayee",
    "NoticeReview",
    "PayerAccount",
    "PaymentPage",
    "PaymentReview",
    "PaymentView",
    "PlateAccount",
    "PlateMoney",
    "PlateSale",
    "RefundPage",
    "RefundSource",
    "RefundView",
    "ReturnTo",
    "Returnable",
    "Reviews",
    "SaleClass",
    "Settled",
    "SettledMany",
    "Source",
    "TaxMode",
    "VendorMoney",
    "Wanted",
    "Wish",
    "alike_before",
    "ask",
    "ask_refund",
    "assert_balanced",
    "attach_notice",
    "attempt_of",
    "attempts_of",
    "audit_books",
    "balance",
    "balances",
    "cancel",
    "cancel_refund",
    "confirm_by_seller",
    "confirm_refund",
    "counted_after",
    "counted_for",
    "decide_refund",
    "doubt_refund",
    "end_asked",
    "end_elsewhere",
    "expire",
    "given_for_lines",
    "leave_looks",
    "leave_unhandled",
    "look_at",
    "look_soon",
    "money_of_vendor",
    "newest_entry",
    "not_plate_money",
    "notice_review",
    "open_reviews",
    "owe_part",
    "payment_by_code",
    "payment_for",
    "payment_review",
    "payments_of_vendor",
    "plate_account",
    "plate_money",
    "plate_text",
    "record_event",
    "record_notice",
    "record_unreadable",
    "refund_by_id",
    "refund_queue",
    "refunds_of",
    "refunds_of_vendors",
    "refunds_to_see",
    "resolve_review",
    "return_late",
    "return_to",
    "returnable",
    "revive",
    "say_return_account",
    "set_aside_notice",
    "settle",
    "settle_answer",
    "settle_plain",
    "start_attempt",
    "take_plate_money",
    "unproved_dong",
    "waiting_refunds",
]
