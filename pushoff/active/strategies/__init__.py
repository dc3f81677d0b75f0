"""Query strategies: a file for each, and one for the three uncertainty measures.

Each is a pure function (pool, count, rng) -> Ranking. `ranking`, `embeddings` and `smoothed_scores`
are shared by them and are no strategies. Spacing in time, balance and the share of random samples
are applied to all of them by `pushoff.active.batch_constraints`. A new strategy gets a file here
and a name in `pushoff.active.queue.STRATEGIES`.
"""
