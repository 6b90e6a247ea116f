"""A town of things that belong to somebody: one of each kind, whose it is, and who else might try to get at it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from accounts.models import ApiToken, Factor, NoticeHours, PersonNotice, PrivacyRequest, Session
from accounts.services import grant, make_api_token, person_of
from kit.codes import keyed_digest
from kit.media import Media
from kit.models import Upload
from kit.roles import Role
from kit.sealed import SealKeys
from market.demo.people import BY_KEY
from tests.factories import SECRET, photo_bytes
from vendors.models import Market, Vendor

Places = dict[str, object]
Maker = Callable[["Town"], Awaitable[dict[str, "Thing"]]]
RIVAL = "+84912000103"
STRANGER = "+84912000099"
# Who tries: by what they are called in the walk, with the roles they hold.
PEOPLE: dict[str, str] = {
    "vendor": BY_KEY["hien"].phone,
    "buyer": BY_KEY["minh"].phone,
    "clerk": BY_KEY["thao"].phone,
    "admin": BY_KEY["son"].phone,
    "carrier": BY_KEY["tuan"].phone,
    "team": BY_KEY["lan"].phone,
    "board": BY_KEY["binh"].phone,
    "other vendor": RIVAL,
    "other buyer": STRANGER,
    "other clerk": "+84912000093",
    "other carrier": "+84912000094",
    "other team": "+84912000095",
    "other board": "+84912000096",
}
NEWCOMERS = {
    "other clerk": (Role.CLERK, ""),
    "other carrier": (Role.CARRIER, ""),
    "other team": (Role.TEAM, "05503"),
}
# Things whose code stands on no page but their owner's (and the post's and the market's desks).
MARKED = (
    "order",
    "paid order",
    "arrived order",
    "sheet",
    "refund",
    "refund with an account",
    "payout",
    "parcel",
    "upload",
    "goods taken down",
)
ROLE_OF = {
    "vendor": Role.VENDOR,
    "clerk": Role.CLERK,
    "admin": Role.ADMIN,
    "carrier": Role.CARRIER,
    "team": Role.TEAM,
    "board": Role.BOARD,
}


@dataclass(frozen=True)
class Thing:
    """Something of one person's: whose, what stands for it in an address, and in a stranger's own place beside it.

    `beside` are places that the stranger may enter ("/board/markets/{their own}/fees/{id of this}").
    """

    owner: str
    places: Places
    beside: Places = field(default_factory=dict)


@dataclass
class Town:
    """People by name, things by kind, words that only owners may read, and what things are made with."""

    media: Media
    keys: SealKeys
    now: datetime
    people: dict[str, int] = field(default_factory=dict)
    things: dict[str, Thing] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    vendor: Vendor | None = None
    rival: Vendor | None = None

    @property
    def seller(self) -> Vendor:
        """The vendor whose things they are."""
        assert self.vendor is not None
        return self.vendor

    @property
    def other_seller(self) -> Vendor:
        """A vendor of the same market who tries."""
        assert self.rival is not None
        return self.rival

    def places_of(self, called: str) -> Places:
        """The places of an address that are this person's own."""
        return {"slug": "cho-la" if called == "other board" else "cho-dinh-ca"}


async def built_town(media: Media, keys: SealKeys, now: datetime, makers: tuple[Maker, ...]) -> Town:
    """The demo market's people and everything that the makers make for them."""
    town = Town(media, keys, now)
    for called, phone in PEOPLE.items():
        town.people[called] = (await person_of(phone)).id
    for called, (role, scope) in NEWCOMERS.items():
        await grant(town.people[called], role, scope)
    elsewhere = await Market.create(slug="cho-la", name="Chợ Lạ", commune_code="05443", commune="Phường")
    await grant(town.people["other board"], Role.BOARD, str(elsewhere.id))
    town.vendor = await Vendor.get(phone=PEOPLE["vendor"])
    town.rival = await Vendor.get(phone=RIVAL)
    for make in (things_of_people, *makers):
        town.things |= await make(town)
    for kind in MARKED:
        town.marks |= {str(one) for one in town.things[kind].places.values() if len(str(one)) > 8}
    return town


async def things_of_people(town: Town) -> dict[str, Thing]:
    """What everybody has who signs in: sessions, tokens, notices, requests, uploads."""
    mine, now = town.people["buyer"], town.now
    factor = await Factor.create(
        person_id=mine,
        kind="passkey",
        credential_id="walk",
        public_key="walk",
        created_at=now,
        confirmed_at=now,
    )
    session = await Session.create(
        token_hash="0" * 64, person_id=mine, created_at=now, seen_at=now, expires_at=now + timedelta(days=3)
    )
    await make_api_token(mine, "sổ", now=now)
    token = await ApiToken.get(person_id=mine)
    notice = await PersonNotice.create(
        person_id=mine,
        event_key="walk",
        kind="order",
        title={"text": "Đơn", "values": {}},
        words={"text": "Đơn", "values": {}},
        url="/orders",
        created_at=now,
        expires_at=now + timedelta(days=1),
        read_at=now,
    )
    await NoticeHours.create(person_id=mine, email="minh@example.vn")
    key = keyed_digest(f"email:{mine}:minh@example.vn", SECRET.encode())[:40]
    request = await PrivacyRequest.create(
        person_id=mine, kind="correct", asked_at=now, told_at=now, due_at=now + timedelta(days=2)
    )
    erasure = await PrivacyRequest.create(
        person_id=mine, kind="erase", asked_at=now, told_at=now, due_at=now + timedelta(days=2)
    )
    copy = await _ready_copy(town, mine)
    await Upload.create(
        person_id=mine, client_id="upload-of-minh-0001", size=3, sha256="0" * 64, touched_at=now
    )
    return {
        "session": Thing("buyer", {"session_id": session.id}),
        "factor": Thing("buyer", {"factor_id": factor.id}),
        "token": Thing("buyer", {"token_id": token.id}),
        "notice": Thing("buyer", {"notice_id": notice.id}),
        "mailbox": Thing("buyer", {"key": key}),
        "request": Thing("buyer", {"request_id": request.id}),
        "erasure": Thing("buyer", {"request_id": erasure.id}),
        "copy": Thing("buyer", {"request_id": copy.id}),
        "upload": Thing("buyer", {"id": "upload-of-minh-0001"}),
        "person": Thing("buyer", {"person_id": mine}),
    }


async def _ready_copy(town: Town, person_id: int) -> Any:
    key = "copies/walk"
    await town.media.put(key, town.keys.seal_file(b"PK", key))
    until = town.now + timedelta(days=2)
    return await PrivacyRequest.create(
        person_id=person_id,
        kind="copy",
        state="answered",
        asked_at=town.now,
        told_at=town.now,
        due_at=until,
        closed_at=town.now,
        file_key=key,
        file_until=until,
    )


async def sealed_picture(town: Town, key: str) -> str:
    """A picture in the store, sealed under its key as papers are."""
    await town.media.put(key, town.keys.seal_file(photo_bytes(), key))
    return key


def beside(thing: Thing, **places: object) -> Thing:
    """The same thing, tried also from a stranger's own place."""
    return replace(thing, beside=places)
