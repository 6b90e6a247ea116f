"""The post's use cases: book a parcel, act on it, find it, follow it, and the lists of the day."""

from postal.delivery_code import delivery_code
from postal.services.acting import AlreadyDone, act
from postal.services.booking import book, book_all, moved_on
from postal.services.lists import (
    DayBook,
    ParcelPage,
    acts_of_today,
    deliveries,
    pickups,
    told_phones,
)
from postal.services.quoting import Offered, box_for, offers, others_asked, own_way, quote
from postal.services.reading import parcel, parcel_for, parcel_opened
from postal.services.scanned import code_in_photo, scanned_code
from postal.services.tracking import TimelineStep, timeline
from postal.services.views import ParcelView

__all__ = [
    "AlreadyDone",
    "DayBook",
    "Offered",
    "ParcelPage",
    "ParcelView",
    "TimelineStep",
    "act",
    "acts_of_today",
    "book",
    "book_all",
    "box_for",
    "code_in_photo",
    "deliveries",
    "delivery_code",
    "moved_on",
    "offers",
    "others_asked",
    "own_way",
    "parcel",
    "parcel_for",
    "parcel_opened",
    "pickups",
    "quote",
    "scanned_code",
    "timeline",
    "told_phones",
]
