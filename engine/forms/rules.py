"""Rules of one component: conditions, limits, computed values, checks; each compiled, or told as a problem."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import Expression, FeelSyntaxError
from engine.forms.conditions import MAX_EXPRESSION, compile_condition, compile_form_expression, is_expression
from engine.forms.limits import LIMIT_NAMES, NUMBER_LIMITS
from engine.forms.model import Condition, FieldCheck, Rules
from engine.forms.patterns import EMAIL, PHONE, PatternError, compile_pattern

PROPERTIES = frozenset(
    f"bihuan:{name}"
    for name in (
        *("options", "type", "outcome", "suggestion", "why", "check", "checkMessage", "requiredIf", "auto"),
        *("help", "hint", "fresh", "maxRows", "minRows"),
    )
)
SIGNATURE = "=actor.name"

Refuse = Callable[[str, str], None]


def read_rules(
    component: Mapping[str, Any],
    properties: Mapping[str, str],
    functions: Mapping[str, Callable[..., Any]],
    refuse: Refuse,
) -> Rules:
    """Compile the rules of a component; `refuse(rule, message)` is told what is broken."""
    compiler = _Compiler(functions, refuse)
    validate = component.get("validate")
    validate = validate if isinstance(validate, Mapping) else {}
    conditional = component.get("conditional")
    hide = conditional.get("hide") if isinstance(conditional, Mapping) else None
    pattern, text, message = _pattern(validate, refuse)
    return Rules(
        hide=compiler.condition(hide),
        readonly=compiler.state(component.get("readonly")),
        disabled=component.get("disabled") is True,
        required=validate.get("required") is True,
        required_if=compiler.expression("bihuan:requiredIf", properties.get("bihuan:requiredIf")),
        limits=_limits(component, validate, properties, compiler),
        pattern=pattern,
        pattern_text=text,
        pattern_message=message,
        compute=compiler.expression("expression", _computation(component, properties)),
        options=compiler.expression("valuesExpression", component.get("valuesExpression")),
        suggestion=compiler.expression("bihuan:suggestion", properties.get("bihuan:suggestion")),
        why=compiler.expression("bihuan:why", properties.get("bihuan:why")),
        checks=tuple(_checks(properties, compiler)),
        label=_label(component, compiler),
        texts=_texts(component, compiler),
        multiple=compiler.dynamic("multiple", component.get("multiple")) or False,
    )


class _Compiler:
    """Compiles expressions of one component and tells what is broken."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], refuse: Refuse) -> None:
        self.functions = functions
        self.refuse = refuse

    def expression(self, name: str, text: Any) -> Expression | None:
        """Compile `=feel`, or return None when there is none or it is broken."""
        if not text:
            return None
        if not isinstance(text, str) or len(text) > MAX_EXPRESSION:
            self.refuse("form-feel", f"“{name}”的表达式过长或不是文字。")
            return None
        try:
            return compile_form_expression(text, self.functions)
        except FeelSyntaxError as error:
            self.refuse("form-feel", f"“{name}”的表达式“{text[:80]}”有误：{error}")
            return None

    def condition(self, text: Any) -> Condition | None:
        """Compile a hide condition; form-js ignores one that does not start with `=`, here it is refused."""
        if text in (None, "", False):
            return None
        if not is_expression(text) or len(text) > MAX_EXPRESSION:
            self.refuse("form-feel", f"条件“{text!s:.80}”必须以等号开头，并且不能过长。")
            return None
        try:
            return compile_condition(text, self.functions)
        except FeelSyntaxError as error:
            self.refuse("form-feel", f"条件“{text[:80]}”有误：{error}")
            return None

    def state(self, value: Any) -> bool | Condition:
        """Compile what says whether a field may only be read; form-js takes an expression as a test, as for hiding."""
        return self.condition(value) or False if is_expression(value) else value is True

    def dynamic(self, name: str, value: Any) -> Any:
        """Return a constant as it is and an expression compiled."""
        return self.expression(name, value) if is_expression(value) else value


def _computation(component: Mapping[str, Any], properties: Mapping[str, str]) -> str | None:
    """Return the expression of a field that the server fills."""
    if properties.get("bihuan:auto"):
        return properties["bihuan:auto"]
    if properties.get("bihuan:type") == "sign":
        return SIGNATURE
    return component.get("expression") if component.get("type") == "expression" else None


def _limits(
    component: Mapping[str, Any], validate: Mapping[str, Any], properties: Mapping[str, str], compiler: _Compiler
) -> dict[str, Any]:
    """Return what a value must keep to; sums of money are not negative and end with the cent."""
    own = NUMBER_LIMITS if component.get("type") == "number" else ()
    given = {name: (component if name in own else validate).get(name) for name in (*LIMIT_NAMES, *own)}
    limits = {name: compiler.dynamic(name, limit) for name, limit in given.items() if limit not in (None, "")}
    return {"min": 0, "decimalDigits": 2, **limits} if properties.get("bihuan:type") == "money" else limits


def _pattern(validate: Mapping[str, Any], refuse: Refuse) -> tuple[Any, str, str]:
    """Return the compiled pattern, its text and its own message; phone and e-mail are patterns of form-js."""
    kind = validate.get("validationType")
    standard = {
        "phone": (PHONE, "请填写带国家代码的电话号码，例如 +8613800000000。"),
        "email": (EMAIL, "请填写完整的电子邮箱，例如 name@example.cn。"),
    }
    text, message = standard.get(str(kind), (validate.get("pattern"), str(validate.get("patternErrorMessage") or "")))
    if not isinstance(text, str) or not text:
        return None, "", ""
    try:
        return compile_pattern(text), text, message
    except PatternError as error:
        refuse("form-pattern", f"格式要求“{text[:80]}”不能使用（不支持前后查找和反向引用）：{error}")
        return None, "", ""


def _checks(properties: Mapping[str, str], compiler: _Compiler) -> list[FieldCheck]:
    """Pair `bihuan:check` with `bihuan:checkMessage`, `bihuan:check2` with `bihuan:checkMessage2`, and so on."""
    checks = []
    for name, text in properties.items():
        suffix = name.removeprefix("bihuan:check")
        if not name.startswith("bihuan:check") or suffix.startswith("Message"):
            continue
        message = properties.get(f"bihuan:checkMessage{suffix}")
        if not message:
            compiler.refuse("form-check", f"“{name}”没有对应的提示语（bihuan:checkMessage{suffix}）。")
            continue
        expression = compiler.expression(name, text)
        if expression:
            checks.append(FieldCheck(expression, message))
    return checks


def _texts(component: Mapping[str, Any], compiler: _Compiler) -> tuple[str | Expression, ...]:
    """Split a shown text into constant parts and `{{feel}}`; a table's data source is its one expression."""
    kind, text = component.get("type"), component.get("text")
    if kind == "table":
        source = compiler.expression("dataSource", component.get("dataSource"))
        return (source,) if source else ()
    return _template("text", text, compiler) if kind == "text" and isinstance(text, str) else ()


def _label(component: Mapping[str, Any], compiler: _Compiler) -> tuple[str | Expression, ...]:
    """Return the parts of a label that reads the data; nothing for one that is plain."""
    label = component.get("label")
    reads = isinstance(label, str) and (is_expression(label) or "{{" in label)
    return _template("label", str(label), compiler) if reads else ()


def _template(name: str, text: str, compiler: _Compiler) -> tuple[str | Expression, ...]:
    if is_expression(text):
        whole = compiler.expression(name, text)
        return (whole,) if whole else ()
    parts: list[str | Expression] = []
    for index, piece in enumerate(text.replace("}}", "{{").split("{{")):
        if index % 2 == 0:
            parts.append(piece)
            continue
        if piece.lstrip().startswith(("#", "/")):
            compiler.refuse(f"form-{name}", "文字中不支持 {{#if}} 或 {{#loop}}，请改用隐藏条件。")
            continue
        expression = compiler.expression(name, piece.strip())
        parts.append(expression or "")
    return tuple(parts)
