"""The `bihuan` command: migrate, deploy, check, serve, worker, user add, demo."""

import os
import signal
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import click

from config.settings import Settings, SettingsError
from engine.actor import ENGINE
from engine.bpmn.checks import DefinitionFile, check_definitions
from engine.bpmn.referee_kernel import Files
from engine.bpmn.referee_scenarios import Walk, opinion
from engine.clock import SystemClock
from engine.commands.deployments import Deploy, config_kind, known_from_files
from engine.commands.organisation import LoadOrganisation
from engine.commands.people import AddPerson
from engine.errors import EngineError, InvalidDefinitionError
from engine.migrations import migrate
from web import logs
from web.assembly import definition_files, make_engine, make_worker
from web.demo_cli import demo
from web.memory import collect_seldom
from web.safekeeping_cli import backup, restore, verify
from web.serving import checked_engine, serve, tell

_SCENARIOS = 20


class Commands(click.Group):
    """The commands; what the engine refuses in any of them ends it with the engine's own words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except EngineError as refused:
            raise click.ClickException(str(refused)) from refused


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="闭环（Bihuan）：城管执法工作流。设置取自 BIHUAN_* 环境变量。",
)
@click.pass_context
def main(context: click.Context) -> None:
    """Read the settings once."""
    try:
        context.obj = Settings.from_environment(os.environ)
    except SettingsError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    logs.configure(context.obj.log_level)
    collect_seldom()


main.add_command(demo)
for command in (verify, backup, restore):
    main.add_command(command)


@main.command("migrate", help="把数据库升级到本程序需要的版本。")
@click.pass_obj
def migrate_command(settings: Settings) -> None:
    """Bring the database to the newest revision."""
    engine = make_engine(settings)
    before, after = migrate(engine.database)
    click.echo(f"数据库已是最新版本 {after}" if before == after else f"数据库已升级：{before or '空'} → {after}")


@main.command("deploy", help="部署流程、决策、表单和配置；不指定 PATH 时部署随程序提供的全部文件。")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def deploy_command(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Deploy definition files; nothing is kept if one of them is refused."""
    engine = checked_engine(settings)
    try:
        deployment = engine.run(Deploy(definition_files(paths), "命令行"), ENGINE)
    except InvalidDefinitionError as refused:
        tell(refused.problems)
        raise click.ClickException("没有部署任何文件。") from refused
    tell(deployment.warnings)
    changed = [one for one in deployment.definitions if one.changed]
    for one in changed:
        click.echo(f"{one.kind} {one.key} 第 {one.version} 版")
    click.echo(f"已部署 {len(changed)} 项，{len(deployment.definitions) - len(changed)} 项没有变化。")


@main.command("check", help="检查流程、决策和表单文件，不部署；有错误时退出状态为 1。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--referee", is_flag=True, help="再让 SpiffWorkflow 作为第二个引擎走一遍随机场景，比较两者的走法。")
def check_command(paths: tuple[Path, ...], *, referee: bool) -> None:
    """Check files beside the product's own, without a database; ends with status 1 where there are errors."""
    given = definition_files(paths)
    names = {file.path for file in given}
    together = [*given, *(file for file in definition_files() if file.path not in names)]
    try:
        known = known_from_files(together)
        found = check_definitions([file for file in together if not config_kind(file)], known)
    except InvalidDefinitionError as refused:
        found = tuple(refused.problems)
    problems = [problem for problem in found if problem.file in names]
    tell(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"检查了 {len(given)} 个文件：{errors} 个错误，{len(problems) - errors} 个提示。")
    differ = referee and not errors and not _second_opinion(together, names)
    sys.exit(1 if errors or differ else 0)


def _second_opinion(together: Sequence[DefinitionFile], names: set[str]) -> bool:
    """Tell per given process whether two engines agree; False where they differ."""
    files = Files([file for file in together if not config_kind(file)], known_from_files(together).functions)
    walk = Walk(SystemClock().now())
    agreed = True
    for key in sorted(files.processes):
        if f"processes/{key}/{key}.bpmn" in names:
            verdict = opinion(files, key, _SCENARIOS, walk)
            click.echo(f"{key}：{verdict}")
            agreed = agreed and not verdict.differences
    return agreed


@main.command("serve", help="启动网页服务。")
@click.option("--host", help="监听地址，默认取 BIHUAN_HOST")
@click.option("--port", type=int, help="监听端口，默认取 BIHUAN_PORT")
@click.option("--worker/--no-worker", "with_worker", default=True, help="是否在同一进程中运行后台作业")
@click.pass_obj
def serve_command(settings: Settings, host: str | None, port: int | None, *, with_worker: bool) -> None:
    """Serve until Ctrl-C."""
    engine = checked_engine(settings)
    place = (host or settings.host, settings.port if port is None else port)
    worker = make_worker(engine, settings) if with_worker else None
    serve(engine, settings, place, worker, lambda address: click.echo(f"服务已启动：{address}（按 Ctrl-C 结束）"))


@main.command("worker", help="只运行后台作业（计时、亮灯、通知、连接器）。")
@click.pass_obj
def worker_command(settings: Settings) -> None:
    """Run jobs until Ctrl-C."""
    engine = checked_engine(settings)
    engine.observers.append(logs.observe)
    worker = make_worker(engine, settings)
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    worker.start(settings.worker_seconds)
    click.echo("后台作业已启动（按 Ctrl-C 结束）")
    ended.wait()
    worker.stop()


@main.command("organisation", help="导入组织架构（单位、人员、岗位），格式见 config/example/organisation.toml。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def organisation_command(settings: Settings, file: Path) -> None:
    """Take in units and people."""
    engine = checked_engine(settings)
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        added = engine.run(LoadOrganisation(content), ENGINE)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, EngineError) as refused:
        raise click.ClickException(f"{file}：{refused}") from refused
    click.echo(f"已导入 {len(content.get('unit', ()))} 个单位，新增 {added} 人（尚无密码，由系统管理员设置）。")


@main.group("user", help="人员。")
def user_group() -> None:
    """Group what concerns people."""


@user_group.command("add", help="添加人员，例如：bihuan user add admin 王某 310100 --role sys_admin。")
@click.argument("login")
@click.argument("name")
@click.argument("unit")
@click.option("--role", "roles", multiple=True, help="在该单位的岗位，可重复")
@click.option("--email", default="", help="接收通知的邮箱")
@click.password_option("--password", help="初始密码；首次登录须修改", prompt="初始密码", confirmation_prompt="再次输入")
@click.pass_obj
def user_add(settings: Settings, **given: Any) -> None:
    """Add a person; the first administrator comes into being this way (no set-up page)."""
    command = AddPerson(given["login"], given["name"], given["unit"], given["password"], given["roles"], given["email"])
    checked_engine(settings).run(command, ENGINE)
    click.echo(f"已添加 {command.name}（{command.person_id}）。")
