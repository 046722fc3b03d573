"""The Flask shell: requests become commands and queries, answers become Chinese pages."""

import hashlib
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from engine.engine import Engine
from web import (
    account,
    attachments,
    auth,
    changes,
    definitions,
    deploy_tokens,
    draft_files,
    errors,
    filling,
    filters,
    frame,
    ledgers,
    logs,
    matters,
    metrics,
    migrations,
    modeler,
    notices,
    operations,
    play,
    reports,
    security,
    start,
    tasks,
    worklist,
)
from web.asking import one_view, present

PRODUCT_NAME = "闭环"
_BLUEPRINTS = (
    account, worklist, tasks, matters, start, ledgers, attachments, notices, definitions, draft_files, changes,
    migrations, play, operations, reports, modeler, deploy_tokens, metrics,
)  # fmt: skip
_YEAR = 365 * 24 * 3600
_ADDRESSES = 4096
_PLAIN = frozenset({str, int, type(None)})


class Application(Flask):
    """Flask, with every page that is read answered from one view of the database, at one instant."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Open the view around the page of whoever is logged in; what is posted only learns the instant."""
        if g.get("actor") is None:
            return super().dispatch_request()
        if request.method in {"GET", "HEAD"}:
            with one_view():
                return super().dispatch_request()
        if "now" not in g:  # the session was found at one, if there is a session
            g.now, _ = present()
        return super().dispatch_request()

    def url_for(self, endpoint: str, **values: Any) -> str:
        """Return the address of an endpoint; the pages of many people name the same ones, which are made once."""
        if all(name[0] != "_" and type(value) in _PLAIN for name, value in values.items()):
            return self._addresses(request.script_root, endpoint, **values)
        return super().url_for(endpoint, **values)

    @cached_property
    def _addresses(self) -> Callable[..., str]:
        make = super().url_for
        return lru_cache(_ADDRESSES)(lambda _root, endpoint, **values: make(endpoint, **values))


def create_app(engine: Engine, settings: Settings) -> Flask:
    """Return the WSGI application over an engine."""
    app = Application(__name__, static_folder="static", static_url_path="/static")
    app.extensions["bihuan"] = engine
    app.config.update(EXAMPLE=settings.example, SEND_FILE_MAX_AGE_DEFAULT=_YEAR)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=_asset, bureau_name=settings.bureau_name, product_name=PRODUCT_NAME)
    logs.register(app, engine)
    metrics.register(app, engine, settings)
    security.register(app, settings)
    frame.register(app)
    auth.register(app, engine, secure=settings.secure_cookies)
    errors.register(app)
    filters.register(app)
    filling.register(app)
    for module in _BLUEPRINTS:
        app.register_blueprint(module.bp)
    play.register(app, settings, create_app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _asset(name: str) -> str:
    """Return the address of a static file with its content's hash, so that browsers may keep it for ever."""
    path = Path(__file__).parent / "static" / name
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        stamp = 0
    return f"{request.script_root}/static/{name}?v={_fingerprint(path, stamp)}"


@lru_cache(maxsize=256)
def _fingerprint(path: Path, stamp: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if stamp else "none"
