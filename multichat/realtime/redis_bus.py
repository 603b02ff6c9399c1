"""The bus on Redis pub/sub: one thread that speaks, one that listens.

redis-py would subscribe again by itself after a lost connection and say nothing of what it missed, so the listener
holds its connection itself: it asks the hub to compare after each subscription that Redis confirms.
"""

import logging
import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

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
        self._listener: BusListener | None = None
        self._closed = False
        # What the speaker has to say. Handlers take this lock, so nobody holds it while Redis is waited for.
        self._work = threading.Condition()
        self._frames: deque[Frame] = deque()
        self._changed: set[str] = set()
        self._speaker_runs = False
        # The listener's connection, which it reads and the speaker writes to. Theirs alone.
        self._lock = threading.Lock()
        self._subscriber: AbstractConnection | None = None

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        threading.Thread(target=self._listen, daemon=True, name="bus-listener").start()

    def publish(self, frame: Frame) -> None:
        with self._work:
            fits = len(self._frames) < QUEUE_LIMIT_FRAMES
            if fits:
                self._frames.append(frame)
                self._wake_speaker()
        if not fits:
            logger.warning("The bus is too slow: a frame for %s is left to repair", frame.topic)
            self._lost(frame)

    def follow(self, topics: Collection[str]) -> None:
        with self._work:
            self._changed.update(topics)
            self._wake_speaker()

    def ping(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def close(self) -> None:
        with self._work:
            self._work.wait_for(lambda: not self._frames, CLOSE_SECONDS)
            self._closed = True
            self._work.notify_all()
        with self._lock:
            self._hang_up()
        self._client.close()

    # The speaker

    def _wake_speaker(self) -> None:
        if not self._speaker_runs:
            self._speaker_runs = True
            threading.Thread(target=self._speak, daemon=True, name="bus-speaker").start()
        self._work.notify_all()

    def _speak(self) -> None:
        while True:
            with self._work:
                self._work.wait_for(lambda: self._frames or self._changed or self._closed)
                if self._closed:
                    return
                topics, self._changed = self._changed, set()
                frame = self._frames[0] if self._frames else None
            try:
                if topics:
                    self._tell(topics)
                if frame is not None:
                    self._publish(frame)
            except redis.RedisError:
                pass  # the listener notices, and subscribes to everything when it is back
            except Exception:
                logger.exception("The speaker failed and goes on; what was not said is left to repair")
            if frame is not None:
                with self._work:
                    self._frames.popleft()  # not before it is out: close() waits for it
                    self._work.notify_all()

    def _tell(self, topics: set[str]) -> None:
        with self._lock:
            if self._subscriber is None or self._listener is None:
                return  # the listener subscribes to everything when it is back
            wanted = topics.intersection(self._listener.topics())
            try:
                for command, channels in (("SUBSCRIBE", wanted), ("UNSUBSCRIBE", topics - wanted)):
                    if channels:
                        names = [self._prefix() + topic for topic in channels]
                        self._subscriber.send_command(command, *names, check_health=False)
            except BaseException:
                self._hang_up()
                raise

    def _publish(self, frame: Frame) -> None:
        try:
            if self._breaker.allows():
                self._client.publish(self._prefix() + frame.topic, pack(frame, self._origin))
                self._breaker.succeeded()
                return
        except redis.RedisError as error:
            if self._breaker.failed():
                logger.warning("The bus is away, messages reach other workers by repair: %s", error)
        self._lost(frame)

    def _lost(self, frame: Frame) -> None:
        if self._listener is not None:
            self._listener.lost(frame.topic)

    # The listener

    def _listen(self) -> None:
        tried = False
        while not self._closed:
            try:
                self._listen_once()
            except (redis.RedisError, OSError) as error:
                if self.connected or not tried:
                    logger.warning("The bus is away, messages from other workers come by repair: %s", error)
            except Exception:
                logger.exception("The bus listener failed and begins again")
            tried = True
            with self._lock:
                self.connected = False
                self._hang_up()
            time.sleep(random.uniform(RETURN_SECONDS / 2, RETURN_SECONDS))

    def _listen_once(self) -> None:
        assert self._listener is not None
        prefix = self._prefix()
        pool = self._client.connection_pool
        subscriber = pool.connection_class(**pool.connection_kwargs)
        subscriber.connect()
        with self._lock:
            self._subscriber = subscriber
            # Asked for inside the lock: a topic is either in this list or told by `_tell` after it.
            names = [prefix + topic for topic in self._listener.topics()]
            subscriber.send_command("SUBSCRIBE", *names, check_health=False)
        asked = False
        while not self._closed:
            try:
                reply = _read(subscriber)
            except redis.TimeoutError:
                if asked:
                    raise
                asked = True
                with self._lock:
                    if self._subscriber is subscriber:
                        subscriber.send_command("PING", check_health=False)
                continue
            asked = False
            if not self.connected:
                self.connected = True
                logger.info("The bus is there")
            match reply:
                case [b"message", _, payload]:
                    self._receive(payload)
                case [b"subscribe", channel, _]:
                    self._listener.subscribed(channel.decode().removeprefix(prefix))

    def _receive(self, payload: bytes) -> None:
        assert self._listener is not None
        try:
            origin, frame = unpack(payload)
        except ValueError:
            logger.warning("The bus brought something that is no frame of ours")
        else:
            if origin != self._origin:
                self._listener.receive(frame)

    def _hang_up(self) -> None:
        """Inside the lock. Nothing is sent on this connection any more: redis-py would open it again, subscribed to
        nothing, and say nothing of it."""
        if self._subscriber is not None:
            self._subscriber.disconnect()
            self._subscriber = None


def _read(subscriber: AbstractConnection) -> Any:
    try:
        return subscriber.read_response(timeout=LISTEN_SECONDS, disconnect_on_error=False)
    except (ValueError, AttributeError) as error:
        # What redis-py's parser stumbles over when the speaker has hung up under it.
        raise redis.ConnectionError("the connection was closed") from error
