"""The bank table, for administrators."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.errors import Conflict
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.account_forms import BankForm, NewBankForm
from vendors.services.bank_desk import BANK_KINDS, BankRow, add_bank, bank_row, bank_rows, change_bank

ADMINS = roles(Role.ADMIN)


@dataclass
class BanksPage:
    """All institutions, BINs in use that are none of them, and the form of one to add."""

    form: Form
    banks: list[BankRow]
    unknown: dict[str, int]
    kinds: dict[str, Sentence]
    told: str


@dataclass
class BankPage:
    """One institution to change."""

    form: Form
    bank: BankRow
    kinds: dict[str, Sentence]


async def bank_index(request: Request) -> Response:
    """The table; `bin` in the address fills the form for a BIN the table lacks."""
    asked = request.query_params.get("bin", "")[:6]
    return await _page(request, NewBankForm.filled(bin=asked, kind="bank", is_shown="yes"))


async def bank_create(request: Request) -> Response:
    """Adds an institution."""
    form = NewBankForm.read(typed_of(request))
    if form.ok:
        try:
            await add_bank(
                form.bin,
                code=form.code,
                name=form.name,
                kind=form.kind,
                is_shown=form.is_shown,
                by=person_id_of(request),
            )
            return RedirectResponse("/admin/banks?told=saved", 303)
        except Conflict as conflict:
            form.wrong("bin", conflict.sentence)
    return await _page(request, form)


async def bank_edit(request: Request) -> Response:
    """The form of one that stands."""
    bank = await bank_row(str(request.path_params["bin"]))
    form = BankForm.filled(
        name=bank.name, code=bank.code, kind=bank.kind, is_shown="yes" if bank.is_shown else ""
    )
    return render(request, "vendors/bank_edit.html", BankPage(form, bank, BANK_KINDS))


async def bank_update(request: Request) -> Response:
    """Keeps the change."""
    bank = await bank_row(str(request.path_params["bin"]))
    form = BankForm.read(typed_of(request))
    if not form.ok:
        return render(request, "vendors/bank_edit.html", BankPage(form, bank, BANK_KINDS), status=422)
    await change_bank(
        bank.bin,
        code=form.code,
        name=form.name,
        kind=form.kind,
        is_shown=form.is_shown,
        by=person_id_of(request),
    )
    return RedirectResponse("/admin/banks?told=saved", 303)


async def _page(request: Request, form: Form) -> Response:
    banks, unknown = await bank_rows()
    page = BanksPage(form, banks, unknown, BANK_KINDS, request.query_params.get("told", ""))
    return render(request, "vendors/bank_index.html", page, status=200 if form.ok else 422)


ROUTES = [
    get("/admin/banks", bank_index, who=ADMINS, name="vendors:bank_index"),
    post("/admin/banks", bank_create, who=ADMINS, name="vendors:bank_create"),
    get("/admin/banks/{bin}", bank_edit, who=ADMINS, name="vendors:bank_edit"),
    post("/admin/banks/{bin}", bank_update, who=ADMINS, name="vendors:bank_update"),
]
