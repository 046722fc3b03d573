"""`bihuan verify`, `backup` and `restore`: is what is kept whole, and can it be kept twice."""

import shutil
import sys
from pathlib import Path

import click

from config.settings import Settings
from engine.backups import make_backup, put_back
from engine.clock import SystemClock
from engine.engine import Engine
from engine.queries.attachments import ListKeptContent
from engine.queries.chains import ListBrokenChains
from engine.queries.invariants import ListViolations
from web.assembly import make_engine
from web.serving import checked_engine

# What the data directory holds besides database and attachments.
_KEYS = ("secret_key",)


@click.command("verify", help="核对数据库：事项、任务、作业互相一致，办理记录的哈希链和锚点完整，附件内容完好。")
@click.option("--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="库外保存的锚点文件")
@click.option("--files/--no-files", default=True, help="是否核对附件内容")
@click.pass_obj
def verify(settings: Settings, anchors: Path | None, *, files: bool) -> None:
    """Tell what contradicts what; ends with status 1 where anything does."""
    engine = _open(settings)
    kept = anchors or (Path(settings.anchor_file) if settings.anchor_file else None)
    lines = kept.read_text("utf-8").splitlines() if kept is not None and kept.exists() else ()
    found = [f"不一致 {one}" for one in engine.ask(ListViolations())]
    chains = engine.ask(ListBrokenChains(settings.key().encode(), lines))
    found += [f"链中断 {one}" for one in chains.broken]
    found += [f"附件损坏 {one}" for one in (engine.files.damaged(engine.ask(ListKeptContent())) if files else ())]
    for line in found:
        click.echo(line, err=True)
    click.echo(f"核对了 {chains.chains} 条链、{chains.events} 条记录、{chains.anchors} 个锚点：{len(found)} 处问题。")
    sys.exit(1 if found else 0)


@click.command("backup", help="备份到 TARGET（空目录），运行中也可执行：数据库、附件和密钥。")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def backup(settings: Settings, target: Path) -> None:
    """Write everything an installation needs to come back."""
    engine = _open(settings)
    manifest = make_backup(engine.database, engine.files, target, SystemClock().now())
    kept = [settings.data_dir / name for name in _KEYS] + ([Path(settings.anchor_file)] if settings.anchor_file else [])
    for path in kept:
        if path.exists():
            shutil.copy2(path, target / path.name)
    keys = (
        "备份含密钥，请限制访问。"
        if (target / _KEYS[0]).exists()
        else "备份不含密钥：BIHUAN_SECRET_KEY 请另行妥善保存。"
    )
    click.echo(f"已备份到 {target}：数据库和 {manifest['files']} 个附件。{keys}")


@click.command("restore", help="把 SOURCE 中的备份恢复到空的数据目录和空的数据库，然后核对。")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def restore(context: click.Context, source: Path) -> None:
    """Put a backup back and verify it."""
    settings: Settings = context.obj
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for name in _KEYS:
        if (source / name).exists() and not (settings.data_dir / name).exists():
            shutil.copy2(source / name, settings.data_dir / name)
    engine = make_engine(settings)
    context.call_on_close(engine.database.close)
    manifest = put_back(source, engine.database, engine.files)
    click.echo(f"已恢复 {manifest['made_at']} 的备份。")
    context.invoke(verify)


def _open(settings: Settings) -> Engine:
    """Return the engine over a database of this version, whose connections end with the command."""
    engine = checked_engine(settings)
    click.get_current_context().call_on_close(engine.database.close)
    return engine
