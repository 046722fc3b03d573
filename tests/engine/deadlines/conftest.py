"""A register and a ladder as config/ would give them, and the calendar of 2026."""

from datetime import UTC, date, datetime, time

import pytest

from engine.calendar import Calendar, at_local
from engine.deadlines import DeadlineRegister, Ladder

REGISTER = {
    "deadline": [
        {"code": "LD-02", "what": "分办", "owner": "internal", "kind": "WD", "limit": 1,
         "variants": {"urgent": {"limit": 2, "kind": "H"}}},
        {"code": "LD-04", "what": "核查", "owner": "internal", "kind": "WD", "limit": 15, "ordered": True,
         "variants": {"own": {"limit": 20}, "urgent": {"limit": 3}},
         "extension": {"times": 1, "limit": 15, "approver": "dist_leader"},
         "stop_reasons": ["检测检验鉴定", "专家论证"]},
        {"code": "TR-02", "what": "批准", "owner": "statutory", "kind": "ND", "limit": 3, "confidence": "verify"},
        {"code": "TR-03", "what": "移送", "owner": "statutory", "kind": "H", "limit": 24, "confidence": "sure"},
        {"code": "TR-05", "what": "公安立案", "owner": "other", "kind": "ND", "limit": 3},
        {"code": "PN-05", "what": "要求听证", "owner": "party", "kind": "WD", "limit": 5},
        {"code": "PN-08", "what": "缴纳罚款", "owner": "party", "kind": "ND", "limit": 15},
        {"code": "PN-03", "what": "登记保存处理", "owner": "statutory", "kind": "WD", "limit": 7},
        {"code": "CO-02", "what": "查封扣押", "owner": "statutory", "kind": "ND", "limit": 30,
         "extension": {"times": 1, "limit": 30, "approver": "dist_leader"}, "stop_reasons": ["检测检验鉴定"]},
        {"code": "CO-06", "what": "申请法院", "owner": "statutory", "kind": "MON", "limit": 3},
        {"code": "RA-02", "what": "公开征求意见", "owner": "statutory", "kind": "ND", "limit": 30, "at_least": True},
        {"code": "RA-04", "what": "评估有效期", "owner": "internal", "kind": "MON", "limit": 6},
        {"code": "IN-02", "what": "口头报告", "owner": "statutory", "kind": "MIN", "limit": 30},
        {"code": "ST-03", "what": "内部审核", "owner": "internal", "kind": "H", "limit": 4,
         "extension": {"times": 2, "limit": 2}},
        {"code": "PO-09", "what": "当事人答复", "owner": "party", "kind": "H", "limit": 48},
    ]
}  # fmt: skip

LADDER = {
    "quiet_from": "20:00",
    "quiet_until": "08:00",
    "day_check": "09:00",
    "unclaimed_percent": 50,
    "rung": [
        {"name": "Y", "label": "黄灯", "percent": 70, "min_days_left": 1, "min_days_from": 4,
         "recipients": ["assignee", "candidates", "leader"]},
        {"name": "P", "label": "红灯预警", "percent": 90, "statutory_percent": 80,
         "recipients": ["assignee", "candidates", "leader", "dist_leader"]},
        {"name": "R", "label": "红灯", "recipients": ["assignee", "dist_supervisor", "unit_head"],
         "statutory_recipients": ["dist_legal", "dist_chief"]},
        {"name": "R+1", "label": "提醒", "working_days_after": 1, "percent_after": 25, "recipients": [],
         "recipients_by_level": {"4": ["dist_intake"], "2": ["city_handler"]}, "start": "supervision_order:提醒"},
        {"name": "R+3", "label": "督办", "working_days_after": 3, "percent_after": 75,
         "recipients": ["dist_leader", "city_supervisor"], "start": "supervision_order:督办"},
        {"name": "R+5", "label": "挂牌", "working_days_after": 5, "percent_after": 125,
         "recipients": ["city_leader"], "start": "supervision_order:挂牌"},
    ],
}  # fmt: skip


def on(day: str, clock: str = "10:00") -> datetime:
    """Return the UTC instant of a Shanghai day and time; `day` is MM-DD of 2026 or a full date."""
    full = day if len(day) > 5 else f"2026-{day}"
    return at_local(date.fromisoformat(full), time.fromisoformat(clock)).astimezone(UTC)


@pytest.fixture(scope="session")
def calendar():
    return Calendar()


@pytest.fixture(scope="session")
def register(calendar):
    return DeadlineRegister.from_config(REGISTER, calendar)


@pytest.fixture(scope="session")
def ladder(calendar):
    return Ladder.from_config(LADDER, calendar)
