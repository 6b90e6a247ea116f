"""What vendors offers to the packages above it."""

from vendors.kinds import KINDS, Kind, kind_of
from vendors.market_days import Schedule
from vendors.models import ListingState, PlateReport, PlateScan, PlateVerdict, ScheduleKind, VendorKind
from vendors.services.aboard import Newcomer, come_aboard, take_stall
from vendors.services.banks import BankView, account_number, bank_of, banks_shown, holder_name, load_banks
from vendors.services.cards import PAGE, Card, Leaf, cards_of, pictures_of, stars_on
from vendors.services.communes import CommuneMeant, commune_label, commune_meant, short_province
from vendors.services.figures import MarketFigures, SellerFigures, market_figures, seller_figures
from vendors.services.goods import (
    Goods,
    ListingFacts,
    goods_by_code,
    goods_for_sale,
    ids_on_sale,
    listing_document,
    listing_documents,
)
from vendors.services.listings import (
    ListingContent,
    add_photo,
    change_listing,
    change_shelf,
    hide_listing,
    offer_listing,
    own_listing,
    put_up_listing,
)
from vendors.services.markets import certify, open_market
from vendors.services.pages import is_market, listing_view, market_choices, newest_cards, waiting_count
from vendors.services.photos import ReadyPhoto, kept_photos, photo_file, ready_photo, ready_photos
from vendors.services.review import approve_listing, listing_id_of, return_listing
from vendors.services.sellers import PayTo, VendorCard, pay_to, phone_has_vendor, vendor_card
from vendors.services.stock import release, reserve, sell

__all__ = [
    "KINDS",
    "PAGE",
    "BankView",
    "Card",
    "CommuneMeant",
    "Goods",
    "Kind",
    "Leaf",
    "ListingContent",
    "ListingFacts",
    "ListingState",
    "MarketFigures",
    "Newcomer",
    "PayTo",
    "PlateReport",
    "PlateScan",
    "PlateVerdict",
    "ReadyPhoto",
    "Schedule",
    "ScheduleKind",
    "SellerFigures",
    "VendorCard",
    "VendorKind",
    "account_number",
    "add_photo",
    "approve_listing",
    "bank_of",
    "banks_shown",
    "cards_of",
    "certify",
    "change_listing",
    "change_shelf",
    "come_aboard",
    "commune_label",
    "commune_meant",
    "goods_by_code",
    "goods_for_sale",
    "hide_listing",
    "holder_name",
    "ids_on_sale",
    "is_market",
    "kept_photos",
    "kind_of",
    "listing_document",
    "listing_documents",
    "listing_id_of",
    "listing_view",
    "load_banks",
    "market_choices",
    "market_figures",
    "newest_cards",
    "offer_listing",
    "open_market",
    "own_listing",
    "pay_to",
    "phone_has_vendor",
    "photo_file",
    "pictures_of",
    "put_up_listing",
    "ready_photo",
    "ready_photos",
    "release",
    "reserve",
    "return_listing",
    "sell",
    "seller_figures",
    "short_province",
    "stars_on",
    "take_stall",
    "vendor_card",
    "waiting_count",
]
