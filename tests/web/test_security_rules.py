"""Redirects stay on this site (security S21); what no database stores is told apart (S28)."""

import pytest

from web.auth import local_target
from web.security import is_storable

FOREIGN = [
    "", "http://evil.example", "https://evil.example/", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
    "\t//evil.example", " //evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "http:evil.example", "http:/evil.example", "https:///evil.example", "ftp://evil.example", "evil.example",
    "evil.example/path", "work", "./work", "../work", "?next=/work", "#work", "/\x00/evil", "/work\x7f", "/\u2028/evil",
    "http://127.0.0.1@evil.example/", "//127.0.0.1@evil.example", "/\\/evil.example", "/\\\\evil", "mailto:a@b",
    "vbscript:x", "file:///etc/passwd", "//[::1]/", "//evil%2eexample",
]  # fmt: skip


@pytest.mark.parametrize("target", FOREIGN)
def test_a_foreign_target_is_not_followed(target):
    assert local_target(target, "/work") == "/work"


@pytest.mark.parametrize("target", ["/work", "/tasks/12?pane=1", "/matters/3/timeline"])
def test_a_page_of_ours_is_followed(target):
    assert local_target(target, "/") == target


def test_nul_and_lone_surrogates_cannot_be_stored():
    assert [is_storable(text) for text in ("核查", "a\0b", "\ud800", "😀")] == [True, False, False, True]
