"""The rows of a sheet looked through with the listing form itself, so that a mistake reads the same everywhere."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.i18n import Sentence, say
from kit.sheets import Place, Sheet
from kit.text import fold
from vendors.columns import FIELDS, head_row, kind_meant
from vendors.forms import ListingForm
from vendors.kinds import kind_of
from vendors.models import ImportRow, Listing, ListingImport, RowState, Vendor
from vendors.services import CommuneMeant, commune_label, commune_meant
from vendors.services.names import sale_key
from vendors.services.sheets.photos import PhotoNames, photos_meant
from vendors.sheet_faults import FORMULA, MERGED, Kept, cell_fault, merged_places, said

OWN_CODE_MAX = 40
BREATHE_ROWS = 100
COMPARED = ("name", "kind", "price_dong", "unit", "weight_g", "stock", "commune_code", "about")


@dataclass
class Shelf:
    """A vendor's goods by what a row may name them with, and where the vendor is at home."""

    vendor: Vendor
    by_code: dict[str, Listing]
    by_own_code: dict[str, Listing]
    by_name: dict[str, list[Listing]]
    communes: dict[str, CommuneMeant] = field(default_factory=dict)
    photos: PhotoNames | None = None


@dataclass
class Checked:
    """A row looked through: its numbers from 0, its mistakes, its content when it is right."""

    number: int
    cells: list[str]
    faults: list[Kept] = field(default_factory=list)
    content: Kept = field(default_factory=dict)
    listing_id: int | None = None
    state: RowState = RowState.FAULTY


async def shelf_of(vendor: Vendor, photos: PhotoNames | None = None) -> Shelf:
    """A vendor's goods, in one query, beside the names of the photos that came with the sheet."""
    listings = await Listing.filter(vendor_id=vendor.id).order_by("id")
    by_name: dict[str, list[Listing]] = {}
    for one in listings:
        by_name.setdefault(fold(one.name), []).append(one)
    return Shelf(
        vendor,
        {one.code: one for one in listings},
        {one.own_code: one for one in listings if one.own_code},
        by_name,
        photos=photos,
    )


async def checked_rows(sheet: Sheet, one: ListingImport, shelf: Shelf) -> list[ImportRow]:
    """Every row below the heads that holds anything, as it will be kept; saves nothing."""
    head = head_row(sheet.rows)
    merged = merged_places(sheet)
    seen: dict[str, int] = {}
    rows: list[ImportRow] = []
    for number in range(head + 1, len(sheet.rows)):
        if not any(sheet.rows[number]):
            continue
        row = await _checked(Checked(number, sheet.rows[number]), sheet, merged, one, shelf)
        _refuse_double(row, one, seen)
        rows.append(
            ImportRow(
                sheet_id=one.id,
                number=number + 1,
                cells=row.cells,
                content=row.content,
                faults=row.faults,
                state=row.state,
                listing_id=row.listing_id,
            )
        )
        if len(rows) % BREATHE_ROWS == 0:
            await asyncio.sleep(0)  # others share this process
    return rows


async def _checked(
    row: Checked, sheet: Sheet, merged: set[Place], one: ListingImport, shelf: Shelf
) -> Checked:
    columns = {name: int(column) for column, name in one.mapping.items()}
    typed = {name: row.cells[at] if at < len(row.cells) else "" for name, at in columns.items()}
    for name, at in columns.items():
        if (row.number, at) in sheet.formulas:
            _note(row, one, name, FORMULA)
        elif (row.number, at) in merged:
            _note(row, one, name, MERGED)
    if row.faults:
        return row
    standing = _standing(row, typed, one, shelf)
    if row.faults:
        return row
    form = await _read(typed, standing, one, shelf)
    for name, sentence in form.errors.items():
        _note(row, one, name, sentence)
    photos, fault = photos_meant(typed.get("photos", ""), shelf.photos)
    if fault is not None:
        _note(row, one, "photos", fault)
    if not row.faults:
        row.content = {**_content(form, typed, standing), "photos": photos}
        row.listing_id = standing.id if standing else None
        row.state = _state(row.content, standing)
        if row.state == RowState.SAME and standing and not _hangs(photos, standing, shelf):
            row.state = RowState.CHANGE
    return row


def _hangs(photos: Sequence[str], standing: Listing, shelf: Shelf) -> bool:
    return not photos or (
        shelf.photos is not None and set(photos) <= shelf.photos.hung.get(standing.id, set())
    )


def _standing(row: Checked, typed: Mapping[str, str], one: ListingImport, shelf: Shelf) -> Listing | None:
    """The listing that a row means: by the market's code, else the vendor's own, else the name (and unit)."""
    code, own = typed.get("code", "").strip().upper(), typed.get("own_code", "")
    if len(own) > OWN_CODE_MAX:
        _note(
            row,
            one,
            "own_code",
            say("Nhiều nhất {n} chữ. Bạn vừa nhập {typed}.", n=OWN_CODE_MAX, typed=len(own)),
        )
        return None
    if code:
        if code not in shelf.by_code:
            _note(row, one, "code", say("không có món nào của quầy mang mã «{code}».", code=code[:20]))
        standing, holder = shelf.by_code.get(code), shelf.by_own_code.get(own)
        if standing is not None and holder is not None and holder.id != standing.id:
            _note(
                row, one, "own_code", say("mã «{code}» đang là của món «{name}».", code=own, name=holder.name)
            )
        return standing
    if own and own in shelf.by_own_code:
        return shelf.by_own_code[own]
    named = [
        goods
        for goods in shelf.by_name.get(fold(typed.get("name", "")), [])
        if not (own and goods.own_code and goods.own_code != own)
    ]
    same_unit = [goods for goods in named if fold(goods.unit) == fold(typed.get("unit", ""))]
    if typed.get("unit"):
        named = same_unit
    if len(named) > 1:
        _note(row, one, "name", say("quầy có {n} món cùng tên. Hãy thêm cột mã hàng.", n=len(named)))
        return None
    return named[0] if named else None


async def _read(
    typed: Mapping[str, str], standing: Listing | None, one: ListingImport, shelf: Shelf
) -> ListingForm:
    """The form as if typed on the page; what the sheet leaves empty stays as it is on standing goods."""
    values: dict[str, object] = {
        name: typed.get(name, "") for name in ("name", "unit", "stock", "weight_g", "about")
    }
    values["price_dong"] = typed.get("price_dong", "")
    values["kind"] = kind_meant(typed["kind"]) if typed.get("kind") else one.default_kind
    values["commune"] = typed.get("commune", "")
    if standing is not None:
        for name in ("name", "kind", "price_dong", "unit", "weight_g", "stock", "about"):
            if not typed.get(name):
                values[name] = getattr(standing, name)
    place = standing if standing is not None else shelf.vendor
    if not values["commune"]:
        values["commune"], values["commune_code"] = (
            commune_label(place.commune, place.province),
            place.commune_code,
        )
    form = ListingForm.read(values)
    await _settle_commune(form, shelf)
    return form


async def _settle_commune(form: ListingForm, shelf: Shelf) -> None:
    """As on the page, but each place is looked up once for the whole sheet."""
    key = f"{form.commune_code or ''}|{form.commune or ''}"
    if key not in shelf.communes:
        shelf.communes[key] = await commune_meant(form.commune or "", form.commune_code or "")
    meant = shelf.communes[key]
    if meant.unit is not None:
        form.commune_code = meant.unit.code
    elif "commune" not in form.errors:
        near = ", ".join(one.label for one in meant.choices[:3])
        several = say("có nhiều nơi tên như vậy, hãy ghi cả tỉnh. Ví dụ: {near}.", near=near)
        form.wrong("commune", several if near else meant.fault or several)


def _content(form: ListingForm, typed: Mapping[str, str], standing: Listing | None) -> Kept:
    return {
        "name": form.name,
        "kind": form.kind,
        "price_dong": form.price_dong,
        "unit": form.unit,
        "weight_g": form.weight_g or kind_of(form.kind).weight_g,
        "stock": form.stock,
        "stock_seen": standing.stock if standing else 0,
        "commune_code": form.commune_code,
        "about": form.about or "",
        "own_code": typed.get("own_code", "") or (standing.own_code if standing else ""),
    }


def _state(content: Kept, standing: Listing | None) -> RowState:
    if standing is None:
        return RowState.NEW
    same = all(content[name] == getattr(standing, name) for name in COMPARED)
    return RowState.SAME if same and content["own_code"] == standing.own_code else RowState.CHANGE


def _refuse_double(row: Checked, one: ListingImport, seen: dict[str, int]) -> None:
    """Two rows of a sheet for the same goods: the second is a mistake."""
    if row.state == RowState.FAULTY:
        return
    keys = [f"listing:{row.listing_id}" if row.listing_id else sale_key(row.content)]
    keys += [f"own:{row.content['own_code']}"] if row.content["own_code"] else []
    before = next((seen[key] for key in keys if key in seen), None)
    if before is not None:
        row.state = RowState.FAULTY
        _note(row, one, "name", say("trùng với dòng {n}. Hãy bỏ một dòng.", n=before))
    else:
        seen.update(dict.fromkeys(keys, row.number + 1))


def _note(row: Checked, one: ListingImport, name: str, fault: Sentence) -> None:
    row.faults.append(
        cell_fault(row.number, name, fault, mapping=one.mapping, heads=one.heads, fields=FIELDS)
    )


def fault_lines(rows: Sequence[ImportRow]) -> list[tuple[int, list[Sentence]]]:
    """The mistakes of rows, as (row number, sentences)."""
    return [(row.number, [said(fault) for fault in row.faults]) for row in rows]


def names_needed(rows: Sequence[ImportRow]) -> set[str]:
    """The names of all photos that the rows which are right ask for."""
    kept = [row.content.get("photos") for row in rows if row.state in (RowState.NEW, RowState.CHANGE)]
    return {str(name) for names in kept if isinstance(names, list) for name in names}
