"""CPU-bound work, off the socket loop.

Under the gevent worker one thread serves every socket: 30 ms of argon2 would hold them all for as long. There the work
goes to the hub's pool of native threads; elsewhere each request has a thread of its own and a plain call is right.
"""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def offload(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function where it stalls nobody, and wait for its result. It may touch nothing of gevent's or ours."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    from gevent import get_hub

    result: T = get_hub().threadpool.apply(function, args, kwargs)
    return result
