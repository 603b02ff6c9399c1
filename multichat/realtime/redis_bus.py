"""The bus on Redis pub/sub: one thread that publishes, one that listens.

redis-py would subscribe again by itself after a lost connection and say nothing of what it missed, so the listener
holds its connection itself: it asks the hub to compare after each subscription that Redis confirms.
"""

import logging
import queue
import random
import threading
import time
import uuid
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.retry import Retry

from multichat.realtime.breaker import Breaker
from multichat.realtime.bus import BusListener
from multichat.realtime.frame import Frame, pack, unpack

# Redis answers within a millisecond or is in trouble; nobody waits longer for it.
CALL_SECONDS = 0.25
# Frames that wait to be published; beyond them frames are dropped, and the other workers repair within a second.
QUEUE_LIMIT_FRAMES = 1000
# A listener that hears nothing asks whether anybody is there, and believes in silence only this long.
LISTEN_SECONDS = 5.0
RETURN_SECONDS = 0.5
CLOSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


def connect(url: str) -> redis.Redis:
    """A client whose calls end within `CALL_SECONDS` and are not tried again behind our back."""
    return redis.Redis.from_url(
        url,
        socket_timeout=CALL_SECONDS,
        socket_connect_timeout=CALL_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


class RedisBus:
    """Carries frames between workers through Redis.

    `prefix` begins every channel: pub/sub ignores Redis's database number, and two installations may share a Redis. It
    is asked for once, in the bus's own threads, since it comes from the database.
    """

    def __init__(self, client: redis.Redis, prefix: Callable[[], str]) -> None:
        self.connected = False
        self._client = client
        self._prefix = prefix
        self._origin = uuid.uuid4().hex
        self._breaker = Breaker()
        self._queue: queue.Queue[Frame] = queue.Queue(QUEUE_LIMIT_FRAMES)
        self._publisher_runs = False
        self._listener: BusListener | None = None
        self._lock = threading.Lock()
        self._subscriber: AbstractConnection | None = None
        self._closed = False

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        threading.Thread(target=self._listen, daemon=True, name="bus-listener").start()

    def publish(self, frame: Frame) -> None:
        with self._lock:
            if not self._publisher_runs:
                self._publisher_runs = True
                threading.Thread(target=self._publish, daemon=True, name="bus-publisher").start()
        try:
            self._queue.put_nowait(frame)
        except queue.Full:
            logger.warning("The bus is too slow: a frame for %s is left to repair", frame.topic)

    def subscribe(self, topic: str) -> None:
        self._tell("SUBSCRIBE", topic)

    def unsubscribe(self, topic: str) -> None:
        self._tell("UNSUBSCRIBE", topic)

    def ping(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def close(self) -> None:
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._queue.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.005)
        self._closed = True
        with self._lock:
            if self._subscriber is not None:
                self._subscriber.disconnect()
        self._client.close()

    def _publish(self) -> None:
        while not self._closed:
            frame = self._queue.get()
            try:
                if self._breaker.allows():
                    self._client.publish(self._prefix() + frame.topic, pack(frame, self._origin))
                    self._breaker.succeeded()
            except redis.RedisError as error:
                if self._breaker.failed():
                    logger.warning("The bus is away, messages reach other workers by repair: %s", error)
            except Exception:
                logger.exception("A frame for %s could not be published, and is left to repair", frame.topic)
            finally:
                self._queue.task_done()

    def _tell(self, command: str, topic: str) -> None:
        with self._lock:
            if self._subscriber is None:
                return  # the listener subscribes to all topics when it is back
            try:
                self._subscriber.send_command(command, self._prefix() + topic, check_health=False)
            except redis.RedisError:
                self._subscriber.disconnect()  # the listener notices

    def _listen(self) -> None:
        while not self._closed:
            try:
                self._listen_once()
            except (redis.RedisError, OSError, ValueError) as error:
                if self.connected:
                    logger.warning("The bus is away, messages from other workers come by repair: %s", error)
            except Exception:
                logger.exception("The bus listener failed and begins again")
            with self._lock:
                self.connected = False
                if self._subscriber is not None:
                    self._subscriber.disconnect()
                self._subscriber = None
            time.sleep(random.uniform(RETURN_SECONDS / 2, RETURN_SECONDS))

    def _listen_once(self) -> None:
        assert self._listener is not None
        prefix = self._prefix()
        pool = self._client.connection_pool
        subscriber = pool.connection_class(**pool.connection_kwargs)
        subscriber.connect()
        with self._lock:
            # Asked for inside the lock: a topic is either in this list or told by `_tell` after it.
            topics = self._listener.topics()
            subscriber.send_command("SUBSCRIBE", *(prefix + topic for topic in topics), check_health=False)
            self._subscriber = subscriber
        asked = False
        while not self._closed:
            try:
                reply = subscriber.read_response(timeout=LISTEN_SECONDS, disconnect_on_error=False)
            except redis.TimeoutError:
                if asked:
                    raise
                asked = True
                with self._lock:
                    subscriber.send_command("PING", check_health=False)
                continue
            asked = False
            if not self.connected:
                self.connected = True
                logger.info("The bus is there")
            match reply:
                case [b"message", _, payload]:
                    origin, frame = unpack(payload)
                    if origin != self._origin:
                        self._listener.receive(frame)
                case [b"subscribe", channel, _]:
                    self._listener.subscribed(channel.decode().removeprefix(prefix))
