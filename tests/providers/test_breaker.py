"""The breaker: opens after failures in a row, and lets one call try after a pause."""

import pytest
from prometheus_client import REGISTRY

from providers.breaker import Breaker
from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown

CALLS: dict[str, type[ProviderError]] = {"n": NotSent, "u": Unknown, "f": Failed, "r": Refused}


class Line:
    """A provider on the other side of a breaker, and a clock."""

    def __init__(self, failures: int = 3) -> None:
        self.now, self.calls = 100.0, 0
        self.breaker = Breaker("p", "api", failures=failures, pause=30, clock=lambda: self.now)

    def call(self, how: str = "", *, effect: bool = True) -> str:
        """One call that ends so: `` well, else by the error of that letter; gives the code of what came."""
        try:
            with self.breaker.guarding(effect=effect):
                self.calls += 1
                if how:
                    raise CALLS[how](f"BY_{how}", "as the test says", provider="p")
        except ProviderError as error:
            return f"{error.standing} {error.code}"
        return "well"

    def open(self) -> float | None:
        return REGISTRY.get_sample_value("tembea_provider_circuit_open", {"provider": "p", "part": "api"})


def test_it_opens_after_so_many_calls_in_a_row_without_an_answer() -> None:
    line = Line()
    for how in "nun":
        assert line.open() == 0
        line.call(how)
    assert (line.call(), line.calls, line.open()) == ("failed CIRCUIT_OPEN", 3, 1)


@pytest.mark.parametrize("answer", ["", "f", "r"])
def test_any_answer_between_them_counts_anew(answer: str) -> None:
    line = Line()
    for how in ("n", "n", answer, "n", "n"):
        line.call(how)
    assert line.call() == "well"


def test_a_question_that_is_turned_away_may_be_asked_again_and_is_told_when() -> None:
    line = Line(failures=1)
    line.call("n")
    line.now += 10
    with pytest.raises(NotSent) as turned_away, line.breaker.guarding(effect=False):
        raise AssertionError("asked all the same")
    assert (turned_away.value.code, turned_away.value.retry_after) == ("CIRCUIT_OPEN", 20)


def test_an_effect_that_is_turned_away_is_not_to_be_tried_again() -> None:
    line = Line(failures=1)
    line.call("u")
    with pytest.raises(Failed) as turned_away, line.breaker.guarding(effect=True):
        raise AssertionError("done all the same")
    assert not turned_away.value.info().retryable


def test_after_the_pause_one_call_tries_and_others_wait_for_it() -> None:
    line = Line(failures=1)
    line.call("n")
    line.now += 30
    with line.breaker.guarding(effect=True):
        assert line.call() == "failed CIRCUIT_OPEN"
    assert [line.call(), line.call()] == ["well", "well"]
    assert line.open() == 0


def test_a_try_that_fails_opens_it_for_another_pause() -> None:
    line = Line()
    for _ in range(3):
        line.call("n")
    line.now += 30
    assert line.call("n") == "not_sent BY_n"
    line.now += 29
    assert line.call() == "failed CIRCUIT_OPEN"
    line.now += 1
    assert line.call() == "well"


def test_a_try_that_was_cut_is_no_answer_and_another_comes_after_a_pause() -> None:
    line = Line(failures=1)
    line.call("n")
    line.now += 30
    with pytest.raises(KeyboardInterrupt), line.breaker.guarding(effect=True):
        raise KeyboardInterrupt
    assert line.call() == "failed CIRCUIT_OPEN"
    line.now += 30
    assert line.call() == "well"
