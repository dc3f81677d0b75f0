"""What no message may say."""

import re

PYTHON = re.compile(
    r"NoneType|Traceback|object is not|argument|\bcodec\b|\b(?:None|True|False)\b|<class"
)
"""Words of Python's own errors, which say nothing to a coach."""
