"""Passwords and sessions by the rules of 等保 2.0 (GB/T 22239-2019 8.1.4.1) and security S16-S18, D6."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InvalidError

_LONGEST = 128
# At most so many hashes at once, so that a burst of logins cannot take all memory (D6).
_AT_ONCE = BoundedSemaphore(4)
_LEET = str.maketrans("@4301!|5$7+8", "aaeoiilssttb")
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujm",
         "1qaz2wsx3edc4rfv5tgb6yhn", "!@#$%^&*()")  # fmt: skip
# What is left of the common passwords when digits, signs and look-alikes are taken away.
_COMMON = frozenset(
    """
    password passwd pass passw admin administrator root system sysadmin user guest test tester testing demo default
    welcome hello login logon letmein master secret access server oracle mysql database huawei lenovo windows linux
    microsoft apple google baidu tencent alibaba wechat weixin qq qwerty qwert asdf asdfgh zxcvbn iloveyou woaini
    woaiwo aini baobei mima wodemima nihao zhongguo china chinese beijing shanghai guangzhou shenzhen dragon monkey
    sunshine princess football baseball superman batman shadow michael jordan charlie summer winter spring autumn
    monday friday abc abcd abcde xyz changeme newpass temp temporary company office work super manager boss money
    forever happy love loveyou wang zhang li liu chen yang zhao huang zhou wu
    bihuan chengguan chengguanju cgj zhifa zhifaju pingan ganbu zhengfu gov
    """.split()  # noqa: SIM905
)


class WeakPasswordError(InvalidError):
    """A new password does not meet the rules."""

    words = "新密码不符合要求：{reason}"


@dataclass(frozen=True)
class AccountRules:
    """The figures of the rules: hashing cost, lock, ages and sessions; tests choose a low cost."""

    memory_kib: int = 46 * 1024
    rounds: int = 1
    shortest: int = 10
    history: int = 5
    days: int = 90
    failures: int = 5
    lock_minutes: int = 15
    idle_minutes: int = 30
    absolute_hours: int = 12
    sessions: int = 3


def hash_password(password: str, rules: AccountRules) -> str:
    """Return the argon2id hash with its parameters and salt."""
    with _AT_ONCE:
        return _hasher(rules.memory_kib, rules.rounds).hash(_normal(password))


def matches(password_hash: str | None, password: str, rules: AccountRules) -> bool:
    """Tell whether a password fits a hash; without a hash the same time is spent on a dummy (S17)."""
    known = password_hash or _dummy(rules)
    hasher = _hasher(rules.memory_kib, rules.rounds)
    with _AT_ONCE:
        try:
            fits = hasher.verify(known, _normal(password)[: _LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return fits and bool(password_hash)


@dataclass(frozen=True)
class Tried:
    """Whether a password fits a hash (None: there is none), found out before anything was locked."""

    password_hash: str | None = field(repr=False)
    fits: bool

    def still_of(self, password_hash: str | None) -> bool:
        """Tell whether the hash is still the one that was tried."""
        return self.password_hash == password_hash


def needs_rehash(password_hash: str, rules: AccountRules) -> bool:
    """Tell whether a hash was made at another cost than today's."""
    return _hasher(rules.memory_kib, rules.rounds).check_needs_rehash(password_hash)


def token_hash(token: str) -> str:
    """Return the hash under which a session is kept; the token itself is known to the browser only (D5)."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def check_strength(password: str, about: tuple[str, ...], rules: AccountRules) -> None:
    """Raise WeakPasswordError unless a password meets S18; `about` are login and name, which it may not contain."""
    reason = _weakness(_normal(password), tuple(text.casefold() for text in about if len(text) >= 2), rules)
    if reason:
        raise WeakPasswordError(reason=reason)


def _weakness(password: str, about: tuple[str, ...], rules: AccountRules) -> str | None:
    """Return what is wrong with a password, or None."""
    if not rules.shortest <= len(password) <= _LONGEST:
        return f"长度应为 {rules.shortest} 至 {_LONGEST} 个字符。"
    if sum(any(test(letter) for letter in password) for test in _CLASSES) < 3:
        return "应含大写字母、小写字母、数字、符号中的至少三类。"
    folded = password.casefold()
    if any(word in folded for word in about):
        return "不得包含登录名或姓名。"
    if len(set(folded)) < 5 or _run(folded) >= len(folded) / 2:
        return "不得主要由重复或连续的字符组成。"
    if _is_common(folded):
        return "过于常见，请换一个。"
    return None


def _is_common(folded: str) -> bool:
    """Recognise a common word dressed up with digits, signs and look-alikes, such as `P@ssw0rd2026!`."""
    plain = re.sub(r"[^a-z]", "", folded)
    undressed = re.sub(r"[^a-z]", "", re.sub(r"[\d\W_]+$", "", folded).translate(_LEET))
    return any(text in _COMMON or not text for text in (plain, undressed))


def _run(folded: str) -> int:
    """Return the length of the longest stretch of repeated or neighbouring characters."""
    best = length = 1
    for left, right in pairwise(folded):
        pair = left + right
        length = length + 1 if left == right or any(pair in row or pair in row[::-1] for row in _ROWS) else 1
        best = max(best, length)
    return best


def _normal(password: str) -> str:
    """Return the password as it is hashed: NFKC, so that every keyboard gives the same."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=8)
def _hasher(memory_kib: int, rounds: int) -> PasswordHasher:
    return PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)


@lru_cache(maxsize=8)
def _dummy(rules: AccountRules) -> str:
    return _hasher(rules.memory_kib, rules.rounds).hash("no such person")
