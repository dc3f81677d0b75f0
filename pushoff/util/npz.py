"""Exceptions that reading a damaged .npz or .npy file may raise."""

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
"""To catch when such a file is read."""
