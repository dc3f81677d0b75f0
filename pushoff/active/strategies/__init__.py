"""Ways to say which frames come first, one idea per file.

Each is a pure function of the pool, how many frames will be looked at and a random generator.
Spacing in time, balance and the share of random picks are laid around them all by
`pushoff.active.batch_constraints`, so a strategy only says what it wants.
"""
