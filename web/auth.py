"""Who is asking: the session's cookie becomes an Actor, at every request anew."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.actor import ENGINE, Actor
from engine.commands.sessions import LoggedIn, LogIn, LogOut, TouchSession
from engine.errors import UnavailableError
from engine.queries.sessions import FindPersonAsActor, FindSession, TryPassword

# `__Host-` binds the cookie to this host over TLS; without TLS (a trial on one's own machine) browsers refuse it.
SECURE_COOKIE, PLAIN_COOKIE = "__Host-bihuan", "bihuan"
_OPEN = frozenset({"static", "account.login", "account.health", "account.help"})
# Whom one acts as in a trial, in the environment of a request.
TRIED = "bihuan.person"
_WHILE_PASSWORD_DUE = frozenset({"account.password", "account.logout"})


class Asks(Protocol):
    """The public face of the engine, as far as this module needs it."""

    def run(self, command: Any, actor: Actor) -> Any:
        """Run a command."""
        ...

    def ask(self, query: Any, actor: Actor = ENGINE) -> Any:
        """Ask a query."""
        ...


def register(app: Flask, engine: Asks, *, secure: bool) -> None:
    """Load the actor before each request; whoever is not logged in goes to the login page.

    Endpoints open to all: `static`, `account.login`, `account.health`, and those marked with `open_to_all`. While a
    password must be changed only `account.password` and `account.logout` answer.
    """
    app.config["AUTH_ENGINE"], app.config["AUTH_COOKIE"] = engine, SECURE_COOKIE if secure else PLAIN_COOKIE
    app.before_request(_load_actor)


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers without a login."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def current_actor() -> Actor:
    """Return the actor of this request; 401 without one."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        abort(401)
    return actor


def requires_role(*roles: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view answer only to people with one of these roles; to all others it does not exist (404)."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            if current_actor().roles.isdisjoint(roles):
                abort(404)
            return view(*args, **values)

        return guarded

    return wrap


def log_in(login: str, password: str) -> LoggedIn:
    """Try to log in; the session presented with the request ends, so that a planted one is of no use (rotation)."""
    engine: Asks = current_app.config["AUTH_ENGINE"]
    tried = engine.ask(TryPassword(login, password), ENGINE)
    made: LoggedIn = engine.run(LogIn(login, password, client_ip(), request.user_agent.string, tried), ENGINE)
    old = session_token()
    if made.token is not None and old:
        engine.run(LogOut(old), ENGINE)
    return made


def log_out() -> None:
    """End the session of this request."""
    token = session_token()
    if token:
        engine: Asks = current_app.config["AUTH_ENGINE"]
        engine.run(LogOut(token), g.get("actor") or ENGINE)


def keep_cookie(response: Response | AnyResponse, token: str) -> None:
    """Put the token into the cookie: for the browser's session only, out of reach of scripts."""
    name = current_app.config["AUTH_COOKIE"]
    response.set_cookie(name, token, httponly=True, samesite="Lax", secure=name == SECURE_COOKIE, path="/")


def drop_cookie(response: Response | AnyResponse) -> None:
    """Remove the cookie."""
    name = current_app.config["AUTH_COOKIE"]
    response.delete_cookie(name, httponly=True, samesite="Lax", secure=name == SECURE_COOKIE, path="/")


def session_token() -> str:
    """Return the token of this request's cookie, or an empty text."""
    return request.cookies.get(current_app.config["AUTH_COOKIE"], "")[:200]


def client_ip() -> str:
    """Return the caller's address; behind proxies that are trusted, ProxyFix has put it there."""
    return (request.remote_addr or "")[:64]


def local_target(target: str | None, default: str) -> str:
    """Return where to go after login if it lies on this site, else `default` (security S21)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(letter in target for letter in "\\\t\r\n") or not target.isprintable():
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def _load_actor() -> AnyResponse | None:
    """Set `g.actor`, or send to the login page."""
    g.actor = None
    if request.endpoint in {"static", "account.health"}:
        return None
    engine: Asks = current_app.config["AUTH_ENGINE"]
    if TRIED in request.environ:  # set by web/play.py only: no header of a request can
        g.actor = engine.ask(FindPersonAsActor(request.environ[TRIED]))
        return _turned_away()
    token = session_token()
    found = engine.ask(FindSession(token, client_ip())) if token else None
    if found is not None:
        g.actor, g.now = found.actor, found.now
        if found.touch_due:
            with suppress(UnavailableError):  # a full disk must not keep people from reading
                engine.run(TouchSession(token), found.actor)
    return _turned_away()


def _turned_away() -> AnyResponse | None:
    """Return where to send whoever may not go on; None for those who may."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint in _OPEN or getattr(view, "open_to_all", False) or request.endpoint is None:
        return None
    if g.actor is None:
        if request.method not in {"GET", "HEAD"} or request.accept_mimetypes.best == "application/json":
            abort(401)
        return redirect(url_for("account.login", next=request.full_path.rstrip("?")))
    if g.actor.must_change_password and request.endpoint not in _WHILE_PASSWORD_DUE:
        return redirect(url_for("account.password"))
    return None
