"""The town's orders and what hangs on them: money, claims, tills, fees, books, parcels, lists of the post."""

from datetime import timedelta

from kit.codes import new_code
from kit.dates import vietnam_date
from kit.db import transaction
from orders.after_models import FoundParcel
from orders.book_models import RevenueEntry
from orders.handing_models import JointParcel, JointPart
from orders.models import BasketLine, MarketFee, Order, OrderClaim, OrderLine, ReturnAsk, TillSale
from orders.states import OrderState
from payments import ledger
from payments.models import BankKey, Difference, Notice, PayIn, Payment, PaymentAttempt, Payout, Refund
from payments.services.cash_box.paying_in import prepare_pay_in
from postal.models import (
    CarrierAlert,
    CarrierArea,
    CarrierBatch,
    CarrierClaim,
    CarrierStatement,
    CarrierStatementLine,
    DoubtfulAct,
    HandOver,
    HandOverLine,
    Parcel,
    ParcelProof,
    PostalPoint,
    SenderBox,
    StatementDraft,
    StatementMapping,
)
from tests.factories import listing
from tests.tidy.town import Thing, Town, beside, sealed_picture
from vendors.models import Market, Rating, RatingTakeDown


async def things_of_orders(town: Town) -> dict[str, Thing]:
    """Orders of one buyer with one seller: waiting for money, paid, delivered with a claim, with money on its way."""
    mine, seller, here = town.people["buyer"], town.seller, await Market.get(slug="cho-dinh-ca")
    unpaid = await Order.filter(person_id=mine, vendor_id=seller.id, state="placed").first()
    paid = await Order.filter(person_id=mine, vendor_id=seller.id, state="posted").first()
    arrived = await Order.filter(person_id=mine, vendor_id=seller.id, state="delivered").first()
    theirs = await Order.filter(person_id=mine, vendor_id=town.other_seller.id).first()
    assert unpaid and paid and arrived and theirs
    arrived.state = OrderState.DISPUTED
    await arrived.save(update_fields=["state"])
    await OrderClaim.create(
        order=arrived, kind="damaged", wish="refund", opened_at=town.now, due_at=town.now + timedelta(days=2)
    )
    await ReturnAsk.create(order=paid, amount_dong=1000, reason="Dập", asked_at=town.now)
    rated = await _rated(town, arrived, mine)
    foreign = await OrderLine.filter(order=theirs).first()
    assert foreign
    wanted = await listing(seller, "Na trong giỏ của cuộc dạo")
    line = await BasketLine.create(
        owner=f"person:{mine}", listing_id=wanted.id, quantity=1, name=wanted.name, price_dong=1000
    )
    payment = await Payment.get(reference=f"order:{unpaid.id}")
    attempt = await PaymentAttempt.create(
        payment=payment,
        gate="momo",
        reference="WALK0001",
        asked_hash="0",
        amount_dong=payment.asked_dong,
        created_at=town.now,
        expires_at=town.now + timedelta(minutes=9),
    )
    refund = await _refund(town, arrived)
    promised = await Refund.filter(vendor_id=seller.id, state="manual").order_by("id").first()
    assert promised
    code = {"code": arrived.code}
    joint = await JointParcel.create(
        group_code=unpaid.group_code,
        market_id=here.id,
        fee_dong=1000,
        saved_dong=500,
        opened_at=town.now,
        parcel_code=paid.parcel_code,
    )
    await JointPart.create(joint=joint, order_id=unpaid.id)
    await FoundParcel.create(order_id=paid.id, told="delivered", told_at=town.now)
    return {
        "joint parcel": beside(Thing("board", {"slug": here.slug, "id": joint.id}), slug="cho-la"),
        "order": Thing("buyer", {"code": unpaid.code}),
        "paid order": Thing("buyer", {"code": paid.code}),
        "arrived order": Thing("buyer", code),
        "attempt": Thing("buyer", {"code": unpaid.code, "reference": attempt.reference}),
        "basket line": Thing("buyer", {"line": line.id}),
        "claim": Thing("buyer", {**code, "act": "withdraw"}),
        "order's refund": beside(Thing("buyer", {**code, "refund": refund.code}), code="DH00000000"),
        "rating": Thing("vendor", {"id": rated.id}),
        "rated line": Thing("buyer", {"code": arrived.code, "line": rated.line_id}),
        "line of another order": Thing("nobody at all", {"code": arrived.code, "line": foreign.id}),
        "sale": Thing("vendor", {"code": unpaid.code}),
        "paid sale": Thing("vendor", {"code": paid.code}),
        "found sale": Thing("vendor", {"code": paid.code}),
        "claimed sale": Thing("vendor", {**code, "act": "accept"}),
        "refund": Thing("vendor", {"code": refund.code}),
        "refund with an account": Thing("vendor", {"code": promised.code}),
        "payment": Thing("buyer", {"code": payment.code, "kind": "svg"}),
        "late money": Thing("vendor", {"code": unpaid.code}),
    }


async def _rated(town: Town, order: Order, person_id: int) -> Rating:
    """What the buyer said of the order's first line, taken down since."""
    line = await OrderLine.filter(order=order).first()
    assert line
    told = {"vendor_id": town.seller.id, "order_code": order.code, "person_id": person_id, "at": town.now}
    rating, _ = await Rating.get_or_create(
        line_id=line.id, defaults={"listing_id": line.listing_id, "stars": 2, **told}
    )
    other = await RatingTakeDown.create(
        rating=rating, fault="insult", words="Lời nặng", taken_by=1, at=town.now
    )
    assert other.lifted_at is None
    return rating


async def _refund(town: Town, order: Order) -> Refund:
    payment = await Payment.get(reference=f"order:{order.id}")
    return await Refund.create(
        code=new_code("HT"),
        payment=payment,
        vendor_id=town.seller.id,
        key="seller:walk",
        asked_hash="0",
        way="bank",
        source="paid",
        state="manual",
        amount_dong=1000,
        asked_at=town.now,
    )


async def things_of_money(town: Town) -> dict[str, Thing]:
    """Keys at banks, sales at the till, fees, lines of the book, payouts, and what a person has to look at."""
    seller, now, today = town.seller, town.now, vietnam_date(town.now)
    key = await BankKey.create(
        vendor_id=seller.id,
        provider="casso",
        place="walk-place",
        secret=town.keys.seal("secret", f"bank_key:{seller.id}"),
        secret_tail="cret",
        created_at=now,
        created_by=town.people["vendor"],
    )
    sale = await TillSale.filter(vendor_id=seller.id).first()
    fee = await MarketFee.filter(vendor_id=seller.id, state="open").first()
    entry = await RevenueEntry.create(
        vendor_id=seller.id,
        channel="cash",
        source="hand",
        reference="walk",
        day=today,
        at=now,
        amount_dong=1000,
        written_at=now,
    )
    payout = await Payout.create(
        code=new_code("CT"),
        vendor_id=seller.id,
        amount_dong=1000,
        bin="970436",
        bank_name="VCB",
        account_number="0123456789",
        account_holder="HIEN",
        state="approved",
        gathered_at=now,
        gathered_by=town.people["admin"],
    )
    pay_in = await _cash_for_the_bank(town)
    stray = await Notice.filter(payment_id=None, is_incoming=True).first()
    difference = await Difference.first()
    assert sale and fee and stray and difference
    return {
        "bank key": Thing("vendor", {"key_id": key.id, "id": key.id}),
        "till sale": Thing("vendor", {"id": sale.id}),
        "fee": Thing("vendor", {"id": fee.id}),
        "market's fee": beside(Thing("board", {"slug": "cho-dinh-ca", "id": fee.id}), slug="cho-la"),
        "book line": Thing("vendor", {"id": entry.id}),
        "payout": Thing("admin", {"code": payout.code}),
        "pay-in": Thing("clerk", {"code": pay_in}),
        "stray notice": Thing("admin", {"notice_id": stray.id}),
        "difference": Thing("admin", {"difference_id": difference.id, "id": difference.id}),
        "own payments": Thing("admin", {"code": (await Payment.all().order_by("id").first()).code}),  # type: ignore[union-attr]
    }


async def _cash_for_the_bank(town: Town) -> str:
    """Cash that the clerk took out of the box, with the picture of its slip."""
    async with transaction():
        sides = [(ledger.POST_BOX, 1000), (ledger.post_cash(town.people["carrier"]), -1000)]
        await ledger.post("door_counted", "debrief:walk", sides, at=town.now)
    code = await prepare_pay_in(1000, person_id=town.people["clerk"], now=town.now)
    await PayIn.filter(code=code).update(photo_key=await sealed_picture(town, "slip/walk"))
    return code


async def things_of_the_post(town: Town) -> dict[str, Thing]:
    """A parcel out for delivery with a proof, a hand-over list, and what a clerk has to look at."""
    now, carrier = town.now, town.people["carrier"]
    parcel = await Parcel.filter(vendor_id=town.seller.id, state="out_for_delivery").first()
    other = await Parcel.filter(vendor_id=town.other_seller.id).first()
    assert parcel and other
    proof = await ParcelProof.create(
        parcel=parcel,
        event_key="walk",
        kind="photo",
        key=await sealed_picture(town, "proof/walk"),
        person_id=carrier,
        made_at=now,
        delete_at=now + timedelta(days=9),
    )
    hand_over = await HandOver.create(kind="load_out", giver_id=carrier, opened_at=now)
    line = await HandOverLine.all().select_related("parcel").first()
    assert line
    alert = await CarrierAlert.create(
        carrier="ghn", kind="rejected", subject="walk", first_at=now, last_at=now
    )
    area = await CarrierArea.create(
        carrier="ghn",
        structure="2025-07",
        carrier_id="1",
        carrier_name="Xã",
        parent_id="1",
        parent_name="Tỉnh",
        synced_at=now,
    )
    doubt, point = await DoubtfulAct.first(), await PostalPoint.first()
    box = await SenderBox.create(
        vendor_id=town.seller.id, length_cm=10, width_cm=10, height_cm=10, weight_max_g=1000
    )
    assert doubt and point
    statement = await CarrierStatement.create(
        carrier="ghn", name="walk.csv", digest="0" * 64, person_id=carrier, imported_at=now, matched_at=now
    )
    stated = await CarrierStatementLine.create(
        statement=statement, row=2, tracking_code="W1", fee_dong=0, remitted_dong=0, verdict="unknown"
    )
    await CarrierClaim.create(
        parcel_id=other.id,
        carrier="ghn",
        vendor_id=town.other_seller.id,
        claimed_dong=9000,
        opened_by=carrier,
        opened_at=now,
        answer_by=vietnam_date(now),
    )
    draft = await StatementDraft.create(
        carrier="ghn",
        name="walk.csv",
        digest="1" * 64,
        content="Kiện,Thu,Trừ\nW7,1000,10\n".encode(),
        head=0,
        columns={"waybill": 0, "cod": 1, "fee": 2},
        person_id=carrier,
        sent_at=now,
    )
    mapping = await StatementMapping.create(
        carrier="ghn", mark="walk", heads=["Kiện"], columns={"waybill": "kien"}, said_by=carrier, said_at=now
    )
    batch = await CarrierBatch.create(carrier="file", parcels=0, made_by=carrier, made_at=now)
    return {
        "statement": Thing("clerk", {"id": statement.id}),
        "statement line": Thing("clerk", {"id": statement.id, "line": stated.id}),
        "statement draft": Thing("clerk", {"id": draft.id}),
        "statement mapping": Thing("clerk", {"id": mapping.id}),
        "batch": Thing("clerk", {"id": batch.id, "kind": "csv"}),
        "parcel": Thing("carrier", {"code": parcel.code}),
        "claimed parcel": Thing("clerk", {"code": other.code}),
        "seller's parcel": Thing("vendor", {"code": parcel.code}),
        "proof": beside(Thing("carrier", {"code": parcel.code, "id": proof.id}), code=other.code),
        "hand-over": Thing("carrier", {"id": hand_over.id}),
        "hand-over line": Thing("carrier", {"id": line.hand_over_id, "code": line.parcel.code}),
        "post problem": Thing("clerk", {"id": alert.id}),
        "post area": Thing("clerk", {"id": area.id}),
        "doubt": Thing("clerk", {"id": doubt.id}),
        "point": Thing("clerk", {"id": point.id}),
        "debrief": Thing("carrier", {"person_id": carrier}),
        "box": Thing("vendor", {"id": box.id}),
    }
