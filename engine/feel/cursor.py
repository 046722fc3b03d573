"""A place in the tokens of a text, with the names known there."""

from collections.abc import Iterable, Iterator
from typing import NoReturn

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import KEYWORDS, Token, tokenize
from engine.feel.names import NAME_OPERATORS, NameTable, spell
from engine.feel.run import NESTING_LIMIT, TOKEN_LIMIT


class Cursor:
    """Reads tokens one after another; knows names, bound names and free ones."""

    def __init__(self, text: str, names: NameTable) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.known = NameTable(parent=names)
        self.bound: list[set[str]] = []
        self.free: set[str] = set()
        self.depth = 0
        self.effort = 0

    @property
    def token(self) -> Token:
        """Return the token at this place."""
        return self.tokens[self.at]

    def fail(self, message: str) -> NoReturn:
        """Raise FeelSyntaxError for this place."""
        raise FeelSyntaxError(message, self.token.start, self.text)

    def unexpected(self) -> NoReturn:
        """Raise FeelSyntaxError for a token that does not fit."""
        self.fail(f"此处不应出现“{self.token.text}”" if self.token.kind != "end" else "表达式不完整")

    def is_op(self, *texts: str) -> bool:
        """Tell whether one of these operators stands here."""
        return self.token.kind == "op" and self.token.text in texts

    def is_word(self, *words: str) -> bool:
        """Tell whether one of these words stands here."""
        return self.token.kind == "name" and self.token.text in words

    def take(self) -> Token:
        """Return this token and go on."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Go on if one of these operators or words stands here."""
        if self.token.kind in {"op", "name"} and self.token.text in texts:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Go on past this operator or word; raises FeelSyntaxError."""
        if not self.accept(text):
            self.fail(f"此处应为“{text}”")

    def items(self, closing: str) -> Iterator[None]:
        """Stop at each of what commas part, up to `closing`, and go on past it; raises FeelSyntaxError."""
        if self.accept(closing):
            return
        yield
        while self.accept(","):
            yield
        self.expect(closing)

    def descend(self) -> None:
        """Count one level of nesting, and the effort of reading it."""
        self.depth += 1
        self.effort += 1
        if self.depth > NESTING_LIMIT:
            self.fail("表达式嵌套过深")
        if self.effort > 3 * TOKEN_LIMIT:
            self.fail("表达式过于复杂")

    def ascend(self) -> None:
        """Leave one level of nesting."""
        self.depth -= 1

    def bind(self, names: Iterable[str]) -> None:
        """Open a scope with these names."""
        scope = set(names)
        for name in scope:
            self.known.add(name)
        self.bound.append(scope)

    def unbind(self) -> None:
        """Close the innermost scope."""
        self.bound.pop()

    def is_bound(self, name: str) -> bool:
        """Tell whether a name is bound inside the expression."""
        return any(name in scope for scope in self.bound)

    def read_name(self) -> str:
        """Read a name: the longest one known, or all names and digits that follow each other."""
        count, name = self.known.match(self.tokens, self.at)
        run = self._adjacent()
        if run > count:
            count = run
            name = spell(self.text[self.token.start : self.tokens[self.at + run - 1].end])
        self.at += count
        return name

    def _adjacent(self) -> int:
        """Two names side by side are never an expression, so they are one name."""
        count = 1
        while True:
            token = self.tokens[self.at + count]
            whole = token.kind == "number" and token.text.isdigit()
            if not whole and (token.kind != "name" or token.text in KEYWORDS):
                return count
            if whole and self.tokens[self.at + count - 1].end == token.start:
                return count
            count += 1

    def read_declared_name(self, *stops: str) -> str:
        """Read a new name up to one of the tokens `stops`; raises FeelSyntaxError."""
        first = self.token
        if first.kind != "name":
            self.fail("此处应为名称")
        last = self.take()
        while not (self.token.text in stops and self.token.kind in {"op", "name"}):
            if not _nameable(self.token):
                self.unexpected()
            last = self.take()
        return spell(self.text[first.start : last.end])

    def named_ahead(self) -> bool:
        """Tell whether `name:` stands here."""
        if self.token.kind != "name":
            return False
        index = self.at + 1
        while _nameable(self.tokens[index]):
            index += 1
        return self.tokens[index].text == ":" and self.tokens[index].kind == "op"


def _nameable(token: Token) -> bool:
    return token.kind in {"name", "number"} or (token.kind == "op" and token.text in NAME_OPERATORS)
