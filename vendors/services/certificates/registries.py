"""Registries of OCOP certificates: taken in, columns named, looked through, doubtful rows decided, confirmed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tortoise.functions import Count

from accounts.services import record
from kit.codes import new_code, tidy_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.media import Media
from kit.outbox import later
from kit.text import nfc
from vendors.columns import clean_mapping, guessed, head_row
from vendors.models import (
    Certificate,
    CertificateRegistry,
    CertificateState,
    Listing,
    RecordState,
    RegistryRow,
    RegistryState,
    Vendor,
    VendorIdentity,
)
from vendors.registry_columns import NEEDED, REGISTRY
from vendors.registry_match import Known, KnownGoods, KnownSeller
from vendors.services.cards import Leaf, leaf_of
from vendors.services.sheets.imports import TABLE_ONLY_HEADS, sheet_of

OPEN = (RegistryState.UPLOADED, RegistryState.CHECKING, RegistryState.CHECKED, RegistryState.WORKING)


@dataclass(frozen=True)
class RegistryCounts:
    """How the rows of a registry stand."""

    matched: int
    doubtful: int
    unknown: int
    same: int
    faulty: int
    skipped: int
    done: int

    @property
    def all(self) -> int:
        """All rows."""
        return sum(vars(self).values())


@dataclass(frozen=True)
class Choice:
    """A listing that a doubtful row may mean."""

    code: str
    name: str
    seller: str


@dataclass(frozen=True)
class DoubtfulRow:
    """A row that a person has to decide, with what it may be."""

    row: RegistryRow
    choices: list[Choice]


async def take_registry(file_name: str, raw: bytes, *, person_id: int, media: Media) -> CertificateRegistry:
    """Keeps a file and guesses its columns. The same file sent twice before it is worked through is the same one.

    Refusal at `sheet`.
    """
    sheet = await sheet_of(raw)
    head = head_row(sheet.rows, REGISTRY)
    if not any(any(row) for row in sheet.rows[head + 1 :]):
        raise Refusal(TABLE_ONLY_HEADS, field="sheet")
    heads, digest = sheet.rows[head], hashlib.sha256(raw).hexdigest()
    key = f"sheets/{digest}"
    await media.put(key, raw)
    async with transaction():
        same = CertificateRegistry.filter(file_hash=digest, state__in=list(OPEN))
        if (standing := await same.first()) is not None:
            return standing
        before = CertificateRegistry.filter(heads=heads, state=RegistryState.DONE).order_by("-id")
        known = await before.first()
        made = await CertificateRegistry.create(
            code=new_code("N"),
            person_id=person_id,
            file_name=nfc(file_name)[-160:] or "chung-nhan",
            file_hash=digest,
            file_key=key,
            heads=heads,
            mapping=known.mapping if known else guessed(heads, REGISTRY),
            issuer_level=known.issuer_level if known else "",
            rows=len(sheet.rows) - head - 1,
        )
        await record(person_id, "registry_sent", "registry", made.code)
    return made


async def name_registry_columns(
    code: str, mapping: Mapping[str, str], issuer_level: str
) -> CertificateRegistry:
    """Says which column holds what, leaves the look through to a worker. Refusal at `mapping` when one is lacking."""
    async with transaction():
        one = await _locked(code)
        if one.state in (RegistryState.WORKING, RegistryState.DONE):
            raise Conflict(say("Bảng này đã nhập rồi, không đổi cột được nữa."))
        said = clean_mapping(mapping, len(one.heads), REGISTRY)
        if lacking := NEEDED - set(said.values()):
            names = [str(REGISTRY.fields[name]) for name in REGISTRY.fields if name in lacking]
            raise Refusal(say("Còn thiếu cột: {names}.", names=", ".join(names)), field="mapping")
        if not {"producer", "tax_code", "code"} & set(said.values()):
            raise Refusal(say("Hãy chọn cột chủ thể, mã số thuế hoặc mã hàng trên chợ."), field="mapping")
        one.mapping, one.issuer_level, one.state = said, issuer_level, RegistryState.CHECKING
        await one.save(update_fields=["mapping", "issuer_level", "state", "changed_at"])
        await later("check_registry", one.id)
    return one


async def decide_row(code: str, row_id: int, listing_code: str, *, by: int) -> RegistryRow:
    """A person says which goods a doubtful or unknown row means; "" for none of ours. It is remembered.

    Refusal at `listing` when there are no such goods; NotFound; Conflict when the row was kept meanwhile.
    """
    async with transaction():
        one = await _locked(code)
        row = (await locked(RegistryRow, [row_id])).get(row_id)
        if row is None or row.registry_id != one.id:
            raise NotFound()
        open_states = (RecordState.DOUBTFUL, RecordState.UNKNOWN, RecordState.SKIPPED, RecordState.MATCHED)
        if row.state not in open_states:
            raise Conflict(say("Dòng này đã xong, không chọn lại được."))
        listing = await Listing.get_or_none(code=tidy_code(listing_code)) if listing_code else None
        if listing_code and listing is None:
            raise Refusal(say("Không có món hàng nào mang mã này."), field="listing")
        row.listing_id, row.is_decided = listing.id if listing else None, True
        row.state = RecordState.MATCHED if listing else RecordState.SKIPPED
        await row.save(update_fields=["listing_id", "is_decided", "state"])
        await record(by, "registry_row_decided", "registry", one.code, row=row.number, listing=listing_code)
    return row


async def confirm_registry(code: str, *, person_id: int) -> CertificateRegistry:
    """Lets a worker keep the certificates that are matched; again later, when more rows were decided."""
    async with transaction():
        one = await _locked(code)
        if one.state == RegistryState.WORKING:
            return one
        if one.state not in (RegistryState.CHECKED, RegistryState.DONE):
            raise Conflict(say("Bảng này chưa kiểm xong. Hãy chờ một lát."))
        one.state, one.person_id = RegistryState.WORKING, person_id
        await one.save(update_fields=["state", "person_id", "changed_at"])
        await record(person_id, "registry_confirmed", "registry", one.code)
        await later("work_registry", one.id)
    return one


async def registry_by_code(code: str) -> CertificateRegistry:
    """The registry with this code. NotFound."""
    one = await CertificateRegistry.get_or_none(code=tidy_code(code))
    if one is None:
        raise NotFound()
    return one


async def registries(page: int) -> Leaf[CertificateRegistry]:
    """A page of registries, newest first; one query."""
    return await leaf_of(CertificateRegistry.all().order_by("-id"), page)


async def registry_counts(registry_id: int) -> RegistryCounts:
    """How the rows stand; one query."""
    rows = RegistryRow.filter(registry_id=registry_id).annotate(n=Count("id")).group_by("state")
    counted = {str(row["state"]): int(row["n"]) for row in await rows.values("state", "n")}
    return RegistryCounts(**{state.value: counted.get(state.value, 0) for state in RecordState})


async def registry_rows(registry_id: int, states: Sequence[RecordState], *, limit: int) -> list[RegistryRow]:
    """The first rows in these states, as they stand in the sheet."""
    rows = RegistryRow.filter(registry_id=registry_id, state__in=list(states))
    return await rows.order_by("number").limit(limit)


async def doubtful_rows(registry_id: int, *, limit: int) -> list[DoubtfulRow]:
    """The first rows that a person has to decide, with names and sellers of their choices; two queries."""
    rows = await registry_rows(registry_id, [RecordState.DOUBTFUL], limit=limit)
    codes = {code for row in rows for code in row.choices}
    goods = await Listing.filter(code__in=list(codes)).select_related("vendor")
    named = {one.code: Choice(one.code, one.name, one.vendor.name) for one in goods}
    return [DoubtfulRow(row, [named[code] for code in row.choices if code in named]) for row in rows]


async def known_here() -> Known:
    """All sellers with their goods, and what people decided in earlier registries; four queries."""
    goods: dict[int, list[KnownGoods]] = {}
    for row in await Listing.all().order_by("id").values("id", "code", "name", "vendor_id"):
        goods.setdefault(row["vendor_id"], []).append(KnownGoods(row["id"], row["code"], row["name"]))
    tax_codes = {
        int(str(id)): str(code)
        for id, code in await VendorIdentity.exclude(tax_code="").values_list("vendor_id", "tax_code")
    }
    sellers = [
        KnownSeller(row["id"], row["name"], tax_codes.get(row["id"], ""), tuple(goods.get(row["id"], ())))
        for row in await Vendor.all().order_by("id").values("id", "name")
    ]
    decided = RegistryRow.filter(is_decided=True).order_by("id").values_list("key", "listing_id")
    ids = {one.id for seller in sellers for one in seller.goods}
    kept = {str(key): id for key, id in await decided if id is None or id in ids}
    return Known(sellers, {key: int(str(id)) if id is not None else None for key, id in kept.items()})


async def certificates_standing() -> dict[tuple[int, str, str], int]:
    """Stars of certificates that count, by listing, decision and its day; one query."""
    rows = Certificate.filter(state=CertificateState.CONFIRMED, decided_on__isnull=False)
    return {
        (row["listing_id"], row["decision_no"], row["decided_on"].isoformat()): row["stars"]
        for row in await rows.values("listing_id", "decision_no", "decided_on", "stars")
    }


async def _locked(code: str) -> CertificateRegistry:
    found = await registry_by_code(code)
    return (await locked(CertificateRegistry, [found.id]))[found.id]
