"""The `bihuan` command, as somebody at a terminal uses it."""

import pytest
from click.testing import CliRunner

from config.settings import Settings
from engine.actor import ENGINE
from engine.commands.sessions import LogIn
from engine.queries.sessions import FindPersonAsActor
from tests.factories import definitions, line, process, user
from web.assembly import ROOT, definition_files, make_engine
from web.cli import main

ORGANISATION = """
[[unit]]
code = "310100"
name = "示例市局"
level = 1
[[person]]
id = "wang"
name = "王某（示例）"
unit = "310100"
roles = ["city_handler"]
"""


@pytest.fixture
def bihuan(tmp_path):
    """Runs a command over a data directory of its own; returns the result."""
    environment = {
        "BIHUAN_DATA_DIR": str(tmp_path / "var"),
        "BIHUAN_PASSWORD_MEMORY_KIB": "64",
        "BIHUAN_DATABASE_URL": "",
    }
    return lambda *arguments, **more: CliRunner(env=environment).invoke(main, arguments, **more)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "var", password_memory_kib=64)


def test_a_new_database_is_migrated_once(bihuan):
    assert "已升级" in bihuan("migrate").output
    assert "已是最新版本" in bihuan("migrate").output


def test_a_database_that_is_away_is_told_in_words(bihuan):
    result = bihuan("migrate", env={"BIHUAN_DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:9/x"})
    assert result.exit_code == 1
    assert "数据库" in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_nothing_works_on_a_database_that_was_not_migrated(bihuan):
    result = bihuan("deploy")
    assert result.exit_code == 1
    assert "bihuan migrate" in result.output


def test_an_unknown_setting_stops_every_command(bihuan):
    result = bihuan("migrate", env={"BIHUAN_DATABSE_URL": "x"})
    assert result.exit_code == 1
    assert "BIHUAN_DATABSE_URL" in result.output


def test_the_first_administrator_comes_from_the_command_line(bihuan, settings, tmp_path):
    bihuan("migrate")
    file = tmp_path / "organisation.toml"
    file.write_text(ORGANISATION, "utf-8")
    assert "1 个单位，新增 1 人" in bihuan("organisation", str(file)).output
    made = bihuan(
        "user", "add", "admin", "管理员（示例）", "310100", "--role", "sys_admin", "--password", "Strong#pass77word"
    )
    assert "已添加" in made.output
    engine = make_engine(settings)
    assert engine.ask(FindPersonAsActor("admin"), ENGINE).roles == {"sys_admin"}
    assert engine.run(LogIn("admin", "Strong#pass77word"), ENGINE).must_change_password
    engine.database.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("admin", "某（示例）", "999", "--password", "Strong#pass77word"), "没有单位"),
        (("ad min", "某（示例）", "310100", "--password", "Strong#pass77word"), "登录名"),
        (("admin", "某（示例）", "310100", "--password", "weak"), "新密码不符合要求"),
    ],
)
def test_a_person_that_cannot_be_added_is_refused_in_words(bihuan, tmp_path, arguments, words):
    bihuan("migrate")
    file = tmp_path / "organisation.toml"
    file.write_text(ORGANISATION, "utf-8")
    bihuan("organisation", str(file))
    result = bihuan("user", "add", *arguments)
    assert result.exit_code == 1
    assert words in result.output


def test_an_organisation_file_that_is_none_is_refused(bihuan, tmp_path):
    bihuan("migrate")
    file = tmp_path / "organisation.toml"
    for content in ("[[unit", "[[unit]]\nname = 'no code'"):
        file.write_text(content, "utf-8")
        assert bihuan("organisation", str(file)).exit_code == 1


def folder_with(tmp_path, inside):
    folder = tmp_path / "processes" / "small"
    folder.mkdir(parents=True)
    (folder / "small.bpmn").write_bytes(definitions(process(inside, "small")))
    about = 'key = "small"\ntitle = "小流程"\ncode = "T"\nnumber = "T-{yyyy}-{nnn}"\nsensitivity = "S1"\n'
    (folder / "procedure.toml").write_text(about + 'start_roles = ["squad_officer"]\ngroup = "测试"\n', "utf-8")
    return tmp_path / "processes"


def test_sound_definitions_pass_the_check_and_are_deployed_once(bihuan, tmp_path):
    folder = folder_with(tmp_path, line(user("work"), keys=("work",)))
    checked = bihuan("check", str(folder))
    assert (checked.exit_code, "0 个错误" in checked.output) == (0, True), checked.output
    bihuan("migrate")
    assert "small 第 1 版" in bihuan("deploy", str(folder)).output
    assert "已部署 0 项" in bihuan("deploy", str(folder)).output


def test_the_referee_says_whether_two_engines_agree(bihuan):
    checked = bihuan(
        "check", str(ROOT / "processes" / "cs_supervise"), str(ROOT / "processes" / "emergency_plan"), "--referee"
    )
    assert checked.exit_code == 0, checked.output
    assert "cs_supervise：两个引擎一致" in checked.output
    assert "emergency_plan：第二引擎不适用" in checked.output


def test_a_broken_definition_fails_the_check_with_file_and_element_and_nothing_of_it_is_kept(bihuan, tmp_path):
    folder = folder_with(tmp_path, line(user("work", more='camunda:candidateGroups="emperor"'), keys=("work",)))
    checked = bihuan("check", str(folder))
    assert checked.exit_code == 1
    assert "processes/small/small.bpmn" in checked.output
    assert "emperor" in checked.output
    bihuan("migrate")
    refused = bihuan("deploy", *[str(path) for path in (folder, config_roles(tmp_path))])
    assert refused.exit_code == 1
    assert "没有部署任何文件" in refused.output


def config_roles(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "roles.toml").write_text('[[role]]\nid = "squad_officer"\nname = "队员"\nlevel = 4\n', "utf-8")
    return folder


def test_the_files_that_came_with_the_program_are_named_from_their_folder_and_the_example_is_left_out():
    names = [file.path for file in definition_files()]
    assert names == sorted(names)
    assert all(name.startswith(("processes/", "forms/", "config/")) for name in names)
    assert not any("example" in name for name in names)
