"""How built-in functions declare their parameters, and how arguments are made to fit them.

A signature is written `substring(string: string, start position: number, length?: number)`. `?` after the name makes a
parameter optional, `any` accepts null, `*` in front of the only parameter takes all arguments as one list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.feel.compare import kind
from engine.feel.errors import FeelError
from engine.feel.run import Run
from engine.feel.values import DateTime, Function

Body = Callable[..., Any]
BodyT = TypeVar("BodyT", bound=Body)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a built-in."""

    name: str
    type: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in."""

    parameters: tuple[Parameter, ...]
    body: Body
    variadic: bool

    def takes(self, count: int) -> bool:
        """Tell whether `count` arguments fit."""
        required = sum(not parameter.optional for parameter in self.parameters)
        return (count > 0 or not required) if self.variadic else required <= count <= len(self.parameters)

    def names(self, given: set[str]) -> bool:
        """Tell whether named arguments fit."""
        own = {parameter.name for parameter in self.parameters}
        required = {parameter.name for parameter in self.parameters if not parameter.optional}
        return required <= given <= own


BUILTINS: dict[str, Function] = {}
_SIGNATURES: dict[str, list[Signature]] = {}


def builtin(*texts: str) -> Callable[[BodyT], BodyT]:
    """Register a function under signatures; its body is called as `body(run, *arguments)`."""

    def register(body: BodyT) -> BodyT:
        for text in texts:
            name, signature = _read(text, body)
            _SIGNATURES.setdefault(name, []).append(signature)
            BUILTINS[name] = _function(name, _SIGNATURES[name])
        return body

    return register


def _read(text: str, body: Body) -> tuple[str, Signature]:
    name, _, rest = text.rstrip(")").partition("(")
    variadic = rest.startswith("*")
    parameters = tuple(_parameter(part) for part in rest.lstrip("*").split(",") if part.strip())
    return name, Signature(parameters, body, variadic)


def _parameter(text: str) -> Parameter:
    name, _, wanted = text.partition(":")
    return Parameter(name.strip().rstrip("?"), wanted.strip(), name.strip().endswith("?"))


def _function(name: str, signatures: list[Signature]) -> Function:
    own = tuple(signatures)

    def call(run: Run, arguments: list[Any]) -> Any:
        problem = FeelError("参数个数不对")
        for signature in own:
            if signature.takes(len(arguments)):
                try:
                    fitted = _fitted(signature, arguments)
                except FeelError as other:
                    problem = other
                else:
                    return signature.body(run, *fitted)
        raise problem

    def call_named(run: Run, arguments: dict[str, Any]) -> Any:
        for signature in own:
            if signature.names(set(arguments)):
                values = _ordered(signature, arguments)
                return signature.body(run, *_fitted(signature, values, named=True))
        raise FeelError("参数名称不对")

    parameters = tuple(parameter.name for parameter in signatures[0].parameters)
    return Function(name, parameters, call, call_named=call_named, check_count=False)


_UNSET = object()


def _ordered(signature: Signature, arguments: dict[str, Any]) -> list[Any]:
    values = [arguments.get(parameter.name, _UNSET) for parameter in signature.parameters]
    while values and values[-1] is _UNSET:
        values.pop()
    return values


def _fitted(signature: Signature, arguments: list[Any], *, named: bool = False) -> list[Any]:
    if signature.variadic and not named:
        alone = len(arguments) == 1 and (isinstance(arguments[0], list) or arguments[0] is None)
        arguments = [arguments[0] if alone else arguments]
    return [
        None if value is _UNSET else _fit(parameter, value)
        for parameter, value in zip(signature.parameters, arguments, strict=False)
    ]


def _fit(parameter: Parameter, value: Any) -> Any:
    wanted = parameter.type
    if wanted == "any":
        return value
    if value is None:
        raise FeelError(f"参数“{parameter.name}”为空")
    found = kind(value)
    if wanted in {found, "value"}:
        return value
    return _coerced(parameter, value, found)


def _coerced(parameter: Parameter, value: Any, found: str) -> Any:
    wanted = parameter.type
    if wanted == "list":
        return [value]
    if isinstance(value, list) and len(value) == 1 and value[0] is not None:
        return _fit(parameter, value[0])
    if wanted == "date and time" and found == "date":
        return DateTime(value, 0, 0)
    if wanted == "duration" and found.endswith("duration"):
        return value
    if wanted == "day" and found in {"date", "date and time"}:
        return value.day if isinstance(value, DateTime) else value
    raise FeelError(f"参数“{parameter.name}”的类型不对")
