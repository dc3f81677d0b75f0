"""Query strategies, one per file.

Each is a pure function (pool, count, rng) -> Ranking. Spacing in time, balance and the share of
random samples are applied to all of them by `pushoff.active.batch_constraints`. A new strategy gets
a file here and a name in `pushoff.active.queue.STRATEGIES`.
"""
