"""The form of an index has a number: whoever changes what it holds raises it, or processes would read the wrong one."""

import hashlib
import json
from typing import Any

from search import meili_engine, tantivy_engine
from search.documents import ListingDoc
from search.flat import flat
from search.meili_engine import settings

# What each form holds, as a digest. A new form gets a new line; `migrate` then builds it beside the one that serves.
MEILISEARCH = {"5": "c13054cf2becfe86"}
TANTIVY = {"6": "c2cb858e4dd76990"}
GOODS = ListingDoc(
    id=1,
    code="H1",
    url="/goods/H1",
    name="Chè đinh Tân Cương",
    kind="tea",
    kind_name="Chè, trà",
    price_dong=950_000,
    unit="hộp 200 g",
    seller="HTX chè Hảo Đạt",
    commune="Xã Tân Cương",
    commune_code="05503",
    province="Thái Nguyên",
    keywords=("trà",),
    text="Hái tay.",
    latitude=21.5,
    longitude=105.8,
    ways=("post", "fetch"),
)


def digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def test_meilisearch_settings_and_documents_belong_to_their_form() -> None:
    held = [settings(), meili_engine._document(GOODS)]
    assert MEILISEARCH.get(meili_engine.FORM) == digest(held), "raise FORM in search/meili_engine.py"


def test_tantivy_fields_belong_to_their_form() -> None:
    assert TANTIVY.get(tantivy_engine.FORM) == digest(flat(GOODS)), "raise FORM in search/tantivy_engine.py"
