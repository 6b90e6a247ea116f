"""People and the trail for administrators: closed to others, found, changed, written down."""

import re
from typing import Any

import pytest

from accounts.models import AuditEntry, Grant, Person
from accounts.services import grant, record
from kit.db import transaction
from kit.roles import Role
from tests.factories import TUAN, person

pytestmark = pytest.mark.usefixtures("db")
ADMIN_PHONE = "+84973111222"
PAGES = ["/admin/people", "/admin/people/{id}", "/admin/audit"]
ACTS = ["/roles", "/roles/withdraw", "/block", "/unblock"]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_closed_to_everybody_else(client: Any, sign_in_as: Any, path: str) -> None:
    hoa = await person()
    path = path.format(id=hoa.id)
    assert (await client.get(path)).headers["location"].startswith("/sign-in?back=/admin/")
    others = [role for role in Role if role != Role.ADMIN]
    await sign_in_as(client, ADMIN_PHONE, *others)
    assert (await client.get(path)).status_code == 403


@pytest.mark.parametrize("act", ACTS)
async def test_acts_are_closed_to_everybody_else(client: Any, sign_in_as: Any, act: str) -> None:
    hoa = await person()
    await grant(hoa.id, Role.CLERK)
    values = {"role": "admin" if act == "/roles" else "clerk", "scope": ""}
    assert (await client.submit(f"/admin/people/{hoa.id}{act}", values)).status_code == 403
    await sign_in_as(client, TUAN, Role.TEAM, Role.BOARD)
    assert (await client.submit(f"/admin/people/{hoa.id}{act}", values)).status_code == 403
    assert [one.role for one in await Grant.filter(person_id=hoa.id)] == ["clerk"]
    assert not (await Person.get(id=hoa.id)).is_blocked


async def test_a_person_is_found_by_name_with_a_masked_phone(client: Any, sign_in_as: Any) -> None:
    await person()
    await person("Trần Văn Tuấn", TUAN)
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    page = (await client.get("/admin/people", params={"q": "hoa"})).text
    assert "Nguyễn Thị Hoa" in page and "0912 *** 678" in page and "0912 345 678" not in page
    assert "Trần Văn Tuấn" not in page and 'value="hoa"' in page


async def test_the_list_of_people_asks_few_queries(client: Any, sign_in_as: Any, queries: Any) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    for n in range(60):
        one = await person(f"Người {n}", f"+8490000{n:04}")
        await grant(one.id, Role.VENDOR, str(n))
    with queries.at_most(6):
        page = await client.get("/admin/people")
    assert page.text.count("<tr>") == 51


async def test_nobody_found_is_said(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert "Không tìm thấy ai" in (await client.get("/admin/people?q=zzz")).text


async def test_a_search_text_too_long_is_refused_and_kept(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    answer = await client.get("/admin/people", params={"q": "h" * 61})
    assert answer.status_code == 422 and 'id="f-q-error"' in answer.text and "h" * 61 in answer.text


async def test_a_role_is_granted_and_withdrawn_and_both_are_on_the_page(client: Any, sign_in_as: Any) -> None:
    hoa = await person()
    lan = await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    one = f"/admin/people/{hoa.id}"
    answer = await client.submit(one + "/roles", {"role": "clerk", "scope": "05443"})
    assert (answer.status_code, answer.headers["location"]) == (303, one)
    assert [(held.role, held.scope, held.granted_by) for held in await Grant.filter(person_id=hoa.id)] == [
        ("clerk", "05443", lan.id)
    ]
    page = (await client.get(one)).text
    assert "Phạm vi: 05443" in page and "Trao quyền: Nhân viên bưu cục" in page
    assert (
        await client.submit(one + "/roles/withdraw", {"role": "clerk", "scope": "05443"})
    ).status_code == 303
    assert await Grant.filter(person_id=hoa.id).count() == 0
    acts = await AuditEntry.filter(subject_id=str(hoa.id), person_id=lan.id).order_by("id")
    assert [act.action for act in acts] == ["role_granted", "role_withdrawn"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "role"),
        ({"role": "", "scope": ""}, "role"),
        ({"role": "king", "scope": ""}, "role"),
        ({"role": "vendor", "scope": ""}, "scope"),
        ({"role": "clerk", "scope": "xã"}, "scope"),
        ({"role": "clerk", "scope": "1" * 16}, "scope"),
        ({"role": "clerk", "scope": "'; DROP"}, "scope"),
    ],
)
async def test_a_bad_role_is_refused_at_its_field_and_kept(
    client: Any, sign_in_as: Any, values: dict[str, str], field: str
) -> None:
    hoa = await person()
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    answer = await client.submit(f"/admin/people/{hoa.id}/roles", values)
    assert answer.status_code == 422 and f'id="f-{field}-error"' in answer.text
    if values.get("scope") and "'" not in values["scope"]:
        assert f'value="{values["scope"]}"' in answer.text
    if values.get("role") == "clerk":
        assert '<option value="clerk" selected>' in answer.text
    assert await Grant.filter(person_id=hoa.id).count() == 0


async def test_administrators_keep_their_own_role_and_stay_in(client: Any, sign_in_as: Any) -> None:
    lan = await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    one = f"/admin/people/{lan.id}"
    withdrawn = await client.submit(one + "/roles/withdraw", {"role": "admin", "scope": ""})
    assert withdrawn.status_code == 422 and "không tự rút quyền" in withdrawn.text
    blocked = await client.submit(one + "/block")
    assert blocked.status_code == 422 and "không tự khoá" in blocked.text
    assert (await client.get(one)).status_code == 200


@pytest.mark.parametrize("values", [{}, {"role": "king"}, {"role": "clerk\x00", "scope": "\x00"}])
async def test_withdrawing_what_is_no_role_changes_nothing(
    client: Any, sign_in_as: Any, values: dict[str, str]
) -> None:
    hoa = await person()
    await grant(hoa.id, Role.CARRIER)
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    answer = await client.submit(f"/admin/people/{hoa.id}/roles/withdraw", values)
    assert answer.status_code in (303, 422)
    assert await Grant.filter(person_id=hoa.id).count() == 1


async def test_blocking_on_the_page_signs_the_person_out_at_once(
    client: Any, sign_in_as: Any, browser: Any
) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    async with browser() as phone:
        hoa = await sign_in_as(phone, "+84912345678")
        assert (await client.submit(f"/admin/people/{hoa.id}/block")).status_code == 303
        assert (await phone.get("/me")).status_code == 303
    assert "Đang bị khoá" in (await client.get(f"/admin/people/{hoa.id}")).text
    assert (await client.submit(f"/admin/people/{hoa.id}/unblock")).status_code == 303
    assert not (await Person.get(id=hoa.id)).is_blocked


@pytest.mark.parametrize("number", ["999999999", "9" * 16, "9" * 40])
async def test_a_person_who_is_not_there_is_not_found(client: Any, sign_in_as: Any, number: str) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert (await client.get(f"/admin/people/{number}")).status_code == 404
    for act in ACTS:
        answer = await client.submit(f"/admin/people/{number}{act}", {"role": "clerk", "scope": ""})
        assert answer.status_code == 404


async def test_the_trail_turns_its_pages_and_keeps_the_filter(
    client: Any, sign_in_as: Any, queries: Any
) -> None:
    lan = await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    async with transaction():
        for n in range(70):
            await record(lan.id, "listing_hidden", "listing", f"L{n}")
            await record(None, "order_paid", "order", n, amount_dong=35_000)
    with queries.at_most(4):
        first = await client.get("/admin/audit?kind=listing")
    assert first.text.count("<tr>") == 51 and "listing L69" in first.text and "order_paid" not in first.text
    older = re.search(r'href="(/admin/audit\?[^"]+before=[0-9]+)"', first.text)
    assert older and "kind=listing" in older[1]
    second = await client.get(older[1].replace("&amp;", "&"))
    assert second.text.count("<tr>") == 21 and "listing L0<" in second.text
    assert 'href="/admin/audit?kind=listing" rel="prev"' in second.text
    by_lan = await client.get(f"/admin/audit?person={lan.id}&subject=L3")
    assert by_lan.text.count("<tr>") == 2


async def test_the_trail_says_what_was_done_and_by_whom(client: Any, sign_in_as: Any) -> None:
    hoa = await person()
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    await client.submit(f"/admin/people/{hoa.id}/roles", {"role": "clerk", "scope": ""})
    page = (await client.get("/admin/audit?kind=person")).text
    assert "Trao quyền" in page and "0973 *** 222" in page and "role: clerk" in page


@pytest.mark.parametrize(
    ("name", "typed"), [("person", "Hoa"), ("before", "x"), ("person", "9" * 20), ("kind", "k" * 41)]
)
async def test_a_bad_filter_is_refused_with_a_sentence(
    client: Any, sign_in_as: Any, name: str, typed: str
) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    answer = await client.get("/admin/audit", params={name: typed})
    assert answer.status_code == 422 and "notice-bad" in answer.text and "<tr>" not in answer.text


async def test_an_empty_trail_says_so(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert "Không có việc nào" in (await client.get("/admin/audit?kind=nothing")).text


@pytest.mark.parametrize("path", [*PAGES, "/admin/people?q=zzz"])
async def test_pages_speak_english_too(client: Any, sign_in_as: Any, path: str) -> None:
    lan = await sign_in_as(client, ADMIN_PHONE, Role.ADMIN, Role.CLERK)
    client.cookies.set("language", "en")
    page = (await client.get(path.format(id=lan.id))).text
    body = re.sub(r"Chợ|Tiếng Việt", "", page[page.index("<main") : page.index("</main>")])
    assert not re.search(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", body), body
