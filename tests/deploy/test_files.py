"""The files for a bureau's server name only commands, options and settings that there are."""

import re
from pathlib import Path

import click
import pytest

from config.settings import PREFIX, Settings
from web.cli import main

FOLDER = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in FOLDER.iterdir() if path.is_file())
KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}
# `bihuan NAME …` in a unit, a container or a page; options up to the end of the command.
COMMAND = re.compile(r"\bbihuan(?:\"?,)? \"?([a-z]+)\b([^&\n]*)")


def commands(text):
    """Return (command, what follows it) for each call of the program."""
    return COMMAND.findall(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_named_is_one(path):
    named = set(re.findall(r"BIHUAN_[A-Z_]+", path.read_text("utf-8")))
    assert named - KNOWN == set()


@pytest.mark.parametrize("path", [*FILES, FOLDER.parent / "docs" / "deployment.md"], ids=lambda path: path.name)
def test_every_command_called_is_one(path):
    called = [
        line for line in path.read_text("utf-8").splitlines() if "bin/bihuan" in line or line.startswith("bihuan ")
    ]
    for name, rest in commands("\n".join(called)):
        command = main.commands[name]
        assert isinstance(command, click.Command)
        if isinstance(command, click.Group):
            command = command.commands[rest.split()[0]]
        options = re.findall(r"--[a-z-]+", rest)
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert set(options) <= known, (path.name, name)


@pytest.mark.parametrize("path", [one for one in FILES if ".service" in one.name], ids=lambda path: path.name)
def test_units_are_sections_of_assignments_and_write_only_where_data_lies(path):
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"\[[A-Z]\w+\]|[A-Z]\w+=.*", line)] == []
    writable = next(line for line in lines if line.startswith("ReadWritePaths="))
    assert set(writable.partition("=")[2].split()) <= {"/var/lib/bihuan", "/var/backups/bihuan"}
    assert {"User=bihuan", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines)


def test_the_proxy_lets_as_much_through_as_the_program_takes():
    largest = int(re.search(r"client_max_body_size (\d+)m", (FOLDER / "nginx.conf").read_text())[1])
    assert largest > Settings().upload_mb


def test_the_example_of_settings_is_read_but_for_the_secret():
    lines = (FOLDER / "bihuan.env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert Settings.from_environment(given).trusted_proxies == 1
    assert given["BIHUAN_SECRET_KEY"] == ""
