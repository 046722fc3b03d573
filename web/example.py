"""The example bureau: prepared once, told about at each start. People and matters are invented."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.settings import Settings
from engine.actor import ENGINE
from engine.clock import Clock, FrozenClock
from engine.command import Context
from engine.commands.deployments import Deploy
from engine.engine import Engine
from engine.migrations import migrate
from engine.queries.people import ListPeople
from engine.worker import Worker
from web.demo import ExampleError, load_example
from web.running import ROOT, build_engine, collect

PASSWORD = "Shili#2026"  # noqa: S105 - the published password of an invented bureau
FOLDER = ROOT / "config" / "example"
_BEFORE = timedelta(days=200)
_MARK = "example-loaded"

__all__ = ["ExampleError", "greet", "prepare"]


@dataclass(frozen=True)
class HasPeople:
    """Whether anybody can log in already."""

    def execute(self, context: Context) -> bool:
        """Look for one person."""
        return bool(ListPeople().execute(context))


def prepare(settings: Settings, clock: Clock) -> None:
    """Create the database, deploy, and load the example with its progress shown; nothing where that was done before.

    What an interrupted start left half done in the embedded database is thrown away first.
    """
    mark = settings.data_dir / _MARK
    if not mark.exists() and not settings.database_url:
        _throw_away(settings)
    engine = build_engine(settings, clock)
    migrate(engine.database)
    if mark.exists() or engine.ask(HasPeople(), ENGINE):
        engine.database.close()
        return
    engine.database.close()
    with _progress() as progress:
        _load(settings, clock.now(), progress)
    mark.write_text("示例数据已装入。\n", encoding="utf-8")


def greet(engine: Engine, settings: Settings) -> None:
    """Print the address and the example accounts."""
    console = Console()
    table = Table(title="示例账号（均为虚构，密码都是 " + PASSWORD + "）", title_justify="left")
    for title in ("账号", "姓名", "单位", "岗位"):
        table.add_column(title)
    for person in engine.ask(ListPeople(), ENGINE):
        table.add_row(person.id, person.name, person.unit_name, "、".join(position.role_name for position in person.positions))
    console.print(table)
    console.print(f"\n闭环已启动：[bold]http://{settings.host}:{settings.port}[/bold]　按 Ctrl-C 停止\n")


def _load(settings: Settings, now: datetime, progress: Progress) -> None:
    clock = FrozenClock(now - _BEFORE)
    engine = build_engine(settings, clock)
    worker = Worker(engine)
    step = progress.add_task("部署流程、表单和配置", total=None)
    engine.run(Deploy(collect(()), "随程序附带"), ENGINE)
    progress.update(step, total=1, completed=1)
    clock.move_to(now)
    step = progress.add_task("装入示例组织和事项", total=None)
    load_example(engine, clock, FOLDER, PASSWORD, worker.tick, _reporter(progress, step))
    progress.update(step, total=1, completed=1)
    engine.database.close()


def _reporter(progress: Progress, step: object) -> Callable[[str], None]:
    return lambda text: progress.update(step, description=text)  # type: ignore[arg-type]


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console())


def _throw_away(settings: Settings) -> None:
    for file in settings.data_dir.glob("bihuan.sqlite3*"):
        Path(file).unlink()
