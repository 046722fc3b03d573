"""What must hold for every source file, read from the files themselves."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "web", "config")


def tracked(*patterns: str) -> list[Path]:
    """Files git knows or would add, below the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if not {"node_modules", "migrations"} & set(path.parts)
]


def calls(path: Path) -> set[str]:
    """Names of the plain functions a file calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def test_there_are_sources_to_check():
    assert len(SOURCES) > 60


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_evaluated_as_python(path):
    assert not calls(path) & {"eval", "exec", "compile", "__import__"}
    assert not re.search(r"^\s*(import|from) (pickle|marshal|shelve)\b", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_can_be_read_in_one_sitting(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert not long


def test_only_the_referee_imports_spiffworkflow():
    importers = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"^\s*(import|from) SpiffWorkflow\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importers <= {"engine/bpmn/referee.py"}


def test_no_python_names_a_procedure():
    keys = {path.name for path in (ROOT / "processes").iterdir() if path.is_dir() and not path.name.startswith("cs_")}
    named = [
        (str(path.relative_to(ROOT)), key)
        for path in SOURCES
        for key in keys
        if re.search(rf"[\"']{key}[\"']", path.read_text(encoding="utf-8"))
    ]
    assert not named


def test_templates_never_switch_escaping_off():
    templates = sorted((ROOT / "web" / "templates").rglob("*.html"))
    assert templates
    wrong = [
        path.name
        for path in templates
        if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_templates_hold_no_inline_script_style_or_handler():
    wrong = []
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=", text):
            wrong.append(path.name)
    assert not wrong


def test_nothing_names_a_registry_or_a_path_of_one_machine():
    hosts = ("registry." + "npmjs", "pypi." + "org", "files.python" + "hosted", "deb." + "debian")
    wrong = []
    for path in tracked():
        if path.suffix in {".png", ".svg", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(host in text for host in hosts) or str(ROOT.parent) + "/" in text:
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong


def test_locks_carry_no_addresses():
    wrong = [
        path.name
        for path in tracked("*lock*", "requirements*")
        if path.suffix not in {".py", ".html"} and re.search(r"https?://", path.read_text(encoding="utf-8"))
    ]
    assert not wrong
    for path in tracked("*package-lock.json"):
        assert '"resolved"' not in path.read_text(encoding="utf-8")


def test_no_stub_is_left():
    wrong = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"NotImplementedError|\bTODO\b|\bFIXME\b", path.read_text(encoding="utf-8"))
    ]
    assert not wrong
