"""Whose session is whose: accounts, sessions and corrections, in a database (door: SQLAlchemy).

Videos, readings and pictures lie in `storage`; here is what a coach sees in a list, who may see it,
and what people corrected, which is only ever added to.
"""
