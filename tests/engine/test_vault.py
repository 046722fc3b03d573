"""The vault: what is sealed can be read by nobody without the key, and opens only where it belongs."""

import pytest

from engine.vault import SealBrokenError, Vault

NAME = {"name": "示例举报人", "phone": "000"}


def test_what_was_sealed_comes_back():
    vault = Vault(b"secret")
    assert vault.open(vault.seal(NAME, "12:reporter"), "12:reporter") == NAME


def test_a_sealed_value_tells_nothing_and_is_never_the_same_twice():
    vault = Vault(b"secret")
    one, other = vault.seal(NAME, "12:reporter"), vault.seal(NAME, "12:reporter")
    assert one != other
    assert "示例" not in one


@pytest.mark.parametrize("about", ["13:reporter", "12:other"])
def test_it_opens_for_no_other_matter_or_field(about):
    vault = Vault(b"secret")
    sealed = vault.seal(NAME, "12:reporter")
    with pytest.raises(SealBrokenError):
        vault.open(sealed, about)


def test_another_key_and_a_changed_text_are_refused():
    sealed = Vault(b"secret").seal(NAME, "12:reporter")
    with pytest.raises(SealBrokenError):
        Vault(b"another").open(sealed, "12:reporter")
    with pytest.raises(SealBrokenError):
        Vault(b"secret").open(sealed[:-8] + "AAAAAAA=", "12:reporter")
