"""Forms: typed fields read from a page or from JSON, each mistake with its sentence at its field."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self

from kit.dates import parse_day
from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, normal_mobile, normal_phone
from kit.money import parse_dong, show_dong
from kit.text import nfc_lines

Schema = dict[str, object]
YES, NO = ("1", "on", "true", "yes"), ("", "0", "false", "no")
NOT_TEXT = "\ufffd"


class BadField(Exception):
    """What was typed into one field can't be used; the sentence says why and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True)
class Field:
    """One field: how its text becomes a value, and its JSON schema."""

    read: Callable[[str], object]
    schema: Schema
    required: bool = True
    default: object = None
    missing: Sentence | None = None
    is_flag: bool = False


class Form:
    """A form's clean values as attributes, what was typed, and the mistakes by field name."""

    _fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: one for name, one in vars(cls).items() if isinstance(one, Field)}
        cls._fields = {**cls._fields, **own}

    def __init__(self) -> None:
        self.typed: dict[str, str] = {}
        self.errors: dict[str, Sentence] = {}
        for name, one in self._fields.items():
            setattr(self, name, one.default)

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """The form as sent by a page or as JSON; look at `ok` and `errors` before using the values."""
        form = cls()
        for name, one in cls._fields.items():
            form._read_field(name, one, values.get(name))
        if form.ok:
            form.check()
        return form

    @classmethod
    def filled(cls, **values: object) -> Self:
        """A form to be shown with these values in its fields."""
        form = cls()
        form.typed = {name: "" if value is None else str(value) for name, value in values.items()}
        return form

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def check(self) -> None:
        """Rules between fields; a form that has some overrides this and calls wrong()."""

    def wrong(self, name: str, sentence: Sentence) -> None:
        """Notes a mistake at a field."""
        self.errors[name] = sentence

    @classmethod
    def schema(cls) -> Schema:
        """The JSON schema of what read() takes."""
        return {
            "type": "object",
            "properties": {name: one.schema for name, one in cls._fields.items()},
            "required": [name for name, one in cls._fields.items() if one.required],
        }

    def _read_field(self, name: str, one: Field, raw: object) -> None:
        typed = _as_flag(raw) if one.is_flag else _as_text(raw)
        self.typed[name] = typed
        if typed == "" and not one.is_flag:
            if one.required:
                self.errors[name] = one.missing or say("Ô này cần được điền.")
            return
        try:
            setattr(self, name, one.read(typed))
        except BadField as bad:
            self.errors[name] = bad.sentence


def _as_flag(raw: object) -> str:
    """A page's tick is text, a program's is true or false and nothing else."""
    if raw is None or isinstance(raw, bool):
        return "1" if raw else ""
    return raw if isinstance(raw, str) else NOT_TEXT


def _as_text(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, str | int) and not isinstance(raw, bool):
        return nfc_lines(str(raw))
    return NOT_TEXT


def text(
    *, max_length: int, min_length: int = 1, required: bool = True, missing: Sentence | None = None
) -> Any:
    """A line or more of text, NFC, trimmed; lengths in characters."""

    def read(typed: str) -> str:
        if typed == NOT_TEXT:
            raise BadField(say("Ô này cần là chữ."))
        if len(typed) < min_length:
            raise BadField(say("Cần ít nhất {n} chữ. Bạn vừa nhập {typed}.", n=min_length, typed=len(typed)))
        if len(typed) > max_length:
            raise BadField(say("Nhiều nhất {n} chữ. Bạn vừa nhập {typed}.", n=max_length, typed=len(typed)))
        return typed

    schema: Schema = {"type": "string", "minLength": min_length if required else 0, "maxLength": max_length}
    return Field(read, schema, required=required, default="" if not required else None, missing=missing)


def whole(
    *,
    least: int,
    most: int,
    required: bool = True,
    default: int | None = None,
    missing: Sentence | None = None,
) -> Any:
    """A whole number within bounds."""

    def read(typed: str) -> int:
        if not re.fullmatch(r"-?\d{1,15}", typed):
            raise BadField(say("Ô này cần một số nguyên, ví dụ {n}.", n=max(least, 1)))
        if not least <= int(typed) <= most:
            raise BadField(
                say("Số từ {least} đến {most}. Bạn vừa nhập {typed}.", least=least, most=most, typed=typed)
            )
        return int(typed)

    return Field(
        read,
        {"type": "integer", "minimum": least, "maximum": most},
        required=required,
        default=default,
        missing=missing,
    )


def dong(*, least: int, most: int, required: bool = True) -> Any:
    """An amount in whole đồng, typed with or without thousands marks."""

    def read(typed: str) -> int:
        try:
            amount = parse_dong(typed)
        except ValueError:
            raise BadField(
                say("Số tiền cần là số đồng, ví dụ 35.000. Bạn vừa nhập «{typed}».", typed=typed)
            ) from None
        if not least <= amount <= most:
            bounds = {"least": show_dong(least), "most": show_dong(most)}
            raise BadField(
                say("Số tiền từ {least} đến {most}. Bạn vừa nhập {typed}.", typed=show_dong(amount), **bounds)
            )
        return amount

    return Field(read, {"type": "integer", "minimum": least, "maximum": most}, required=required)


def choice(
    options: type[StrEnum] | Sequence[str], *, required: bool = True, missing: Sentence | None = None
) -> Any:
    """One of a few words."""
    words = [str(option) for option in options]

    def read(typed: str) -> object:
        if typed not in words:
            raise BadField(missing or say("Hãy chọn một trong các mục."))
        return options(typed) if isinstance(options, type) else typed

    return Field(read, {"type": "string", "enum": words}, required=required, missing=missing)


def phone(*, required: bool = True, mobile_only: bool = False) -> Any:
    """A Vietnamese phone number, kept as E.164."""

    def read(typed: str) -> str:
        try:
            return normal_mobile(typed) if mobile_only else normal_phone(typed)
        except BadIdentifier:
            raise BadField(
                say("Số điện thoại cần 10 chữ số và bắt đầu bằng 0, ví dụ 0912 345 678.")
            ) from None

    missing = say("Cần số điện thoại, ví dụ 0912 345 678.")
    return Field(read, {"type": "string", "examples": ["0912345678"]}, required=required, missing=missing)


def flag() -> Any:
    """A box that is ticked or not."""

    def read(typed: str) -> bool:
        if typed not in (*YES, *NO):
            raise BadField(say("Ô này chỉ nhận có hoặc không."))
        return typed in YES

    return Field(read, {"type": "boolean"}, False, False, is_flag=True)


def day(*, required: bool = True, missing: Sentence | None = None) -> Any:
    """A day, typed as 21/11/2026 or sent by a date field as 2026-11-21."""

    def read(typed: str) -> date:
        try:
            return parse_day(typed)
        except ValueError:
            raise BadField(
                say("Ngày cần viết như 21/11/2026. Bạn vừa nhập «{typed}».", typed=typed)
            ) from None

    schema: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return Field(read, schema, required=required, missing=missing)


def matching(pattern: str, sentence: Sentence, *, required: bool = True) -> Any:
    """Text of a fixed form; `sentence` says which when it is not met."""

    def read(typed: str) -> str:
        if not re.fullmatch(pattern, typed):
            raise BadField(sentence)
        return typed

    schema: Schema = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return Field(read, schema, required=required, missing=sentence)


def one_time_code() -> Any:
    """Six digits as they stand in the text message; blanks between them are forgiven."""

    def read(typed: str) -> str:
        code = re.sub(r"[ .\-]", "", typed)
        if not re.fullmatch(r"[0-9]*", code):
            raise BadField(say("Mã chỉ có chữ số, như trong tin nhắn."))
        if len(code) != 6:
            raise BadField(say("Mã có 6 chữ số. Bạn vừa nhập {n}.", n=len(code)))
        return code

    schema: Schema = {"type": "string", "pattern": "^[0-9]{6}$", "examples": ["042917"]}
    return Field(read, schema, missing=say("Hãy nhập mã 6 chữ số trong tin nhắn."))
