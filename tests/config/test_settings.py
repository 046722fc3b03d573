"""Settings are read once from BIHUAN_*, and what is unknown or impossible is refused."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError


def test_without_a_variable_everything_lies_below_var():
    settings = Settings.from_environment({"PATH": "/bin"})
    assert settings.database == f"sqlite:///{Path('var/bihuan.sqlite3').absolute()}"
    assert (settings.host, settings.port, settings.files_dir) == ("127.0.0.1", 8000, Path("var/files"))


def test_every_variable_becomes_a_value_of_its_type():
    settings = Settings.from_environment(
        {
            "BIHUAN_DATABASE_URL": "postgresql+psycopg://db/bihuan",
            "BIHUAN_PORT": "8080",
            "BIHUAN_EXAMPLE": "yes",
            "BIHUAN_DATA_DIR": "/srv/bihuan",
        }
    )
    assert settings.database == "postgresql+psycopg://db/bihuan"
    assert (settings.port, settings.example, settings.data_dir) == (8080, True, Path("/srv/bihuan"))


def test_an_unknown_variable_is_refused_by_name():
    with pytest.raises(SettingsError, match="BIHUAN_DATABSE_URL"):
        Settings.from_environment({"BIHUAN_DATABSE_URL": "sqlite://"})


def test_what_the_tests_read_themselves_sets_nothing():
    assert Settings.from_environment({"BIHUAN_TEST_LONG": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("EXAMPLE", "maybe"),
        ("SMTP_SECURITY", "ssl"),
        ("SECRET_KEY", "short"),
        ("UPLOAD_MB", "500"),
        ("SESSION_LIMIT", "0"),
    ],
)
def test_an_impossible_value_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=f"BIHUAN_{name}"):
        Settings.from_environment({f"BIHUAN_{name}": value})


def test_settings_never_change():
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1


def test_the_secret_is_made_once_and_kept_private(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert settings.key() == Settings(data_dir=tmp_path).key()
    assert len(settings.key()) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
