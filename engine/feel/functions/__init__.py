"""Built-in functions, by name."""

from engine.feel.functions import contexts, conversion, lists, numbers, ranges, strings, temporal, variable_length
from engine.feel.functions.registry import BUILTINS

__all__ = ["BUILTINS", "contexts", "conversion", "lists", "numbers", "ranges", "strings", "temporal", "variable_length"]
