"""The demo people: who they are, the phones they sign in with, and where they land."""

from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.roles import Role


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as. `phone` is E.164; `start` is the page to look at first; `is_shown` on the banner.

    `scope` is what the roles are held over, "" for everything.
    """

    key: str
    name: str
    phone: str
    work: Sentence
    start: str
    roles: tuple[Role, ...] = ()
    is_shown: bool = False
    scope: str = ""


PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("hien", "Cô Hiền", "+84912000001", say("bán na La Hiên"), "/sell", is_shown=True),
    DemoPerson("minh", "Anh Minh", "+84912000002", say("người mua hàng"), "/orders", is_shown=True),
    DemoPerson("thao", "Chị Thảo", "+84912000003", say("nhân viên bưu cục"), "/post", (Role.CLERK,), True),
    DemoPerson("son", "Bác Sơn", "+84912000004", say("quản trị chợ"), "/admin", (Role.ADMIN,), True),
    DemoPerson("tuan", "Anh Tuấn", "+84912000005", say("bưu tá"), "/post/round", (Role.CARRIER,)),
    DemoPerson(
        "lan",
        "Em Lan",
        "+84912000006",
        say("tổ công nghệ số cộng đồng"),
        "/team",
        (Role.TEAM,),
        scope="05740",
    ),
    DemoPerson("binh", "Ông Bình", "+84912000007", say("ban quản lý chợ"), "/board"),
)
BY_KEY = {person.key: person for person in PEOPLE}
