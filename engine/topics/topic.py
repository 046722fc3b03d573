"""What a topic is given, and how it reads its input parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.command import Context
from engine.errors import ConnectorError
from engine.execution.matter import Matter


@dataclass(frozen=True)
class Call:
    """One call of a service task: where it happens and what its token sees, input parameters first."""

    context: Context
    matter: Matter
    token: str
    node: str
    variables: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return an input as text; a missing one gives the default."""
        value = self.variables.get(name)
        return default if value is None else str(value).strip()

    def required(self, name: str) -> str:
        """Return an input as text; raises ConnectorError, which names the element, where it is empty."""
        found = self.text(name)
        if not found:
            raise ConnectorError(reason=f"服务任务“{self.node}”缺少参数“{name}”", permanent=True)
        return found

    def texts(self, name: str) -> list[str]:
        """Return an input as texts: a list, or a text with commas."""
        value = self.variables.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [text for part in parts if part is not None and (text := str(part).strip())]

    def result(self, value: Any, default: str = "") -> dict[str, Any]:
        """Return a value under the name that the input `result` gives."""
        name = self.text("result", default)
        return {name: value} if name else {}
