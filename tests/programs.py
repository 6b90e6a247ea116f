"""What programs send to the market and what its document promises them, held against every answer."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any

import httpx2
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from kit.clock import VIETNAM

Schema = dict[str, Any]
ADDRESS = {
    "name": "Nguyễn Văn Minh",
    "phone": "0912 000 002",
    "line": "Số 5, tổ 3",
    "commune_code": "05443",
}


class Contract:
    """The OpenAPI document; `hold` checks an answer of the API against it and remembers the operation."""

    def __init__(self, document: Schema) -> None:
        self.document = document
        self.answered: set[str] = set()

    @property
    def operations(self) -> dict[str, Schema]:
        """Every operation by its id."""
        return {one["operationId"]: one for path in self.document["paths"].values() for one in path.values()}

    async def hold(self, answer: httpx2.Response) -> None:
        """For a client's response hook: 2xx as the operation says and nothing more, else a problem in words."""
        await answer.aread()
        self.check(answer)

    def check(self, answer: httpx2.Response) -> None:
        """The same for an answer that is read already."""
        asked = answer.request
        if not asked.url.path.startswith("/api/v1/") or asked.url.path.endswith("/openapi.json"):
            return
        operation, where = self.operation(asked), f"{asked.method} {asked.url.path} {answer.status_code}"
        if not answer.is_success:
            said = operation["responses"]["default"]["content"]["application/problem+json"]
            assert answer.headers["content-type"] == "application/problem+json", where
            self._fits(answer.json(), said["schema"], where)
            assert answer.json()["status"] == answer.status_code, where
            return
        said = operation["responses"].get(str(answer.status_code))
        assert said is not None, f"{where} is not in the document"
        self._fits(answer.json(), said["content"]["application/json"]["schema"], where)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            self._fits(
                json.loads(asked.content), body["schema"], f"what was sent to {where}", is_closed=False
            )
        self.answered.add(operation["operationId"])

    def operation(self, asked: httpx2.Request) -> Schema:
        """The operation of a request."""
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, asked.url.path) and asked.method.lower() in methods:
                return dict(methods[asked.method.lower()])
        raise AssertionError(f"{asked.method} {asked.url.path} is not in the document")

    def _fits(self, value: object, schema: Schema, where: str, *, is_closed: bool = True) -> None:
        whole = {**(closed(schema) if is_closed else schema), "components": self.document["components"]}
        rules = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        faults = [f"{fault.json_path}: {fault.message}" for fault in rules.iter_errors(value)]
        assert not faults, f"{where} does not fit the document: {faults}"


def closed(schema: Schema) -> Schema:
    """The same schema, with every object holding nothing but what is named."""
    made = {**schema}
    if "properties" in made:
        made["properties"] = {name: closed(one) for name, one in made["properties"].items()}
        made.setdefault("additionalProperties", False)
    if "items" in made:
        made["items"] = closed(made["items"])
    if "anyOf" in made:
        made["anyOf"] = [closed(one) for one in made["anyOf"]]
    return made


def signed_notice(
    secret: str, *, number: int, account: str, amount_dong: int, content: str, at: datetime
) -> tuple[bytes, dict[str, str]]:
    """A bank transaction as SePay tells of it (developer.sepay.vn, webhooks): the raw body and its headers.

    The signature is HMAC-SHA256 of the Unix seconds, a point and the raw body; made here without our own code.
    """
    body = {
        "id": number,
        "gateway": "Vietcombank",
        "transactionDate": at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": account,
        "subAccount": None,
        "code": None,
        "content": f"MBVCB.6089412375.{content}.CT tu 0011004321987 NGUYEN VAN MINH",
        "transferType": "in",
        "description": "BankAPINotify",
        "transferAmount": amount_dong,
        "accumulated": 19_077_000,
        "referenceCode": f"FT{number:012}",
    }
    raw, seconds = json.dumps(body, ensure_ascii=False).encode(), str(int(at.timestamp()))
    mark = hmac.new(secret.encode(), seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()
    headers = {"X-SePay-Signature": f"sha256={mark}", "X-SePay-Timestamp": seconds}
    return raw, {**headers, "content-type": "application/json"}
