"""The OpenAPI 3.1 document, made from the JSON routes themselves."""

import types
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from kit.web.api import JsonRoute

Schema = dict[str, Any]
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["type", "title", "status"],
}


def openapi(routes: Sequence[JsonRoute], *, server: str, version: str) -> Schema:
    """The whole document for these routes."""
    paths: dict[str, Schema] = {}
    for route in routes:
        method = next(iter((route.methods or {"GET"}) - {"HEAD"})).lower()
        paths.setdefault(_template(route.path), {})[method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chợ 4.0", "version": version, "description": "The market's JSON API."},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
            },
        },
    }


def _operation(route: JsonRoute) -> Schema:
    said = route.operation
    made: Schema = {
        "operationId": str(route.name).replace(":", "_"),
        "summary": said.summary,
        "description": f"Who: {route.who.words}.",
        "parameters": _parameters(route),
        "responses": {str(said.status): _answer(route), "default": _problem()},
    }
    if not route.who.everybody:
        made["security"] = [{"token": []}, {"session": []}]
    if said.form is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": said.form.schema()}},
        }
    if said.is_file:
        binary: Schema = {"schema": {"type": "string", "format": "binary"}}
        made["requestBody"] = {"required": True, "content": {"image/*": binary}}
    return made


def _template(path: str) -> str:
    return path.replace(":int}", "}").replace(":path}", "}")


def _parameters(route: JsonRoute) -> list[Schema]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.param_convertors
    ]
    asked: list[Schema] = [
        {"name": name, "in": "query", "description": note, "schema": {"type": "string"}}
        for name, note in route.operation.query.items()
    ]
    if route.operation.is_once:
        key = {"type": "string", "minLength": 8, "maxLength": 80}
        asked.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key})
    return places + asked


def _answer(route: JsonRoute) -> Schema:
    said = route.operation
    if said.answer is None:
        return {"description": "Done."}
    schema = schema_of(said.answer)
    if said.is_many:
        schema = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": schema}},
            "required": ["items"],
        }
    return {"description": said.summary, "content": {"application/json": {"schema": schema}}}


def _problem() -> Schema:
    ref = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "What went wrong, in words.",
        "content": {"application/problem+json": {"schema": ref}},
    }


def schema_of(kind: Any) -> Schema:
    """The JSON schema of a dataclass or of a plain type."""
    simple = {str: "string", int: "integer", float: "number", bool: "boolean"}
    if kind in simple:
        return {"type": simple[kind]}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if kind is date:
        return {"type": "string", "format": "date"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [str(one) for one in kind]}
    if is_dataclass(kind):
        return _object_schema(kind)
    return _made_up_schema(kind)


def _object_schema(kind: Any) -> Schema:
    hints = get_type_hints(kind)
    required = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    return {
        "type": "object",
        "properties": {one.name: schema_of(hints[one.name]) for one in fields(kind)},
        "required": required,
    }


def _made_up_schema(kind: Any) -> Schema:
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        return {"type": "array", "items": schema_of(inside[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(inside[1])}
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if one is type(None) else schema_of(one) for one in inside]}
    raise TypeError(f"no JSON schema for {kind!r}")
