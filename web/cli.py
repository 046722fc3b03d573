"""The `bihuan` command: the same commands and queries for operators."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from config.settings import Settings, SettingsError
from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.clock import SystemClock
from engine.commands.deployments import Deploy, config_kind, known_from_files
from engine.commands.people import AddPerson
from engine.commands.positions import GrantPosition
from engine.errors import EngineError, InvalidDefinitionError, Problem
from engine.migrations import migrate as migrate_database
from web import example
from web.running import build_engine, collect, serve, work

Result = TypeVar("Result")
PATHS = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))


@click.group(help="闭环 Bihuan：流程引擎与事项办理。设置见 README 的 BIHUAN_* 一节。")
@click.pass_context
def main(context: click.Context) -> None:
    """Read the settings once for every command."""
    try:
        context.obj = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@main.command(help="把数据库升级到本程序所需的结构。")
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision."""
    before, after = _told(lambda: migrate_database(build_engine(settings).database))
    click.echo(f"数据库已是 {after}。" if before == after else f"数据库已从 {before or '空库'} 升级到 {after}。")


@main.command(help="部署流程、决策、表单和配置；不写路径则部署随程序附带的全部定义。")
@PATHS
@click.pass_obj
def deploy(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Take definitions in, all or none."""
    files = collect(paths)
    if not files:
        raise click.ClickException("给出的路径下没有 .bpmn、.dmn、.form 或 .toml 定义文件。")
    done = _told(lambda: build_engine(settings).run(Deploy(files, " ".join(map(str, paths)) or "随程序附带"), ENGINE))
    for problem in done.warnings:
        click.echo(f"提醒 {problem}", err=True)
    changed = [one for one in done.definitions if one.changed]
    for one in changed:
        click.echo(f"{one.kind} {one.key} 第 {one.version} 版")
    click.echo(f"共 {len(done.definitions)} 项定义，{len(changed)} 项有新版本。")


@main.command(help="检查定义而不部署；有错误时退出码为 1，适合在持续集成中使用。")
@PATHS
def check(paths: tuple[Path, ...]) -> None:
    """Check files against each other and against the product's own definitions."""
    given = collect(paths)
    around = collect(())
    names = {file.path for file in given}
    together = [*given, *(file for file in around if file.path not in names)]
    problems = _told(lambda: _problems(together))
    mine = [problem for problem in problems if problem.file in names]
    for problem in mine:
        click.echo(f"{'错误' if problem.severity == 'error' else '提醒'} {problem}")
    errors = sum(problem.severity == "error" for problem in mine)
    click.echo(f"检查了 {len(given)} 个文件：{errors} 处错误，{len(mine) - errors} 条提醒。")
    sys.exit(1 if errors else 0)


@main.command("serve", help="启动网页服务（waitress）；--worker 让同一进程兼做后台作业。")
@click.option("--worker/--no-worker", default=False, help="是否在同一进程内运行后台作业。")
@click.pass_obj
def serve_command(settings: Settings, worker: bool) -> None:
    """Serve until interrupted."""
    engine = build_engine(settings)
    _told(lambda: migrate_database(engine.database))
    click.echo(f"闭环已启动：http://{settings.host}:{settings.port}")
    serve(engine, settings, with_worker=worker)


@main.command(help="运行后台作业：定时器、亮灯、连接器和通知。可以同时运行多个。")
@click.pass_obj
def worker(settings: Settings) -> None:
    """Work until interrupted."""
    work(build_engine(settings), settings)


@main.group(help="人员。")
def user() -> None:
    """Group the commands about people."""


@user.command("add", help="新增人员；首个系统管理员也由此建立。密码从终端读入，首次登录须修改。")
@click.argument("login")
@click.option("--name", required=True, help="姓名")
@click.option("--unit", required=True, help="单位代码")
@click.option("--role", "roles", multiple=True, help="岗位代码，可写多次")
@click.option("--email", default="", help="邮件地址")
@click.password_option("--password", prompt="初始密码", confirmation_prompt="再输入一次")
@click.pass_obj
def user_add(  # noqa: PLR0913, PLR0917
    settings: Settings, login: str, name: str, unit: str, roles: Sequence[str], email: str, password: str
) -> None:
    """Add a person with positions."""
    engine = build_engine(settings)

    def add() -> None:
        engine.run(AddPerson(login, name, unit, password, email=email), ENGINE)
        for role in roles:
            engine.run(GrantPosition(login, unit, role), ENGINE)

    _told(add)
    click.echo(f"已新增 {name}（{login}）。")


@main.group(help="示例数据（人员和事项均为虚构）。")
def demo() -> None:
    """Group the commands of the example."""


@demo.command("load", help="在空库中装入示例组织和事项。")
@click.pass_obj
def demo_load(settings: Settings) -> None:
    """Load the example into the configured database."""
    chosen = replace(settings, example=True)
    _told(lambda: example.prepare(chosen, SystemClock()))


@demo.command("run", help="建库、部署、装入示例并启动服务；make run 用的就是它。")
@click.pass_obj
def demo_run(settings: Settings) -> None:
    """Prepare the example where that is still to be done, then serve with the worker."""
    chosen = replace(settings, example=True)
    _told(lambda: example.prepare(chosen, SystemClock()))
    engine = build_engine(chosen)
    example.greet(engine, chosen)
    serve(engine, chosen, with_worker=True)
    click.echo("已停止，数据保留在 " + str(chosen.data_dir))


def _problems(files: Sequence[DefinitionFile]) -> tuple[Problem, ...]:
    definitions = [file for file in files if config_kind(file) is None]
    return check_definitions(definitions, known_from_files(files))


def _told(act: Callable[[], Result]) -> Result:
    """Run something and tell an engine's refusal in words, with exit status 1."""
    try:
        return act()
    except InvalidDefinitionError as error:
        for problem in error.problems:
            click.echo(f"错误 {problem}", err=True)
        raise click.ClickException("未通过检查，没有保存任何内容。") from error
    except (EngineError, example.ExampleError) as error:
        raise click.ClickException(str(error)) from error

