import pytest

from engine.forms.patterns import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b", "abc", True),  # JavaScript's test() searches
        ("^b", "abc", False),
        ("^1[3-9]\\d{9}$", "13800000000", True),
        ("^1[3-9]\\d{9}$", "13800000000\n", False),
        ("^[\\u4e00-\\u9fa5]+$", "平安", True),
        ("^[\\u4e00-\\u9fa5]+$", "Ping", False),
        ("\\u{5e73}", "平", True),
        ("^\\s$", "\u3000", True),
        ("^[\\s]$", "\u3000", True),
        ("^\\S$", "\u3000", False),
        ("^.$", "\u2028", False),
        ("^.$", "\r", False),
        ("^[.]$", "a", False),
        ("^[[]$", "[", True),
        ("^a|b$", "xb", True),
        ("^\\d+$", "١٢", False),
        ("^\\w+$", "平", False),
    ],
)
def test_patterns_find_what_javascript_finds(pattern, text, found):
    assert bool(compile_pattern(pattern).search(text)) is found


@pytest.mark.parametrize("pattern", ["(?<=a)b", "(?!x)", "\\1", "[", "a" * 501, "a{1,100000}"])
def test_patterns_beyond_linear_time_or_size_are_refused(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_pattern_built_to_exhaust_answers_at_once():
    assert not compile_pattern("^(a+)+$").search("a" * 20_000 + "b")
