"""`bihuan demo`: an invented bureau with example matters, made by the engine's own commands, and served to look at."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from config.settings import Settings
from engine.actor import ENGINE
from engine.clock import FrozenClock, SystemClock
from engine.commands.deployments import Deploy
from engine.engine import Engine
from engine.errors import InvalidDefinitionError
from engine.migrations import migrate
from web.assembly import EXAMPLE, ROOT, definition_files, make_engine, make_worker
from web.demo import ExampleError, load_matters, load_organisation
from web.serving import serve, tell

EXAMPLE_PASSWORD = "Bihuan-2026"  # noqa: S105 - an invented bureau; the page says so
_SHOWN_ROLES = (
    "squad_officer", "squad_leader", "dist_intake", "dist_handler", "dist_supervisor", "dist_legal", "dist_leader",
    "city_handler", "process_admin", "sys_admin",
)  # fmt: skip
# The organisation exists some days before the first example matter.
_BEFORE = timedelta(days=7)


@click.group("demo", help="示例数据：单位、人员、事项均为虚构。")
def demo() -> None:
    """Group what concerns the example."""


@demo.command("load", help="建库、部署全部流程，载入示例组织和示例事项。")
@click.pass_obj
def load_command(settings: Settings) -> None:
    """Make the example."""
    _prepare(replace(settings, example=True))


@demo.command("run", help="载入示例（第一次运行时），然后启动网页服务和后台作业。")
@click.pass_obj
def run_command(settings: Settings) -> None:
    """Make the example at the first run, then serve it."""
    example = replace(settings, example=True)
    _prepare(example)
    engine = make_engine(example)
    worker = make_worker(engine, example)
    serve(engine, example, (example.host, example.port), worker, _greet)


def _prepare(settings: Settings) -> None:
    """Bring the example's database to where it can be used; what is there already stays."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock = FrozenClock(SystemClock().now())
    engine = make_engine(settings, clock)
    done, begun = settings.data_dir / "example.done", settings.data_dir / "example.begun"
    if begun.exists() and not done.exists():
        raise click.ClickException("上一次载入示例没有完成。请先运行 make reset（清空示例），再重新运行。")
    try:
        migrate(engine.database)
        _deploy(engine, settings, clock, first=not done.exists())
        if not done.exists():
            begun.touch()
            _fill(engine, settings, clock)
            done.touch()
    except InvalidDefinitionError as refused:
        tell(refused.problems)
        raise click.ClickException("流程文件未通过检查，没有部署。") from refused
    except ExampleError as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        engine.database.close()


def _deploy(engine: Engine, settings: Settings, clock: FrozenClock, *, first: bool) -> None:
    """Deploy what came with the program unless it is what was deployed last time."""
    files = definition_files()
    digest = sha256(b"\0".join(part for file in files for part in (file.path.encode(), file.content))).hexdigest()
    stamp = settings.data_dir / "example.deployed"
    if stamp.exists() and stamp.read_text("ascii") == digest:
        return
    click.echo(f"部署流程、决策、表单和配置（{len(files)} 个文件）……")
    present = clock.now()
    if first:
        clock.move_to(present - _age())
    engine.run(Deploy(files, "示例"), ENGINE)
    clock.move_to(present)
    stamp.write_text(digest, "ascii")


def _fill(engine: Engine, settings: Settings, clock: FrozenClock) -> None:
    """Load the organisation as of before the first matter, then let the matters happen."""
    present = clock.now()
    clock.move_to(present - _age())
    people = load_organisation(engine, ROOT / EXAMPLE, EXAMPLE_PASSWORD)
    click.echo(f"载入示例组织：{people} 人")
    clock.move_to(present)
    worker = make_worker(engine, settings)
    made = load_matters(engine, clock, ROOT / EXAMPLE, worker.tick, _progress())
    click.echo(f"\r载入示例事项：{made} 件".ljust(60))


def _age() -> timedelta:
    """Return how long ago the example begins."""
    content = tomllib.loads((ROOT / EXAMPLE / "matters.toml").read_text("utf-8"))
    return timedelta(days=max((script["days_ago"] for script in content["matter"]), default=0)) + _BEFORE


def _progress() -> Callable[[str], None]:
    """Return what shows each step on one line of a terminal, or one per line elsewhere."""
    terminal = click.get_text_stream("stdout").isatty()
    return lambda text: click.echo(f"\r{text[:40].ljust(44)}" if terminal else text, nl=not terminal)


def _greet(address: str) -> None:
    """Print the address and some accounts, one for each kind of work."""
    click.echo(f"\n示例已就绪：{address}\n密码均为 {EXAMPLE_PASSWORD}，可用以下账号登录（均为虚构人员）：")
    for login, name, place in _accounts(ROOT / EXAMPLE):
        click.echo(f"  {login:<14}{name}  {place}")
    click.echo("全部账号见 config/example/organisation.toml。按 Ctrl-C 结束。")


def _accounts(folder: Path) -> list[tuple[str, str, str]]:
    """Return login, name and place of the first holder of each of the roles shown."""
    content: dict[str, Any] = tomllib.loads((folder / "organisation.toml").read_text("utf-8"))
    roles = {
        row["id"]: row["name"] for row in tomllib.loads((ROOT / "config" / "roles.toml").read_text("utf-8"))["role"]
    }
    units = {row["code"]: row["short_name"] for row in content["unit"]}
    holders = ((role, one) for role in _SHOWN_ROLES for one in content["person"] if role in one.get("roles", ()))
    first: dict[str, dict[str, Any]] = {}
    for role, one in holders:
        first.setdefault(role, one)
    return [(one["id"], one["name"], f"{units[one['unit']]} {roles.get(role, role)}") for role, one in first.items()]
