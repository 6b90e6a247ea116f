"""The API's own description: valid OpenAPI, with every JSON route in it."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from market.app import API


@pytest.mark.usefixtures("db")
async def test_the_openapi_document_is_valid_and_whole(client: Any) -> None:
    """Validated against OpenAPI 3.1; no route is missing."""
    document = (await client.get("/api/v1/openapi.json")).json()
    validate(document)
    described = {(path, method) for path, acts in document["paths"].items() for method in acts}
    assert len(described) == len({(route.path, *(route.methods or ())) for route in API})
    assert ("/api/v1/search", "get") in described
