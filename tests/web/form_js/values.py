"""What random forms are made of: values per kind of field, conditions, expressions, and the facts they read."""

import random
from typing import Any

Component = dict[str, Any]
Made = tuple[list[Component], dict[str, Any]]

TEXTS = (
    "",
    "a",
    "ab",
    "平安建设",
    "  x ",
    "𠮷",
    "a1b2",
    "13800000000",
    "x" * 30,
    "第一行\n第二行",
    "é",
    "0",
    "=1",
    "{{a}}",
)
PATTERNS = ("^\\d+$", "\\d", "^[\\u4e00-\\u9fa5]+$", "^.{2,4}$", "^\\S+$", "[a-z]", "^1[3-9]\\d{9}$", "^$|^\\w+$")
CONTACTS = (
    "",
    "+8613800000000",
    "+8611234",
    "+86 138-0000-0000",
    "13800000000",
    "+123456",
    "a@b.cn",
    "a@b",
    "a b@c.cn",
    "@b.cn",
)
NUMBERS = (0, 1, -1, 3, 7, 0.1, 0.3, 12.5, 100, 1e6, 0.07, "5", "2.50", None)
DATES = ("2026-11-25", "2024-02-29", "1999-12-31", None)
INSTANTS = ("2026-11-25T09:30+08:00", "2024-02-29T23:59+08:00", None)
TIMES = ("09:30+08:00", "00:00+08:00", "23:59+08:00", None)
FILES = ((), ("f1",), ("f1", "f2"), ("f1", "f2", "f3"))
CONDITIONS = (
    "=a <= 3",
    "=a > 3",
    "=not(a > 3)",
    "=a = null",
    "=a != null",
    '=b = "是"',
    '=b != "是"',
    "=b",
    "=c",
    "=not(c)",
    "=c = true",
    "=count(d) > 1",
    '=list contains(d, "x")',
    "=a + 1 > 2 and c",
    "=a > 1 or c",
    "=missing",
    "=missing = null",
    "=if c then a > 2 else false",
    "=e.f = 1",
    "=string length(b) > 0",
    # Not `a in [1..3]`: without a value the standard gives null, feelin false.
    "=a between 1 and 5",
    "=[null]",
    "=[1, 2]",
    "=1",
    '="x"',
    "=null",
    '=some x in d satisfies x = "x"',
    "=every x in d satisfies x != null",
    "=sum(n) > 5",
    '=date("2026-01-01") > date("2025-01-01")',
    "=a / 0",
)
NUMERIC = (
    "=a + 1", "=a * 2 - 1", "=count(d)", "=sum(n)", "=max(n)", "=e.f", "=missing", "=a / 2", "=floor(a / 2)",
    "=round half up(a / 3, 2)", "=mean(n)", "=if a = null then 0 else a",
)  # fmt: skip
OTHERS = (
    '=if c then "yes" else "no"', "=b", '=b + "!"', "=a > 3", "=d", "=for x in n return x * 2", "=n[item > 2]",
    "={x: a, y: b}", "=string(a)", '=string(date("2026-11-25"))', '=string(date("2026-11-25") + duration("P1D"))',
    "=upper case(b)", '=contains(b, "是")', '=string join(d, "、")', "=not(c)", "=distinct values(n)",
)  # fmt: skip
# Answers that both write alike; people read true, dates and nothing in words of our own.
SAYINGS = (
    "平安",
    "共 {{count(d)}} 项",
    "{{k}}，{{k}}",
    "{{sum(n) + 1}}",
    '="计 " + k',
    "=string(count(n))",
    '{{if c = true then "是" else "否"}}',
    "**{{k}}**\n\n第二段",
    "# 标题\n正文",
    "- 甲\n- {{k}}",
    '{{string join(d, "、")}}',
)  # fmt: skip


def facts(rng: random.Random) -> dict[str, Any]:
    """Return the data that conditions and expressions read."""
    return {
        "a": rng.choice((None, 0, 1, 2, 3, 4, 10)),
        "b": rng.choice((None, "", "是", "否")),
        "c": rng.choice((None, True, False)),
        "d": rng.choice(([], ["x"], ["x", "y"], ["y"])),
        "e": rng.choice(({}, {"f": 1}, {"f": None})),
        "n": rng.choice(([], [1], [1, 2, 3], [5, 5])),
        "k": rng.choice(("甲", "乙方")),
    }
