"""What the container files must agree on, held without a container engine."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Debian's release notes: the PostgreSQL that each release has, and so the pg_dump of its postgresql-client.
POSTGRESQL = {"bookworm": 15, "trixie": 17}


def lines(name):
    """The lines of a file that say something."""
    text = (ROOT / name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def kept():
    """What the image may have of the repository."""
    return {line[1:] for line in lines(".dockerignore") if line.startswith("!")}


def test_the_client_for_backups_is_not_older_than_the_server():
    bases = {line.split()[1] for line in lines("deploy/Containerfile") if line.startswith("FROM ")}
    releases = {base.rpartition("-")[2] for base in bases}
    assert len(releases) == 1
    server = re.search(r"image: postgres:(\d+)", (ROOT / "deploy/compose.yaml").read_text("utf-8"))
    assert POSTGRESQL[releases.pop()] >= int(server[1])


def test_the_image_has_what_the_program_needs_and_nothing_else():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = project["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {name.rstrip("*") for name in named}
    papers = {project["project"]["readme"], *project["project"]["license-files"]}
    assert lines(".dockerignore")[0] == "*"
    assert kept() == {*packages, *papers, "processes", "forms", ".ci/setup", "pyproject.toml", "requirements.lock"}
    assert all((ROOT / name).exists() for name in kept())


def test_what_was_built_elsewhere_stays_out_of_the_image():
    rules = lines(".dockerignore")
    after = rules[max(place for place, rule in enumerate(rules) if rule.startswith("!")) + 1 :]
    assert {"**/__pycache__", "**/node_modules", "web/static/dist"} <= set(after)


def test_git_leaves_out_what_is_secret_beside_the_files():
    compose = (ROOT / "deploy/compose.yaml").read_text("utf-8")
    assert "./tls:/tls:ro" in compose
    assert {".env", "tls/"} <= set(lines("deploy/.gitignore"))


def test_health_is_asked_where_every_engine_reads_it():
    """Podman builds images of OCI's format, which drops HEALTHCHECK with a warning only."""
    assert not [line for line in lines("deploy/Containerfile") if line.startswith("HEALTHCHECK")]
    service = re.search(r"\n  web:\n((?:    .*\n)+)", (ROOT / "deploy/compose.yaml").read_text("utf-8"))[1]
    assert "healthcheck:" in service
    assert "/health" in service


def test_nginx_is_told_in_words_that_older_ones_know():
    """`http2 on` came with nginx 1.25.1; Debian 12 and Ubuntu 24.04 have older ones."""
    assert [line for line in lines("deploy/nginx.conf") if line.split()[0] == "http2"] == []
    assert "    listen 443 ssl http2;" in lines("deploy/nginx.conf")
