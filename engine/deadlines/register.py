"""The deadline register: what each code allows, and the due date that follows from a start (domain sections 5 and 11).

config/deadlines.toml: `[[deadline]]` with code, what, owner (statutory ★, party ☆, other ◇, internal •), kind (WD, ND,
H, MIN, MON), limit, starts, basis, confidence, note; `ordered = true` where a date set by the superior
replaces the limit; `at_least = true` for a minimum period; `variants.<name>`, `extension`, `stop_reasons`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.calendar import Calendar, add_months, at_local, local, local_date
from engine.errors import InvalidError

KINDS = {"WD": "个工作日", "ND": "日", "H": "小时", "MIN": "分钟", "MON": "个月"}
OWNERS = {"statutory": "法定", "party": "当事人", "other": "外单位", "internal": "内部"}
CONFIDENCE = ("sure", "verify", "internal")
HOURLY = frozenset({"H", "MIN"})
END_OF_WORK = time(17, 30)
# 24:00 of a day is kept as its last second, so that the date shown is the date meant.
END_OF_DAY = time(23, 59, 59)
_MOST = 100_000


class DeadlineConfigError(InvalidError):
    """config/deadlines.toml or config/ladder.toml cannot be read."""

    words = "时限配置有误：{reason}"


class UnknownDeadlineError(InvalidError):
    """No such deadline code or variant."""

    words = "时限登记表中没有“{code}”{variant}。"


@dataclass(frozen=True)
class Limit:
    """An amount of one kind of time."""

    amount: int
    kind: str

    def __str__(self) -> str:
        """Return it in Chinese words."""
        return f"{self.amount} {KINDS[self.kind]}"


@dataclass(frozen=True)
class ExtensionRule:
    """How often and how far a due date may be extended, and the role id that approves."""

    times: int
    limit: Limit
    approver: str | None = None


@dataclass(frozen=True)
class Deadline:
    """One row of the register."""

    code: str
    what: str
    owner: str
    limit: Limit
    starts: str = ""
    basis: str = ""
    confidence: str = "internal"
    note: str = ""
    ordered: bool = False
    at_least: bool = False
    variants: Mapping[str, Limit] = field(default_factory=dict)
    extension: ExtensionRule | None = None
    stop_reasons: tuple[str, ...] = ()

    @property
    def statutory(self) -> bool:
        """True for the rows marked ★, for which the ladder warns earlier and tells more people."""
        return self.owner == "statutory"

    @property
    def moves_later(self) -> bool:
        """True where a last day of rest gives more time: rights of parties, other authorities, minimum periods."""
        return self.at_least or self.owner in {"party", "other"}


@dataclass(frozen=True)
class Due:
    """When something is due: `due_at` drives the lights, `legal_due_at` stays beside it; both UTC."""

    code: str
    due_at: datetime
    legal_due_at: datetime | None
    kind: str
    statutory: bool
    text: str
    unknown_years: tuple[int, ...] = ()


class DeadlineRegister:
    """Every deadline by its code, with the calendar that counts."""

    def __init__(self, deadlines: Mapping[str, Deadline], calendar: Calendar) -> None:
        """Keep the rows and the calendar."""
        self.deadlines = dict(deadlines)
        self.calendar = calendar

    @classmethod
    def from_config(cls, content: Mapping[str, Any], calendar: Calendar) -> "DeadlineRegister":
        """Read the parsed config/deadlines.toml; raises DeadlineConfigError naming the row and the key."""
        rows: dict[str, Deadline] = {}
        for number, table in enumerate(content.get("deadline", ()), 1):
            row = _read_deadline(table, number)
            if row.code in rows:
                raise DeadlineConfigError(reason=f"代码 {row.code} 重复")
            rows[row.code] = row
        return cls(rows, calendar)

    def find(self, code: str) -> Deadline:
        """Return the row of a code; raises UnknownDeadlineError."""
        row = self.deadlines.get(code)
        if row is None:
            raise UnknownDeadlineError(code=code)
        return row

    def limit(self, code: str, variant: str | None = None) -> Limit:
        """Return the limit of a code in a variant; raises UnknownDeadlineError for either."""
        row = self.find(code)
        if not variant:
            return row.limit
        if variant not in row.variants:
            raise UnknownDeadlineError(code=code, variant=f"的变体“{variant}”")
        return row.variants[variant]

    def due(
        self, code: str, start: datetime, variant: str | None = None, extra_due: date | datetime | None = None
    ) -> Due:
        """Return when a deadline that starts at `start` ends.

        `extra_due` is the date (or instant) set by a superior, a court or a form: the earlier of the two drives the
        lights and the statutory end stays visible (domain section 10); on `ordered` rows it replaces the limit.
        """
        row, limit = self.find(code), self.limit(code, variant)
        due_at, legal = self._ends(row, limit, start)
        text = f"{OWNERS[row.owner]} {code}"
        if extra_due is not None:
            wanted = extra_due if isinstance(extra_due, datetime) else self._bring_forward(extra_due, local_date(start))
            if row.ordered or wanted < due_at:
                due_at = wanted
                text = f"要求 {local(wanted):%Y-%m-%d} 前 · {text}"
        years = self.calendar.unknown_years(local_date(start), local_date(max(due_at, start)))
        return Due(code, due_at, legal, limit.kind, row.statutory, text, years)

    def ends_on(self, row: Deadline, last: date, start_day: date) -> tuple[datetime, datetime | None]:
        """Return the due and the legal instant of a period whose last day, as counted, is `last`.

        Domain section 5 rule 4: a last day of rest moves to the next working day for rights of parties, while a duty
        of the authority is due by the last working day before; its legal end is not moved.
        """
        if row.moves_later:
            end = at_local(self.calendar.next_workday(last), END_OF_DAY)
            return end, None if row.owner == "internal" else end
        return self._bring_forward(last, start_day), at_local(last, END_OF_DAY) if row.statutory else None

    def _ends(self, row: Deadline, limit: Limit, start: datetime) -> tuple[datetime, datetime | None]:
        """Count the limit from the start: the day, or for the legal end the hour, of the start is not counted."""
        if limit.kind in HOURLY:
            return _hourly_ends(row, limit, start)
        start_day = local_date(start)
        return self.ends_on(row, count_from(start_day, limit, self.calendar), start_day)

    def _bring_forward(self, last: date, start_day: date) -> datetime:
        """Return the end of work of `last` or of the last working day before it that still lies after the start."""
        moved = self.calendar.previous_workday(last)
        return at_local(moved if moved > start_day else last, END_OF_WORK)


def count_from(day: date, limit: Limit, calendar: Calendar) -> date:
    """Return the last day of a limit in days or months whose start day is not counted."""
    if limit.kind == "WD":
        return calendar.add_working_days(day, limit.amount)
    if limit.kind == "MON":
        return add_months(day, limit.amount)
    return day + timedelta(days=limit.amount)


def _hourly_ends(row: Deadline, limit: Limit, start: datetime) -> tuple[datetime, datetime | None]:
    """Hours run continuously; ours are due counted from the instant, the legal end counts from the next full hour."""
    span = timedelta(hours=limit.amount) if limit.kind == "H" else timedelta(minutes=limit.amount)
    due_at = start + span
    if row.owner == "internal":
        return due_at, None
    full_hour = start.replace(minute=0, second=0, microsecond=0)
    counted = start if start == full_hour or limit.kind == "MIN" else full_hour + timedelta(hours=1)
    legal = counted + span
    return (legal if row.moves_later else due_at), legal


def _read_deadline(table: Any, number: int) -> Deadline:
    """Read one `[[deadline]]` table."""
    if not isinstance(table, Mapping) or not isinstance(table.get("code"), str) or not table["code"].strip():
        raise DeadlineConfigError(reason=f"第 {number} 个 [[deadline]] 没有 code")
    code = table["code"]
    limit = _read_limit(table, code, None)
    variants = {name: _read_limit(entry, code, limit.kind) for name, entry in table.get("variants", {}).items()}
    return Deadline(
        code=code,
        what=str(table.get("what", "")),
        owner=_one_of(table, "owner", OWNERS, code),
        limit=limit,
        starts=str(table.get("starts", "")),
        basis=str(table.get("basis", "")),
        confidence=_one_of({"confidence": "internal"} | dict(table), "confidence", CONFIDENCE, code),
        note=str(table.get("note", "")),
        ordered=bool(table.get("ordered", False)),
        at_least=bool(table.get("at_least", False)),
        variants=variants,
        extension=_read_extension(table.get("extension"), code, limit.kind),
        stop_reasons=tuple(str(reason) for reason in table.get("stop_reasons", ())),
    )


def _read_limit(table: Any, code: str, kind: str | None) -> Limit:
    """Read `limit` and `kind`; the kind of the row is the default."""
    if not isinstance(table, Mapping):
        raise DeadlineConfigError(reason=f"{code}：变体或延期应写作 {{ limit = …, kind = … }}")
    amount = table.get("limit")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= _MOST:
        raise DeadlineConfigError(reason=f"{code}：limit 应为 1–{_MOST} 的整数，现为 {amount!r}")
    return Limit(amount, _one_of({"kind": kind} | dict(table), "kind", KINDS, code))


def _read_extension(table: Any, code: str, kind: str) -> ExtensionRule | None:
    """Read the `extension` table, if there is one."""
    if table is None:
        return None
    limit = _read_limit(table, code, kind)
    times = table.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise DeadlineConfigError(reason=f"{code}：extension.times 应为正整数，现为 {times!r}")
    approver = table.get("approver")
    return ExtensionRule(times, limit, str(approver) if approver else None)


def _one_of(table: Mapping[str, Any], key: str, allowed: Any, code: str) -> str:
    """Return `table[key]` if it is one of the words allowed."""
    value = table.get(key)
    if value not in allowed:
        raise DeadlineConfigError(reason=f"{code}：{key} 应为 {'、'.join(allowed)} 之一，现为 {value!r}")
    return str(value)
