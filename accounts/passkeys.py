"""Passkeys (W3C Web Authentication, level 2): what a browser is asked, and what its answer proves. No rows here.

A challenge names its purpose, its end and a random number under our HMAC, bound to whom it was made for; nothing is
kept of it until it is answered, and then it is spent (`accounts.services.factor_check`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.factor_kinds import Party
from kit.codes import digest, keyed_digest, same_digest, token

CHALLENGE_LIFE = timedelta(minutes=10)
ANSWER_MAX = 16 * 1024
ID_MAX = 1364  # base64url of 1,023 bytes, the most a credential's id may have (section 4)
KEY_MAX = 1024
NAME = "Chợ 4.0"
Options = dict[str, object]


class BadAnswer(Exception):
    """What came is no answer of a passkey to a challenge of ours; the text is for the log."""


class Purpose(StrEnum):
    """What a challenge is for: adding a passkey, showing one, signing in by one alone."""

    ADD = "add"
    SHOW = "show"
    ALONE = "alone"


@dataclass(frozen=True)
class NewPasskey:
    """A passkey just made, as texts to keep."""

    credential_id: str
    public_key: str
    sign_count: int
    challenge: str


@dataclass(frozen=True)
class KeptPasskey:
    """What is known of a passkey."""

    credential_id: str
    public_key: str
    sign_count: int


@dataclass(frozen=True)
class Answered:
    """A right answer: the passkey's count now, and the digest of the challenge that is spent by it."""

    sign_count: int
    challenge: str


def new_challenge(purpose: Purpose, subject: str, secret: str, now: datetime) -> bytes:
    """A challenge for one purpose and one subject, good for ten minutes."""
    body = f"{purpose}.{int((now + CHALLENGE_LIFE).timestamp())}.{token()}"
    return f"{body}.{_mark(body, subject, secret)}".encode()


def options_to_add(
    party: Party, challenge: bytes, *, handle: bytes, name: str, known: Sequence[str]
) -> Options:
    """What a browser is asked to make a passkey; `known` are the ids of those that the person has."""
    asked = generate_registration_options(
        rp_id=party.host,
        rp_name=NAME,
        user_name=name,
        user_id=handle,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return dict(options_to_json_dict(asked))


def options_to_show(party: Party, challenge: bytes, *, known: Sequence[str], alone: bool = False) -> Options:
    """What a browser is asked to show a passkey; alone it also makes sure of its person (finger, face, PIN)."""
    asked = generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED
        if alone
        else UserVerificationRequirement.PREFERRED,
    )
    return dict(options_to_json_dict(asked))


def added(answer: str, party: Party, *, subject: str, secret: str, now: datetime) -> NewPasskey:
    """The passkey that a browser made. Raises BadAnswer."""
    read = _read(answer)
    challenge = _challenge_in(read, Purpose.ADD, subject, secret, now)
    try:
        made = verify_registration_response(
            credential=dict(read),
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise BadAnswer(f"no passkey of ours: {type(fault).__name__}") from fault
    if len(made.credential_public_key) > KEY_MAX or len(bytes_to_base64url(made.credential_id)) > ID_MAX:
        raise BadAnswer("too long to be kept")
    return NewPasskey(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
        digest(challenge.decode()),
    )


def shown(
    answer: str,
    kept: KeptPasskey,
    party: Party,
    *,
    subject: str,
    secret: str,
    now: datetime,
    alone: bool = False,
) -> Answered:
    """What an answer of this passkey proves. Raises BadAnswer, also for a count that went back: a copy is about."""
    read = _read(answer)
    challenge = _challenge_in(read, Purpose.ALONE if alone else Purpose.SHOW, subject, secret, now)
    try:
        seen = verify_authentication_response(
            credential=dict(read),
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(kept.public_key),
            credential_current_sign_count=kept.sign_count,
            require_user_verification=alone,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise BadAnswer(f"not shown: {fault}"[:200]) from fault
    return Answered(seen.new_sign_count, digest(challenge.decode()))


def credential_in(answer: str) -> str:
    """The id of the passkey that answers, not yet believed. Raises BadAnswer."""
    named = _read(answer).get("id")
    if not isinstance(named, str) or not 1 <= len(named) <= ID_MAX:
        raise BadAnswer("names no passkey")
    return named


def _read(answer: str) -> Mapping[str, object]:
    if len(answer) > ANSWER_MAX:
        raise BadAnswer("too long")
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError) as fault:
        raise BadAnswer("no JSON") from fault
    if not isinstance(read, dict):
        raise BadAnswer("no object")
    return read


def _challenge_in(
    read: Mapping[str, object], purpose: Purpose, subject: str, secret: str, now: datetime
) -> bytes:
    """The challenge that the browser says it answers, once it is known to be ours, for this, and still good."""
    response = read.get("response")
    try:
        assert isinstance(response, dict)
        told = json.loads(base64url_to_bytes(str(response["clientDataJSON"])))
        challenge = base64url_to_bytes(str(told["challenge"]))
        body, _, mark = challenge.decode("ascii").rpartition(".")
        named, ends, _ = body.split(".")
        is_late = int(ends) <= now.timestamp()
    except (AssertionError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise BadAnswer("answers no challenge of ours") from fault
    if named != purpose or not same_digest(mark, _mark(body, subject, secret)):
        raise BadAnswer("answers somebody else's challenge")
    if is_late:
        raise BadAnswer("answers too late")
    return challenge


def _mark(body: str, subject: str, secret: str) -> str:
    return keyed_digest(f"challenge:{subject}:{body}", secret.encode())


def _descriptors(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]
