"""backend/auth.py: the throttle; the guard itself is tested at the routes."""

from backend.auth import ADDRESSES, BAD_LOGINS, WINDOW_S, RateLimiter


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_ten_wrong_logins_a_minute_then_wait() -> None:
    """The eleventh wrong login within a minute has to wait, and later ones may try again."""
    clock = Clock()
    throttle = RateLimiter(clock)
    assert [throttle.wrong("a") for _ in range(BAD_LOGINS)] == [0] * BAD_LOGINS
    assert 0 < throttle.wrong("a") <= WINDOW_S + 1
    assert throttle.wrong("b") == 0
    clock.now += WINDOW_S
    assert throttle.wrong("a") == 0


def test_waiting_is_not_prolonged_by_trying() -> None:
    """Tries while waiting do not push the end of the wait further away."""
    clock = Clock()
    throttle = RateLimiter(clock)
    for _ in range(BAD_LOGINS):
        throttle.wrong("a")
    clock.now += WINDOW_S - 1
    assert throttle.wrong("a") == 2
    clock.now += 1
    assert throttle.wrong("a") == 0


def test_memory_is_bounded() -> None:
    """However many addresses try, only so many are remembered."""
    throttle = RateLimiter()
    for number in range(ADDRESSES + 50):
        throttle.wrong(str(number))
    assert len(throttle._wrong) == ADDRESSES
