"""backend/auth.py: the rate_limiter; the guard itself is tested at the routes."""

from backend.auth import MAX_ADDRESSES, MAX_FAILURES, WINDOW_S, RateLimiter


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_ten_wrong_logins_a_minute_then_wait() -> None:
    """The eleventh wrong login within a minute has to wait, and later ones may try again."""
    clock = Clock()
    rate_limiter = RateLimiter(clock)
    assert [rate_limiter.record_failure("a") for _ in range(MAX_FAILURES)] == [0] * MAX_FAILURES
    assert 0 < rate_limiter.record_failure("a") <= WINDOW_S + 1
    assert rate_limiter.record_failure("b") == 0
    clock.now += WINDOW_S
    assert rate_limiter.record_failure("a") == 0


def test_waiting_is_not_prolonged_by_trying() -> None:
    """Tries while waiting do not push the end of the wait further away."""
    clock = Clock()
    rate_limiter = RateLimiter(clock)
    for _ in range(MAX_FAILURES):
        rate_limiter.record_failure("a")
    clock.now += WINDOW_S - 1
    assert rate_limiter.record_failure("a") == 2
    clock.now += 1
    assert rate_limiter.record_failure("a") == 0


def test_memory_is_bounded() -> None:
    """However many addresses try, only so many are remembered."""
    rate_limiter = RateLimiter()
    for number in range(MAX_ADDRESSES + 50):
        rate_limiter.record_failure(str(number))
    assert len(rate_limiter._failures) == MAX_ADDRESSES
