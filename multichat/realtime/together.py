"""Many questions, one answer's wait: what is asked while somebody waits for an answer is asked together afterwards."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Asks at most `limit` questions at a time, in their order. When a thousand come at once, few ways serve them all.

    `ask` gives an answer for each; what it raises, everybody who asked gets.
    """

    def __init__(self, ask: Callable[[Sequence[Q]], Sequence[A]], limit: int) -> None:
        self._ask = ask
        self._limit = limit
        self._waiting: deque[_Asked[Q, A]] = deque()
        self._turn = threading.Lock()

    def __call__(self, question: Q) -> A:
        mine = _Asked[Q, A](question)
        self._waiting.append(mine)
        while not mine.answers and mine.failure is None:
            with self._turn:  # whoever gets it asks for those who wait for it
                asked = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
                try:
                    answers = self._ask([one.question for one in asked]) if asked else []
                except Exception as failure:
                    for one in asked:
                        one.failure = failure
                except BaseException:
                    # Whoever asked is ended, and the others ask for themselves.
                    self._waiting.extendleft(one for one in reversed(asked) if one is not mine)
                    raise
                else:
                    for one, answer in zip(asked, answers, strict=True):
                        one.answers.append(answer)
        if mine.failure is not None:
            raise mine.failure
        return mine.answers[0]


class _Asked(Generic[Q, A]):
    def __init__(self, question: Q) -> None:
        self.question = question
        self.answers: list[A] = []
        self.failure: Exception | None = None
