"""Walks: the ids of one page of a worklist, read along an index and no further than a window.

A page costs the same however long the list is. Where something narrows it, a page looks at a window of each index and
then ends where it stopped, perhaps with few rows or none: the next page goes on there. Any other order than that of the
index is made within the window at its beginning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, union, union_all

from engine.command import Context
from engine.prepared import Prepared
from engine.queries.cursors import after, encode

# How many rows for each wanted are looked at first.
NEAR = 4
Key = tuple[Any, int]


@dataclass(frozen=True)
class Source:
    """An index to walk: what it is sorted by, its ids, what is looked up in it, and the entity the ids are of.

    `newest` where its last rows are those that people look for first.
    """

    place: Any
    id: Any
    conditions: tuple[Any, ...]
    entity: Any
    newest: bool = False


@dataclass(frozen=True)
class Found:
    """The ids of a page in order, where the next one begins, and whether the list went on behind what was sorted."""

    ids: tuple[int, ...]
    next_cursor: str | None
    partial: bool = False


@dataclass(frozen=True)
class Walk:
    """The indexes that hold a list, and what narrows it: conditions on the entity of a source.

    A walk that is kept makes its statements for the first page once. `prepared` where all that differs between those
    who ask are named parameters, which `along` is given the values of.
    """

    sources: Sequence[Source]
    filters: Callable[[Any], Sequence[Any]]
    size: int
    descending: bool
    window: int
    prepared: bool = False
    _made: dict[tuple[str, int], Any] = field(default_factory=dict, init=False, compare=False)

    def along(self, context: Context, cursor: str | None, values: Mapping[str, Any] | None = None) -> Found:
        """Return the page in the order of the index; most pages are full after a few rows."""
        near, ask = min(NEAR * self.size, self.window), _Asking(self, context, cursor, values or {})
        found = self._within(ask, near)
        full = len(found.ids) == self.size or found.next_cursor is None
        return found if full or near == self.window else self._within(ask, self.window)

    def _within(self, ask: "_Asking", window: int) -> Found:
        rows = ask.keys("_first", window)
        mark = self._last_seen(ask.keys("_ends", window)) if self._may_end_early(rows) else None
        if mark is not None:
            rows = [key for key in rows if not self._behind(key, mark)]
        page = rows[: self.size]
        last = page[-1] if len(rows) > self.size else mark
        return Found(tuple(id_ for _, id_ in page), None if last is None else encode(*last))

    def sorted_by(self, context: Context, key: Callable[[Any], Any], kind: type, cursor: str | None) -> Found:
        """Return the page in another order: that of a column of the entity, whose values are a `kind`."""
        parts = []
        for source in self.sources:
            column, id_ = key(source.entity), source.entity.id
            near = self._window(source, None, self.window, descending=source.newest).subquery()
            behind = after(column, id_, cursor, kind, descending=self.descending)
            chosen = (id_.in_(select(near.c.id)), *self.filters(source.entity), *behind)
            parts.append(select(column.label("place"), id_.label("id")).where(*chosen))
        found = union(*parts).subquery()
        order = _order(self.descending, found.c.place, found.c.id)
        rows = _keys(context, select(found.c.place, found.c.id).order_by(*order).limit(self.size + 1))
        page = rows[: self.size]
        next_cursor = encode(*page[-1]) if len(rows) > self.size else None
        partial = self._last_seen(_keys(context, self._ends(None, self.window))) is not None
        return Found(tuple(id_ for _, id_ in page), next_cursor, partial)

    def _first(self, cursor: str | None, window: int) -> Any:
        found = union(*(self._page(source, cursor, window) for source in self.sources)).subquery()
        place, id_ = found.c.place, found.c.id
        return select(place, id_).order_by(*_order(self.descending, place, id_)).limit(self.size + 1)

    def _may_end_early(self, rows: list[Key]) -> bool:
        """Tell whether rows may be missing because a window ended; a full page of one index misses none."""
        if len(self.sources) == 1 and len(rows) > self.size:
            return False
        return any(self.filters(source.entity) for source in self.sources)

    def _page(self, source: Source, cursor: str | None, window: int) -> Any:
        filters = self.filters(source.entity)
        most = window if filters else self.size + 1
        near = self._window(source, cursor, most, descending=self.descending).subquery()
        part = select(near.c.place, near.c.id)
        if filters:
            part = part.join(source.entity, source.entity.id == near.c.id).where(*filters)
        page = part.order_by(*_order(self.descending, near.c.place, near.c.id)).limit(self.size + 1).subquery()
        return select(page.c.place, page.c.id)

    @staticmethod
    def _window(source: Source, cursor: str | None, most: int, *, descending: bool) -> Any:
        behind = after(source.place, source.id, cursor, datetime, descending=descending)
        ends = (source.place.label("place"), source.id.label("id"))
        found = select(*ends).where(*source.conditions, *behind)
        return found.order_by(*_order(descending, source.place, source.id)).limit(most)

    def _last_seen(self, ends: list[Key]) -> Key | None:
        """Return the place up to which every index was looked at; None where all of them were looked at to the end."""
        return (max if self.descending else min)(ends, default=None)

    def _ends(self, cursor: str | None, window: int) -> Any:
        """Return the statement for the last row of each window that is full."""
        lasts = []
        for source in self.sources:
            last = self._window(source, cursor, 1, descending=self.descending).offset(window - 1).subquery()
            lasts.append(select(last.c.place, last.c.id))
        return union_all(*lasts)

    def _behind(self, key: Key, mark: Key) -> bool:
        return key < mark if self.descending else key > mark


@dataclass(frozen=True)
class _Asking:
    """One page of a walk that is asked for."""

    walk: Walk
    context: Context
    cursor: str | None
    values: Mapping[str, Any]

    def keys(self, name: str, window: int) -> list[Key]:
        """Return what a statement of the walk finds; that of the first page is made once."""
        walk, make = self.walk, getattr(self.walk, name)
        if self.cursor:
            return _keys(self.context, make(self.cursor, window), self.values)
        made = walk._made.get((name, window))  # noqa: SLF001 - of this module
        if made is None:
            asked = make(None, window)
            made = walk._made[name, window] = Prepared(asked) if walk.prepared else asked  # noqa: SLF001
        if isinstance(made, Prepared):
            return [(place, id_) for place, id_ in made.rows(self.context.session.connection(), self.values)]
        return _keys(self.context, made, self.values)


def _order(descending: bool, *ends: Any) -> tuple[Any, ...]:
    return tuple(end.desc() for end in ends) if descending else ends


def _keys(context: Context, asked: Any, values: Mapping[str, Any] | None = None) -> list[Key]:
    return [(place, id_) for place, id_ in context.session.execute(asked, values)]
