"""backend/auth.py: the rate limiter; BasicAuth is tested through the routes."""

from backend.auth import MAX_ADDRESSES, MAX_FAILURES, WINDOW_S, RateLimiter


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_ten_failures_per_minute_are_allowed() -> None:
    """The eleventh has to wait."""
    clock = Clock()
    rate_limiter = RateLimiter(clock)
    assert [rate_limiter.record_failure("a") for _ in range(MAX_FAILURES)] == [0] * MAX_FAILURES
    assert 0 < rate_limiter.record_failure("a") <= WINDOW_S + 1
    assert rate_limiter.record_failure("b") == 0
    clock.now += WINDOW_S
    assert rate_limiter.record_failure("a") == 0


def test_attempts_while_waiting_do_not_extend_the_wait() -> None:
    """They are not counted."""
    clock = Clock()
    rate_limiter = RateLimiter(clock)
    for _ in range(MAX_FAILURES):
        rate_limiter.record_failure("a")
    clock.now += WINDOW_S - 1
    assert rate_limiter.record_failure("a") == 2
    clock.now += 1
    assert rate_limiter.record_failure("a") == 0


def test_the_number_of_addresses_is_bounded() -> None:
    """The oldest address is dropped."""
    rate_limiter = RateLimiter()
    for number in range(MAX_ADDRESSES + 50):
        rate_limiter.record_failure(str(number))
    assert len(rate_limiter._failures) == MAX_ADDRESSES
