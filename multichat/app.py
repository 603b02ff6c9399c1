"""The application: settings, extensions, features."""

import os
from dataclasses import asdict
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from multichat import (
    accounts,
    activity,
    admin,
    assets,
    cli,
    config,
    database,
    errors,
    fanout,
    fragments,
    health,
    messages,
    request_log,
    rooms,
    security,
    sockets,
)
from multichat.extensions import csrf, limiter, sock
from multichat.models.sign_in import LASTS

# Redis answers at once or the workers' memory counts.
LIMITER_TIMEOUTS = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application for these settings, or for the environment's. Raises `config.SettingsError`."""
    settings = settings or config.load(os.environ)
    app = Flask(
        "multichat",
        root_path=str(config.PROJECT),
        instance_path=str(config.instance_path(settings).resolve()),
        static_folder=None,  # `assets` serves it
    )
    app.jinja_environment = fragments.Templates
    app.config.from_mapping(_flask_config(settings))
    if settings.MULTICHAT_TRUSTED_PROXIES:
        hops = settings.MULTICHAT_TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    request_log.init_app(app)
    database.init_app(app)
    for extension in (sock, csrf, limiter):
        extension.init_app(app)
    for part in (
        assets,
        fragments,
        security,
        errors,
        health,
        accounts,
        rooms,
        messages,
        activity,
        fanout,
        sockets,
        admin,
        cli,
    ):
        part.init_app(app)
    return app


def _flask_config(settings: config.Settings) -> dict[str, Any]:
    """Our settings under their own names, and what Flask and its extensions make of them."""
    database_url, bus_url = config.database_url(settings), config.bus_url(settings)
    https = (settings.MULTICHAT_PUBLIC_URL or "").startswith("https:")
    return {
        **asdict(settings),
        "SECRET_KEY": config.secret_key(settings),
        "MULTICHAT_BUS_URL": bus_url,
        "MULTICHAT_ADDRESS": config.kept_address(settings),
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(database_url),
        "SESSION_COOKIE_NAME": "multichat",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "PERMANENT_SESSION_LIFETIME": LASTS,
        # The largest body is a message's: 8,000 characters, each at most 12 bytes once a form has quoted it.
        "MAX_CONTENT_LENGTH": 256 * 1024,
        # A page is open all day: its token is as good as the session that it belongs to.
        "WTF_CSRF_TIME_LIMIT": None,
        # Over https it would also ask for a Referer, which some people's browsers keep to themselves.
        "WTF_CSRF_SSL_STRICT": False,
        "TEMPLATES_AUTO_RELOAD": settings.MULTICHAT_DEV,
        "RATELIMIT_STORAGE_URI": bus_url.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_STORAGE_OPTIONS": {} if bus_url == "memory://" else LIMITER_TIMEOUTS,
    }
