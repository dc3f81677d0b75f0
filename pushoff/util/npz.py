"""Arrays kept as .npz files, and how a damaged one shows."""

import tokenize
import zipfile
import zlib

DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ZeroDivisionError,
    OSError,
    EOFError,
    RuntimeError,  # a zip said to be encrypted, or packed in a way nobody supports
    SyntaxError,
    tokenize.TokenError,  # numpy reads old headers as Python source
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged .npz can raise."""
