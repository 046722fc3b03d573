"""Passwords: hashed at the configured cost, and only good ones accepted."""

import pytest

from engine.passwords import AccountRules, WeakPasswordError, check_strength, hash_password, matches, needs_rehash

CHEAP = AccountRules(memory_kib=64)


def test_a_hash_is_argon2id_and_names_its_cost():
    assert hash_password("Tq7#mlongue9", AccountRules()).startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_only_the_right_password_matches():
    kept = hash_password("Tq7#mlongue9", CHEAP)
    assert matches(kept, "Tq7#mlongue9", CHEAP)
    assert not matches(kept, "tq7#mlongue9", CHEAP)
    assert not matches("no hash at all", "Tq7#mlongue9", CHEAP)


def test_nothing_matches_where_there_is_no_hash():
    assert not matches(None, "no such person", CHEAP)


def test_full_width_typing_gives_the_same_password():
    assert matches(hash_password("Tq7#mlongue9", CHEAP), "Ｔq7#mlongue9", CHEAP)


def test_a_hash_of_another_cost_is_to_be_renewed():
    kept = hash_password("Tq7#mlongue9", CHEAP)
    assert not needs_rehash(kept, CHEAP)
    assert needs_rehash(kept, AccountRules(memory_kib=128))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Tq7#mlon", "长度"),
        ("T" + "q7#mlongue9" * 20, "长度"),
        ("tqmlongue9xx", "三类"),
        ("P@ssw0rd2026!", "常见"),
        ("Chengguan2026!", "常见"),
        ("Abcdefgh123!", "连续"),
        ("Aaaaaaaa11!!", "重复"),
        ("Wanggang#77x", "登录名"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, reason):
    with pytest.raises(WeakPasswordError) as refusal:
        check_strength(password, ("wanggang", "王刚"), CHEAP)
    assert reason in str(refusal.value)


def test_a_good_password_passes():
    check_strength("Tq7#mlongue9", ("wanggang", "王刚"), CHEAP)
