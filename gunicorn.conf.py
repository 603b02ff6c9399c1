"""gunicorn's settings, the embedded bus, and how a worker stops.

Whatever the master imports stays unpatched by gevent in every worker, so this file imports the standard library
alone. Two modules of ours that keep the same rule are loaded by their paths: a reload, which reads this file again,
reads them again too.
"""

import gc
import importlib.util
import logging
import os
import queue
import resource
import select
import signal
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent

# The whole server must be gone within 5 s of a signal, the bus and what hangs included.
WORKER_STOPS_WITHIN_SECONDS = 3

# A new worker answers after two seconds or so; one that does not within these will not.
WORKER_STARTS_WITHIN_SECONDS = 20

# Each open tab takes one of a gthread worker's threads; they are made as they are needed.
GTHREAD_THREADS = 1000


# What ends a worker: from the master, or from the terminal to all of us.
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def _load(name):
    spec = importlib.util.spec_from_file_location(f"multichat_master_{name}", PROJECT / "multichat" / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


multichat_config = _load("config")
embedded_bus = _load("embedded_bus")

try:
    settings = multichat_config.load(os.environ)
    instance = multichat_config.instance_path(settings)
except multichat_config.SettingsError as error:
    sys.exit(f"multichat: {error}")

bus_binary = None if settings.REDIS_URL else embedded_bus.find_binary()
if not settings.REDIS_URL and bus_binary is None:
    os.environ["REDIS_URL"] = "memory://"  # for the workers; and for this file, when it is read again on SIGHUP
has_bus = settings.REDIS_URL != "memory://" and (settings.REDIS_URL or bus_binary) is not None

soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

chdir = str(PROJECT)
wsgi_app = "wsgi:app"
bind = f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"
workers = settings.WEB_CONCURRENCY if has_bus else 1
worker_class = settings.MULTICHAT_WORKER_CLASS
threads = GTHREAD_THREADS if worker_class == "gthread" else 1
worker_connections = 10_000
graceful_timeout = WORKER_STOPS_WITHIN_SECONDS
preload_app = False
# gevent would keep, for each greenlet, where it was spawned.
os.environ["GEVENT_TRACK_GREENLET_TREE"] = "false"
reload = settings.MULTICHAT_DEV
control_socket_disable = True
# Forwarded headers are believed as MULTICHAT_TRUSTED_PROXIES says, by the application alone.
forwarded_allow_ips = ""
accesslog = "-"
# The rule and not the path, the query or the referrer: those may hold a token.
access_log_format = "%(h)s %(t)s %(m)s %({multichat.route}e)s %(s)s %(B)s %(M)s ms"


def on_starting(server):
    """Have no signal come between a fork and its handlers: the master's, which a worker has at first, pass over it."""
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ENDING),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING),
        after_in_child=_begin,
    )


def _begin():
    for number in ENDING:
        signal.signal(number, _end_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _end_at_once(number, frame):
    """Of a worker that is not ready yet: nothing is begun that had to be ended."""
    os._exit(0)


def when_ready(server):
    """The port is ours, and no worker is started yet."""
    # A Ctrl-C that came while gunicorn was loading has waited for its handlers (multichat/serve.py).
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    server.log.info("Open files: at most %s (the soft limit was %s)", hard_limit, soft_limit)
    if bus_binary is not None:
        socket_path = multichat_config.bus_socket_path(instance)
        server.embedded_bus = embedded_bus.EmbeddedBus(bus_binary, instance, socket_path, server.log.error_log)
        try:
            server.embedded_bus.start()
        except embedded_bus.AlreadyRunning as error:
            sys.exit(f"multichat: {error}")
    elif not has_bus:
        server.log.warning("No bus, of REDIS_URL or to embed (valkey-server, redis-server): one worker alone")


# Of a reload that is under way: the pipe's end that waits for the new workers, and the one that each writes to when it
# is ready.
ready = said_ready = None


def on_reload(server):
    """Let the old workers go when the new ones answer: in between nobody would, and all pages would come at once."""
    global ready, said_ready
    ready, said_ready = os.pipe()
    # More than there will be, so that gunicorn stops none yet.
    server.num_workers += server.cfg.workers
    server.newest_reload = object()
    threading.Thread(target=_let_go_of_the_old, args=(server, server.newest_reload), daemon=True).start()


def _let_go_of_the_old(server, reload):
    global said_ready
    deadline = time.monotonic() + WORKER_STARTS_WITHIN_SECONDS
    missing = server.cfg.workers
    while missing > 0 and select.select([ready], [], [], max(0.0, deadline - time.monotonic()))[0]:
        missing -= len(os.read(ready, missing))
    written, said_ready = said_ready, None
    os.close(written)
    os.close(ready)
    # Unless it has been told to reload again meanwhile.
    if server.newest_reload is reload:
        server.num_workers = server.cfg.workers


def on_exit(server):
    # An attribute of the server, since SIGHUP reads this file again and its globals are new then.
    if hasattr(server, "embedded_bus"):
        server.embedded_bus.stop()


def worker_exit(server, worker):
    if hasattr(worker, "wsgi"):
        from multichat import database

        database.close(worker.wsgi)


def post_fork(server, worker):
    logging.getLogger("gunicorn.error").addFilter(_without_path)
    # What the application says goes where gunicorn's own lines go.
    ours = logging.getLogger("multichat")
    ours.setLevel(logging.INFO)
    ours.handlers = worker.log.error_log.handlers
    ours.propagate = False
    embedded_bus.end_with_parent(worker.ppid, signal.SIGTERM)
    # A fifth of the time in which the application is loaded would go into looking through what stays (see below).
    gc.disable()
    # gevent's handlers would wait for the application to be loaded, or for themselves, until the master lost patience.
    worker.handle_quit = worker.handle_exit = _end_at_once


def post_worker_init(worker):
    """Have every way to stop close the sockets with 1012 first, so that the pages come back by themselves."""
    # What is loaded by now stays: looking through it took the collector 0.1 to 0.6 s, as soon as a crowd had come.
    gc.collect()
    gc.freeze()
    gc.enable()
    worker.log.info("Worker ready (pid: %s)", worker.pid)
    if said_ready is not None:
        os.write(said_ready, b".")
        os.close(said_ready)
        os.close(ready)
    # The thread waits from now on: gevent cannot start one in a signal handler, and a lock may be held there.
    asked = queue.SimpleQueue()
    threading.Thread(target=_drain_when_asked, args=(worker, asked), name="drain", daemon=True).start()
    del worker.handle_quit, worker.handle_exit
    end_gracefully = worker.handle_exit

    def stop(number, frame):
        # Ctrl-C reaches a worker twice, as its own SIGINT and as the master's SIGQUIT.
        asked.put(None)
        # A worker that hangs ends all the same: on a reload, or without its master, nobody else would see to it.
        # Once: the master repeats its signal every second, and would put it off each time.
        if signal.getitimer(signal.ITIMER_REAL)[0] == 0:
            signal.alarm(WORKER_STOPS_WITHIN_SECONDS + 1)
        end_gracefully(number, frame)

    for number in ENDING:
        signal.signal(number, stop)


def _drain_when_asked(worker, asked):
    asked.get()
    worker.wsgi.extensions["realtime"].drain()


def _without_path(record):
    """gunicorn writes the request's path when it cannot answer; there may be a token in it."""
    if record.msg.startswith("Error handling request %s"):
        record.msg, record.args = "Error handling request", ()
    elif record.msg.startswith("Invalid request from ip="):
        record.msg = record.msg.partition(":")[0]
    return True
