"""Questions that are asked while one is under way."""

import threading
from collections.abc import Sequence

import pytest

from multichat.realtime.together import Together
from tests.support.waiting import wait_until


def run_behind_the_first(
    threads: list[threading.Thread],
    together: Together[int, int],
    first_is_asked: threading.Event,
    others_wait: threading.Event,
) -> None:
    """The others ask while the first one's answer is waited for; all of them end."""
    threads[0].start()
    assert first_is_asked.wait(5)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(together._waiting) == len(threads) - 1)
    others_wait.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize(("limit", "sizes"), [(10, [1, 4]), (3, [1, 3, 1])])
def test_whoever_waits_is_asked_for_together_and_has_their_own_answer(limit: int, sizes: list[int]) -> None:
    asked: list[Sequence[int]] = []
    answers: dict[int, int] = {}
    first_is_asked, others_wait = threading.Event(), threading.Event()

    def double(questions: Sequence[int]) -> list[int]:
        asked.append(questions)
        first_is_asked.set()
        assert others_wait.wait(5)
        return [2 * question for question in questions]

    together = Together(double, limit)
    threads = [threading.Thread(target=lambda q=q: answers.update({q: together(q)})) for q in range(5)]
    run_behind_the_first(threads, together, first_is_asked, others_wait)
    assert answers == {question: 2 * question for question in range(5)}
    assert [len(questions) for questions in asked] == sizes


def test_a_failure_is_everybodys_who_asked_and_nobody_elses_afterwards() -> None:
    answers: list[list[str]] = [["one"], ["two"]]

    def ask(_: Sequence[int]) -> list[str]:
        if not answers:
            raise LookupError
        return answers.pop(0)

    together = Together(ask, 10)
    assert together(1) == "one"
    assert together(2) == "two"
    with pytest.raises(LookupError):
        together(3)
    answers.append(["four"])
    assert together(4) == "four"


def test_who_is_killed_while_asking_takes_nobody_along() -> None:
    asked: list[Sequence[int]] = []
    first_is_asked, others_wait = threading.Event(), threading.Event()
    answers: dict[int, int] = {}
    ended: list[SystemExit] = []

    def double(questions: Sequence[int]) -> list[int]:
        asked.append(questions)
        first_is_asked.set()
        assert others_wait.wait(5)
        if len(asked) == 2:
            raise SystemExit
        return [2 * question for question in questions]

    together = Together(double, 10)

    def ask(question: int) -> None:
        try:
            answers[question] = together(question)
        except SystemExit as end:
            ended.append(end)

    threads = [threading.Thread(target=ask, args=(question,), daemon=True) for question in range(4)]
    run_behind_the_first(threads, together, first_is_asked, others_wait)
    assert len(ended) == 1
    assert len(answers) == 3
    assert all(answer == 2 * question for question, answer in answers.items())
