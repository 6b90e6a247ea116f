"""The town's sellers' things: goods, papers, accounts, plates, sheets, webhooks, market stalls and households."""

from datetime import timedelta

from kit.codes import new_code, signed_number
from kit.dates import vietnam_date
from tests.factories import SECRET, certificate, listing, photo_bytes
from tests.tidy.town import PEOPLE, Thing, Town, beside, sealed_picture
from vendors.help_rules import TEXT_VERSION
from vendors.models import (
    AccountChange,
    CertificateRegistry,
    HelpConsent,
    HelpedHousehold,
    IdentityDocument,
    Listing,
    ListingImport,
    ListingReport,
    Market,
    MarketAccount,
    MarketZone,
    NameUse,
    PlateReport,
    ProtectedName,
    ReceivingAccount,
    RecordState,
    RegistryRow,
    ShopWindow,
    Stall,
    TraderInvitation,
    VendorIdentity,
    WebhookEndpoint,
    WebhookMessage,
)
from vendors.models.moderation import Appeal, TakeDown


async def things_of_goods(town: Town) -> dict[str, Thing]:
    """Goods on sale, in review and taken down; their windows, certificates and sheets."""
    seller, today = town.seller, vietnam_date(town.now)
    goods = await listing(seller, "Na dai của cuộc dạo")
    theirs = await listing(town.other_seller, "Chè của cuộc dạo")
    down = await listing(seller, "Na bị gỡ", state="taken_down")
    taken = await TakeDown.create(
        listing=down, reason="wrong", words="Sai", state_before="on_sale", taken_by=1, at=town.now
    )
    appealed = await _appealed(town)
    report = await ListingReport.create(
        listing=goods, source="shopper", reason="wrong", at=town.now, due_at=town.now + timedelta(days=1)
    )
    window = await ShopWindow.create(
        listing=goods,
        floor="voso",
        url="https://voso.vn/na-dao",
        listed_on=today,
        created_at=town.now,
    )
    await town.media.put("papers/walk.webp", photo_bytes())
    paper = await certificate(goods, document_key="papers/walk.webp")
    sheet = await ListingImport.create(
        code=new_code("N"),
        vendor=seller,
        person_id=town.people["vendor"],
        file_name="na.xlsx",
        file_hash="0" * 64,
        file_key="imports/walk",
        state="checked",
    )
    assert taken.lifted_at is None
    town.marks |= {"voso.vn/na-dao", "CO HIEN DAO", "hook-dao", "Dãy dạo", "Hộ dạo"}
    return {
        "goods": Thing("vendor", {"code": goods.code, "id": goods.id}),
        "others' goods": Thing("other vendor", {"code": theirs.code}),
        "goods taken down": Thing("vendor", {"code": down.code}),
        "appeal": Thing("vendor", {"id": appealed.id}),
        "report": Thing("buyer", {"id": report.id}),
        "window": Thing("vendor", {"id": window.id}),
        "certificate": Thing("vendor", {"code": paper.code}),
        "sheet": Thing("vendor", {"code": sheet.code}),
    }


async def _appealed(town: Town) -> Appeal:
    goods = await listing(town.seller, "Na khiếu nại", state="taken_down")
    taken = await TakeDown.create(
        listing=goods, reason="wrong", words="Sai", state_before="on_sale", taken_by=1, at=town.now
    )
    until = town.now + timedelta(days=5)
    mine = town.people["vendor"]
    return await Appeal.create(
        take_down=taken, words="Đúng mà", person_id=mine, taken_by=1, at=town.now, due_at=until
    )


async def things_of_accounts(town: Town) -> dict[str, Thing]:
    """Receiving accounts and their changes, identity papers, rights to names, webhooks, a registry."""
    seller, mine, now = town.seller, town.people["vendor"], town.now
    account = await ReceivingAccount.create(vendor=seller, bin="970436", number="999", holder="CO HIEN DAO")
    change = await AccountChange.create(
        vendor=seller, kind="add", bin="970436", number="1000", holder="X", person_id=mine, asked_at=now
    )
    identity = await VendorIdentity.create(
        vendor=seller, full_name="Hiền", number_sealed="x", submitted_at=now
    )
    paper = await IdentityDocument.create(
        identity=identity, key=await sealed_picture(town, "identity/walk"), created_at=now, delete_at=now
    )
    use = await NameUse.create(
        of=await ProtectedName.first(),
        vendor=seller,
        decision_no="01",
        decided_on=vietnam_date(now),
        document_key="papers/walk.webp",
    )
    hook = await _endpoint(town, town.seller.id, mine)
    theirs = await _endpoint(town, town.other_seller.id, town.people["other vendor"])
    message = await WebhookMessage.create(
        endpoint=hook, message_id="msg_walk", event="order.paid", event_key="walk", body="{}", created_at=now
    )
    return {
        "account": Thing("vendor", {"account_id": account.id}),
        "account change": Thing("vendor", {"change_id": change.id}),
        "identity": Thing("vendor", {"vendor_id": seller.id}),
        "identity paper": beside(
            Thing("vendor", {"paper_id": paper.id, "vendor_id": seller.id}), vendor_id=town.other_seller.id
        ),
        "right to a name": Thing("vendor", {"id": use.id}),
        "webhook": Thing("vendor", {"id": hook.id}),
        "webhook message": beside(Thing("vendor", {"id": hook.id, "message_id": message.id}), id=theirs.id),
        "registry": await _registry(town),
    }


async def _endpoint(town: Town, vendor_id: int, person_id: int) -> WebhookEndpoint:
    return await WebhookEndpoint.create(
        vendor_id=vendor_id,
        url="https://example.com/hook-dao" if vendor_id == town.seller.id else "https://example.com/hook",
        secret=town.keys.seal("whsec_eA==", f"webhook:{vendor_id}"),
        created_by=person_id,
        created_at=town.now,
    )


async def _registry(town: Town) -> Thing:
    sheet = await CertificateRegistry.create(
        code=new_code("R"), person_id=town.people["admin"], file_name="r", file_hash="0", file_key="r"
    )
    row = await RegistryRow.create(registry=sheet, number=1, state=RecordState.DOUBTFUL)
    return Thing("admin", {"code": sheet.code, "id": row.id})


async def things_of_markets(town: Town) -> dict[str, Thing]:
    """What a market's board looks after, and the plates and invitations of its stalls."""
    here, elsewhere = await Market.get(slug="cho-dinh-ca"), await Market.get(slug="cho-la")
    zone = await MarketZone.create(market=here, name="Dãy dạo")
    stall = await Stall.get(vendor=town.seller, market=here)
    claimed = await Stall.create(market=here, vendor=town.seller, number="dạo", is_claimed=True)
    account = await MarketAccount.create(
        market=here,
        bin="970436",
        number="55",
        holder="BQL",
        person_id=town.people["board"],
        asked_at=town.now,
    )
    report = await PlateReport.create(stall=stall, note="khác mã", at=town.now)
    invited = await TraderInvitation.create(
        market=elsewhere,
        phone=PEOPLE["vendor"],
        name="Hiền",
        stall_number="9",
        invited_by=town.people["board"],
        created_at=town.now,
    )
    secret = SECRET.encode()
    own = {"slug": elsewhere.slug}
    foreign = await MarketZone.create(market=elsewhere, name="Dãy lạ")
    return {
        "stall with another market's zone": Thing(
            "nobody at all", {"slug": here.slug, "id": stall.id, "zone": foreign.id}
        ),
        "market": Thing("board", {"slug": here.slug}),
        "zone": beside(Thing("board", {"slug": here.slug, "id": zone.id}), **own),
        "stall": beside(Thing("board", {"slug": here.slug, "id": stall.id}), **own),
        "claimed stall": beside(Thing("board", {"slug": here.slug, "id": claimed.id}), **own),
        "fee account": beside(Thing("board", {"slug": here.slug, "id": account.id}), **own),
        "plate report": Thing("board", {"id": report.id}),
        "plate": Thing("vendor", {"code": signed_number(stall.id, "stall", secret)}),
        "invitation": Thing("vendor", {"code": signed_number(invited.id, "invitation", secret)}),
    }


async def things_of_households(town: Town) -> dict[str, Thing]:
    """A household of one team's commune, its consents, and goods put up for it."""
    member, now = town.people["team"], town.now
    household = await HelpedHousehold.create(
        phone=PEOPLE["vendor"],
        name="Hộ dạo",
        commune_code="05740",
        commune="Xã La Hiên",
        province="Tỉnh Thái Nguyên",
        vendor=town.seller,
        source="team",
        created_at=now,
    )
    told = {
        "household": household,
        "person_id": member,
        "member_name": "Em Lan",
        "member_phone": PEOPLE["team"],
        "for_person_id": town.people["vendor"],
        "phone": PEOPLE["vendor"],
        "text_version": TEXT_VERSION,
        "scopes": ["aboard", "listings", "identity"],
        "asked_at": now,
        "ends_at": now + timedelta(days=30),
    }
    given = await HelpConsent.create(
        **told,
        way="signature",
        given_at=now,
        picture_key=await sealed_picture(town, "consent/walk"),
        delete_at=now + timedelta(days=30),
    )
    asked = await HelpConsent.create(**told, way="code")
    goods = await Listing.filter(vendor=town.seller, state="on_sale").order_by("-id").first()
    assert goods is not None
    link = signed_number(given.id, "help_consent_end", SECRET.encode())
    return {
        "household": Thing("team", {"id": household.id}),
        "household's goods": Thing("team", {"id": household.id, "code": goods.code}),
        "others' goods for a household": Thing(
            "nobody at all", {"id": household.id, "code": (await listing(town.other_seller, "Chè khác")).code}
        ),
        "consent asked": Thing("team", {"consent_id": asked.id}),
        "consent given": Thing("vendor", {"consent_id": given.id}),
        "consent link": Thing("vendor", {"code": link}),
    }
