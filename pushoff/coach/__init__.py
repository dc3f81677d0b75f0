"""Accounts, coaches' sessions and their corrections, in an SQL database (door: SQLAlchemy).

Videos, analyses and images are in `storage`. The database holds what a list of sessions shows, who
may see it, and the corrections people made, which are only ever added to.
"""
