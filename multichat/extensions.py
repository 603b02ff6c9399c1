"""Flask's extensions, created unbound; `create_app` binds them."""

from typing import cast

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sock import Sock
from flask_wtf import CSRFProtect
from werkzeug.local import LocalProxy

from multichat.realtime import Realtime

login_manager = LoginManager()
sock = Sock()
csrf = CSRFProtect()
# Redis counts while it is there, each worker's memory while it is not: never off, never an error.
limiter = Limiter(get_remote_address, strategy="moving-window", in_memory_fallback_enabled=True)
# One an app, not one a process: two apps in a test are two workers.
realtime = cast(Realtime, LocalProxy(lambda: current_app.extensions["realtime"]))
