"""History events in the words of the bureau; what only machines care for stays out of the timeline."""

from collections.abc import Mapping
from typing import Any

# action -> kind (icon) and sentence; {…} are details of the event.
_WORDS: dict[str, tuple[str, str]] = {
    "matter started": ("start", "登记事项"),
    "matter ended": ("end", "事项{status}"),
    "matter suspended": ("pause", "事项中止{reason}"),
    "matter resumed": ("resume", "事项恢复办理{reason}"),
    "matter archived": ("archive", "归档{archive_no}"),
    "task claimed": ("claim", "签收“{step}”"),
    "task returned to group": ("return", "退回待领“{step}”{reason}"),
    "task transferred": ("transfer", "将“{step}”转交给{to}{reason}"),
    "task completed": ("complete", "办结“{step}”"),
    "act triggered": ("complete", "{label}"),
    "comment added": ("comment", "留言"),
    "file attached": ("file", "上传材料{name}"),
    "file removed": ("file", "删除材料{name}"),
    "extension requested": ("deadline", "申请将“{step}”的期限由{old_due}延至{new_due}{reason}"),
    "deadline extended": ("deadline", "“{step}”的期限由{old_due}延至{new_due}{reason}"),
    "light changed": ("light", "“{step}”{label}"),
    "reminder sent": ("light", "“{step}”{label}"),
    "number assigned": ("number", "取得编号{number}"),
    "data stored": ("link", "写入数据存储{name}"),
    "decision made": ("decision", "系统建议（{decision}）"),
    "message received": ("message", "收到消息{name}"),
    "sensitivity raised": ("lock", "敏感级别由{old}调整为{new}"),
    "access granted": ("lock", "列入知悉名单：{persons}"),
    "vault written": ("lock", "举报人信息已单独保存"),
    "restricted matter opened": ("lock", "查阅受限事项{reason}"),
    "matter linked": ("link", "关联事项{number}"),
    "incident raised": ("incident", "系统处理遇到问题，已通知管理员"),
    "incident resolved": ("incident", "系统问题已处理"),
}
_STATUS = {"completed": "办结", "terminated": "终止"}
_PEOPLE = frozenset({"to", "before", "person", "persons"})
_WRAPPED = {"reason": "，理由：{}", "outcome": "：{}", "to": "{}", "number": " {}", "archive_no": " {}", "name": "：{}"}


def entry_kind(action: str) -> str:
    """Return the word that chooses an entry's icon."""
    return _WORDS.get(action, ("other", ""))[0]


def entry_text(action: str, details: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return an event in Chinese; empty for events that are no news to people."""
    sentence = _WORDS.get(action, ("", ""))[1]
    if not sentence:
        return str(details.get("text", ""))
    told = _Told()
    for key, value in details.items():
        if value not in (None, "", [], {}):
            shown = _STATUS.get(str(value), "") if key == "status" else _plain(value, names if key in _PEOPLE else {})
            told[key] = _WRAPPED.get(key, "{}").format(shown)
    return sentence.format_map(told)


class _Told(dict[str, str]):
    """Leaves out what an event does not say."""

    def __missing__(self, key: str) -> str:
        return ""


def _plain(value: Any, names: Mapping[str, str]) -> str:
    """Return a detail as text; ids of people become names."""
    entries = value if isinstance(value, list) else [value]
    return "、".join(names.get(str(entry), str(entry)) for entry in entries)
