"""The matched rows of a registry become certificates, a batch a job: a repeat changes nothing."""

from datetime import date
from decimal import Decimal

from kit.db import locked, transaction
from kit.errors import Conflict, Refusal
from kit.outbox import announce, later
from vendors.models import (
    Certificate,
    CertificateRegistry,
    CertificateState,
    RecordState,
    RegistryRow,
    RegistryState,
)
from vendors.services.certificates.confirming import (
    CertificateContent,
    confirm_certificate,
    enter_certificate,
)
from vendors.sheet_faults import row_fault

BATCH = 50


async def work_registry_batch(registry_id: int) -> bool:
    """Keeps the certificates of the next rows; whether more are left. Nothing happens unless it was confirmed."""
    async with transaction():
        one = (await locked(CertificateRegistry, [registry_id])).get(registry_id)
        if one is None or one.state != RegistryState.WORKING:
            return False
        matched = RegistryRow.filter(registry_id=one.id, state=RecordState.MATCHED)
        # In the order of their listings, which are locked one after the other.
        rows = await matched.order_by("listing_id", "number").limit(BATCH)
        for row in rows:
            await _keep(row, one.person_id)
        if rows:
            await later("work_registry", one.id)
        else:
            one.state = RegistryState.DONE
            await one.save(update_fields=["state", "changed_at"])
        await announce(f"registry:{one.code}")
    return bool(rows)


async def _keep(row: RegistryRow, person_id: int) -> None:
    try:
        async with transaction():
            row.state = await _kept(row, person_id)
    except Refusal as refusal:
        row.state = RecordState.FAULTY
        row.faults = [row_fault(row.number, refusal.sentence)]
    await row.save(update_fields=["state", "faults"])


async def _kept(row: RegistryRow, person_id: int) -> RecordState:
    """One that its seller has sent in and that waits is confirmed with what the registry says."""
    content, listing_id = _content(row), row.listing_id
    assert listing_id is not None
    same = Certificate.filter(
        listing_id=listing_id, decision_no=content.decision_no, decided_on=content.decided_on
    )
    waiting = await same.filter(state=CertificateState.SUBMITTED).order_by("id").first()
    if waiting is not None:
        await confirm_certificate(waiting.code, content, by=person_id)
        return RecordState.DONE
    try:
        await enter_certificate(listing_id, content, by=person_id)
    except Conflict:
        return RecordState.SAME
    return RecordState.DONE


def _content(row: RegistryRow) -> CertificateContent:
    kept = row.content
    return CertificateContent(
        product=str(kept["product"]),
        stars=int(str(kept["stars"])),
        points=Decimal(str(kept["points"])) if kept["points"] else None,
        decision_no=str(kept["decision_no"]),
        decided_on=date.fromisoformat(str(kept["decided_on"])),
        valid_to=date.fromisoformat(str(kept["valid_to"])),
        issuer_level=str(kept["issuer_level"]),
        criteria=str(kept["criteria"]),
        valid_because=str(kept["valid_because"]),
    )
