"""Sealed texts and files open only with their key, at their place, unharmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.sealed import CannotOpen, SealKeys, key_id_of

OLD, NEW = "an old key of thirty-two characters!", "a new key of thirty-two characters!!"


@given(st.text(), st.text(max_size=40))
def test_what_is_sealed_opens_again(text: str, place: str) -> None:
    keys = SealKeys([NEW])
    assert (
        keys.open(keys.seal(text.encode(errors="replace").decode(), place), place)
        == text.encode(errors="replace").decode()
    )


def test_two_seals_of_one_text_differ_and_its_marks_do_not() -> None:
    keys = SealKeys([NEW])
    assert keys.seal("019165001234", "a") != keys.seal("019165001234", "a")
    assert keys.mark("019165001234") == keys.mark("019165001234") != SealKeys([OLD]).mark("019165001234")


def test_an_old_key_still_opens_and_the_new_one_seals() -> None:
    sealed = SealKeys([OLD]).seal("chè", "a")
    both = SealKeys([NEW, OLD])
    assert both.open(sealed, "a") == "chè"
    assert both.seal("chè", "a").startswith(key_id_of(NEW))
    assert both.open_file(SealKeys([OLD]).seal_file(b"\x00x", "f"), "f") == b"\x00x"


@pytest.mark.parametrize("place", ["b", ""])
def test_elsewhere_it_does_not_open(place: str) -> None:
    keys = SealKeys([NEW])
    with pytest.raises(CannotOpen):
        keys.open(keys.seal("chè", "a"), place)


@pytest.mark.parametrize("sealed", ["", "nothing", "00000000.AAAA", "." * 40])
def test_nonsense_does_not_open(sealed: str) -> None:
    with pytest.raises(CannotOpen):
        SealKeys([NEW]).open(sealed, "a")
    with pytest.raises(CannotOpen):
        SealKeys([NEW]).open_file(sealed.encode(), "a")


def test_a_changed_file_does_not_open() -> None:
    keys = SealKeys([NEW])
    sealed = bytearray(keys.seal_file(b"paper", "f"))
    sealed[-1] ^= 1
    with pytest.raises(CannotOpen):
        keys.open_file(bytes(sealed), "f")
