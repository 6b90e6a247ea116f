"""The form of a listing, as a page: read, shown, shown again; for its seller and for who helps the seller."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.media import Media
from kit.web.asked import typed_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from vendors.forms import settle_commune
from vendors.help_views import HelpedSeller
from vendors.kinds import KINDS, UNITS
from vendors.label_forms import LabelledForm
from vendors.labels import PARTS, LabelPart, Part, missing, names_of
from vendors.models import Listing
from vendors.routes.aboard import commune_choices
from vendors.routes.sending import sent_photos
from vendors.services import CommuneFound, ListingContent, ReadyPhoto, commune_label, kept_photos
from vendors.services.labels import label_of
from vendors.services.photos import PHOTOS_MAX, PhotoView, photos_of
from vendors.services.variants import variants_of
from vendors.variant_forms import filled_rows, filled_weight, read_rows, shown_rows


@dataclass
class ListingPage:
    """The form of new or standing goods; `kept` are photos of an earlier try, `label_lacks` what the label misses.

    `rows` are the numbers of the further variants' rows to show.
    """

    form: LabelledForm
    listing: Listing | None
    sent_id: str
    photos: tuple[PhotoView, ...]
    dropped: frozenset[int]
    kept: list[ReadyPhoto]
    kinds: list[tuple[str, Sentence]]
    units: Sequence[str]
    commune_choices: list[tuple[str, str]]
    label_parts: list[tuple[str, Part]]
    label_lacks: Sentence | None
    rows: list[int]
    photos_max: int = PHOTOS_MAX
    helped: HelpedSeller | None = None


async def read_listing(request: Request) -> tuple[LabelledForm, tuple[CommuneFound, ...], list[ReadyPhoto]]:
    """The form, the communes to ask about, and its photos, made small before any transaction."""
    form = LabelledForm.read(typed_of(request))
    hits, photos = await settle_listing(request, form)
    return form, hits, photos


async def settle_listing(
    request: Request, form: LabelledForm
) -> tuple[tuple[CommuneFound, ...], list[ReadyPhoto]]:
    """The communes to ask about, and the form's photos; notes what the days, the variants and the place lack."""
    request.state.rows = read_rows(typed_of(request), form)
    form.check_days(vietnam_date(parts_of(request)[Clock].now()))
    settled = await settle_commune(form)
    request.state.commune = settled.commune
    media = parts_of(request)[Media]
    photos = await kept_photos([str(one) for one in form_of(request).getlist("kept_photo")], media)
    try:
        photos += await sent_photos(request)
    except Refusal as refusal:
        note_refusal(form, refusal)
    return settled.choices.choices, photos


async def listing_page(
    request: Request,
    form: LabelledForm,
    *,
    listing: Listing | None = None,
    hits: tuple[CommuneFound, ...] = (),
    kept: Sequence[ReadyPhoto] = (),
    helped: HelpedSeller | None = None,
    status: int = 422,
) -> Response:
    """The page of new or standing goods; `helped` when somebody writes it for the seller."""
    page = ListingPage(
        form=form,
        listing=listing,
        sent_id=(form.typed.get("sent_id", "") if status != 409 else "") or str(uuid4()),
        photos=await photos_of(listing.id) if listing else (),
        dropped=frozenset(dropped_photos(request)) if request.method == "POST" else frozenset(),
        kept=list(kept),
        kinds=[(kind.code, kind.name) for kind in KINDS],
        units=UNITS,
        commune_choices=commune_choices(hits),
        label_parts=[(f"label_{part}", PARTS[part]) for part in LabelPart],
        label_lacks=_lacks(form),
        helped=helped,
        rows=shown_rows(form),
    )
    return render(request, "vendors/listing_form.html", page, status=200 if form.ok else status)


async def standing_form(listing: Listing) -> LabelledForm:
    """The form as goods that stand fill it."""
    return LabelledForm.filled(
        name=listing.name,
        kind=listing.kind,
        commune=commune_label(listing.commune, listing.province),
        commune_code=listing.commune_code,
        about=listing.about,
        harvested_on=listing.harvested_on,
        best_before=listing.best_before,
        **filled_weight(listing),
        **filled_rows(listing, (await variants_of([listing])).get(listing.id, ())),
        **{f"label_{part}": said for part, said in (await label_of(listing.id)).items()},
    )


def _lacks(form: LabelledForm) -> Sentence | None:
    """What the label of the chosen kind misses; nothing before a kind is chosen."""
    if not form.typed.get("kind"):
        return None
    lacking = missing(
        form.typed["kind"], {str(part): form.typed.get(f"label_{part}", "") for part in LabelPart}
    )
    return names_of(lacking) if lacking else None


def note_refusal(form: Form, refusal: Refusal) -> None:
    """A refusal at its field; one that belongs to none goes on."""
    if refusal.field is None:
        raise refusal
    form.wrong(refusal.field, refusal.sentence)


def listing_content(request: Request, form: LabelledForm) -> ListingContent:
    """The form without mistakes, with its commune and its rows of variants, as the service takes it."""
    return form.content(request.state.commune, request.state.rows)


def dropped_photos(request: Request) -> list[int]:
    """The photos that were ticked to be left out."""
    return [int(str(one)) for one in form_of(request).getlist("drop_photo") if str(one).isdecimal()]
