"""A parcel as the pages and the other packages see it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from postal.carrier import Party
from postal.models import Parcel
from postal.staff_carrier import CODE as STAFF
from postal.states import FINAL, BookingState, Flag, MoneyState, ParcelState


@dataclass(frozen=True)
class ParcelView:
    """One parcel as it stands. `cod_dong` is collected at the door; `money` says where it is."""

    id: int
    code: str
    reference: str
    order_code: str
    carrier: str
    tracking_code: str
    state: ParcelState
    flags: frozenset[Flag]
    sender: Party
    recipient: Party
    contents: str
    weight_g: int
    value_dong: int
    attempts: int
    booked_at: datetime
    changed_at: datetime
    market: str = ""
    weighed_g: int | None = None
    holder_id: int | None = None
    cod_dong: int = 0
    money: MoneyState = MoneyState.NONE
    booking: BookingState = BookingState.BOOKED
    refused_because: str = ""
    sort_code: str = ""
    service: str = ""
    vendor_id: int | None = None
    fee_dong: int | None = None
    promised_days: int | None = None
    point_id: int | None = None
    kept_until: date | None = None
    digital_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_adult_only: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether a carrier outside the house carries it."""
        return self.carrier != STAFF

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL


def view_of(parcel: Parcel) -> ParcelView:
    """The view of a row that has its code."""
    return ParcelView(
        id=parcel.id,
        code=parcel.code or "",
        reference=parcel.reference,
        order_code=parcel.order_code,
        carrier=parcel.carrier,
        tracking_code=parcel.tracking_code,
        state=parcel.state,
        flags=_flags(parcel),
        sender=_party(parcel, "sender"),
        recipient=_party(parcel, "recipient"),
        contents=parcel.contents,
        weight_g=parcel.weight_g,
        value_dong=parcel.value_dong,
        attempts=parcel.attempts,
        booked_at=parcel.booked_at,
        changed_at=parcel.changed_at,
        cod_dong=parcel.cod_dong,
        money=parcel.money,
        booking=parcel.booking,
        refused_because=parcel.refused_because,
        sort_code=parcel.sort_code,
        service=parcel.service,
        vendor_id=parcel.vendor_id,
        fee_dong=parcel.fee_dong,
        promised_days=parcel.promised_days,
        market=parcel.market,
        weighed_g=parcel.weighed_g,
        holder_id=parcel.holder_id,
        point_id=parcel.point_id,
        kept_until=parcel.kept_until,
        digital_address=parcel.digital_address,
        latitude=parcel.latitude,
        longitude=parcel.longitude,
        is_adult_only=parcel.is_adult_only,
    )


def _flags(parcel: Parcel) -> frozenset[Flag]:
    """What events raised, and whether nobody knows if the carrier has the parcel."""
    lost = {Flag.SUBMISSION_UNKNOWN} if parcel.booking is BookingState.UNKNOWN else set()
    return frozenset({*map(Flag, parcel.flags), *lost})


def party_columns(party: Party, side: str) -> dict[str, Any]:
    """The columns of a row that hold the `sender` or the `recipient`."""
    return {f"{side}_{name}": getattr(party, name) for name in _COLUMNS[side]}


_PARTY = ("name", "phone", "line", "commune_code", "commune", "province")
_COLUMNS = {"sender": _PARTY, "recipient": (*_PARTY, "old_commune_code", "old_place")}


def parties_of(parcel: Parcel) -> tuple[Party, Party]:
    """Sender and recipient of a row."""
    return _party(parcel, "sender"), _party(parcel, "recipient")


def _party(parcel: Parcel, side: str) -> Party:
    return Party(**{name: getattr(parcel, f"{side}_{name}") for name in _COLUMNS[side]})
