"""Every error has a family, and every family a status."""

import inspect
import pkgutil
from importlib import import_module

import engine
from engine import errors
from engine.errors import EngineError, JobError
from web.errors import STATUS_BY_FAMILY


def all_errors() -> list[type[EngineError]]:
    """Every class of error the engine defines, wherever it stands."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if ".migrations." not in module.name:
            import_module(module.name)
    found, todo = set(), [EngineError]
    while todo:
        for child in todo.pop().__subclasses__():
            if child.__module__.startswith("engine.") and child not in found:
                found.add(child)
                todo.append(child)
    return sorted(found, key=lambda error: error.__name__)


def test_every_error_that_people_see_has_a_status():
    missing = [
        error.__name__
        for error in all_errors()
        if not issubclass(error, JobError) and not any(issubclass(error, family) for family in STATUS_BY_FAMILY)
    ]
    assert not missing


def test_every_error_speaks_chinese_and_ends_its_sentence():
    for error in all_errors():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in error.words), error.__name__


def test_every_error_says_in_its_docstring_what_is_so():
    assert all(inspect.getdoc(error) for error in all_errors())
    assert errors.__doc__
