"""States in their column: a few tokens as JSON, many in parts that are read and written only where they are used.

A repetition of a thousand instances has a thousand tokens, of which one completion changes one. So above MOST_PLAIN the
tokens stand as texts of some dozen each, by their keys; the other texts go through a completion as they are.
"""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

MOST_PLAIN = 64
_SHIFT = 6
_FEW_PARTS = 2
Token = dict[str, Any]


class PackedTokens(MutableMapping[str, Token]):
    """Tokens by key like a dict of them, in the order of their keys; a part is read when one of its tokens is."""

    def __init__(self, texts: Mapping[int, str], read: Mapping[int, dict[str, Token]]) -> None:
        """Take the texts of the parts nobody has changed, and the parts that were read."""
        self._texts = dict(texts)
        self._read = dict(read)
        self._own: set[int] = set()

    def __getitem__(self, key: str) -> Token:
        """Return a token's record; whoever changes it sets it again."""
        return self._part(_part_of(key))[key]

    def __setitem__(self, key: str, token: Token) -> None:
        """Put a record in place of a token's."""
        self._writable(key)[key] = token

    def __delitem__(self, key: str) -> None:
        """Take a token away."""
        del self._writable(key)[key]

    def __iter__(self) -> Iterator[str]:
        """Yield the keys, oldest first."""
        for part in sorted(self._texts.keys() | self._read.keys()):
            yield from self._part(part)

    def __len__(self) -> int:
        """Count the tokens."""
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a token."""
        return isinstance(key, str) and key.isdecimal() and key in self._part(_part_of(key))

    def copy(self) -> "PackedTokens":
        """Return tokens that may be changed while these stay as they are."""
        return PackedTokens(self._texts, self._read)

    def texts(self) -> dict[str, str]:
        """Return the text of each part that has tokens."""
        changed = {part: _write(tokens) for part, tokens in self._read.items() if tokens and part not in self._texts}
        return {str(part): text for part, text in sorted({**self._texts, **changed}.items())}

    def _part(self, part: int) -> dict[str, Token]:
        found = self._read.get(part)
        if found is None:
            found = self._read[part] = _read(self._texts[part]) if part in self._texts else {}
        return found

    def _writable(self, key: str) -> dict[str, Token]:
        part = _part_of(key)
        found = self._part(part)
        if part not in self._own:
            self._own.add(part)
            self._texts.pop(part, None)
            found = self._read[part] = dict(found)
        return found


class State(TypeDecorator[dict[str, Any]]):
    """The state of an instance; many tokens are packed on writing, and on reading all of them are plain again."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return JSON as each database has it."""
        kind = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """Pack the tokens where they are many."""
        if value is None:
            return None
        tokens = value.get("tokens", {})
        if not isinstance(tokens, PackedTokens):
            if len(tokens) <= MOST_PLAIN:
                return value
            tokens = PackedTokens({}, _divided(tokens))
        texts = tokens.texts()
        if len(texts) <= _FEW_PARTS and len(tokens) <= MOST_PLAIN:
            return plain_state(value)
        return {**value, "tokens": {}, "packed": texts}

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """Return it with plain tokens."""
        return None if value is None else plain_state(_unpacked(value))


class LazyState(State):
    """The same for who advances an instance: packed tokens stay packed until they are looked at."""

    cache_ok = True

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        """Return it as it is stored."""
        return None if value is None else _unpacked(value)


def plain_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state whose tokens are a dict, as JSON has it."""
    if not isinstance(state.get("tokens"), PackedTokens):
        return state
    return {**state, "tokens": dict(state["tokens"])}


def _unpacked(value: dict[str, Any]) -> dict[str, Any]:
    if "packed" not in value:
        return value
    state = {name: one for name, one in value.items() if name != "packed"}
    state["tokens"] = PackedTokens({int(part): text for part, text in value["packed"].items()}, {})
    return state


def _divided(tokens: Mapping[str, Token]) -> dict[int, dict[str, Token]]:
    parts: dict[int, dict[str, Token]] = {}
    for key, token in tokens.items():
        parts.setdefault(_part_of(key), {})[key] = token
    return parts


def _part_of(key: str) -> int:
    return int(key) >> _SHIFT


# A text inside of JSON would have each of its quotation marks escaped, so it has apostrophes in their place.
def _write(tokens: dict[str, Token]) -> str:
    return _swapped(json.dumps(tokens, separators=(",", ":")))


def _read(text: str) -> dict[str, Token]:
    found: dict[str, Token] = json.loads(_swapped(text))
    return found


def _swapped(text: str) -> str:
    return text.replace('"', "\0").replace("'", '"').replace("\0", "'")
