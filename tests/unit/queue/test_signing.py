import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pushoff.errors import BadInput, SettingWrong, Unsafe
from pushoff.queue.signing import SignedSerializer

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
KEYS = st.text(
    st.characters(exclude_categories=["Cs", "Z", "Cc"], exclude_characters=","), min_size=1
)


@given(VALUES, KEYS)
def test_what_we_sign_we_read(value, key):
    """A value comes back from its signed bytes as it was."""
    serializer = SignedSerializer(key)
    assert serializer.loads(serializer.dumps(value)) == value


@given(VALUES, st.data())
def test_a_changed_byte_is_noticed(value, data):
    """Signed bytes with any one byte changed, added or taken away are refused."""
    serializer = SignedSerializer("key")
    signed = serializer.dumps(value)
    at = data.draw(st.integers(0, len(signed) - 1))
    piece = data.draw(st.binary(max_size=2))
    changed = signed[:at] + piece + signed[at + 1 :]
    assume(changed != signed)
    with pytest.raises(Unsafe):
        serializer.loads(changed)


@given(st.binary(max_size=60))
def test_unsigned_bytes_are_refused(data):
    """Bytes that nobody signed, JSON or pickle or noise, are refused and not looked into."""
    with pytest.raises(Unsafe) as caught:
        SignedSerializer("key").loads(data)
    assert caught.value.code == "bad_signature"


def test_another_key_is_refused():
    """What one key signed another does not verify."""
    with pytest.raises(Unsafe):
        SignedSerializer("mine").loads(SignedSerializer("theirs").dumps([1]))


def test_a_key_is_changed_without_losing_jobs():
    """With the new key first and the old one after it, both are read and the new one signs."""
    old, both, new = (SignedSerializer(k) for k in ("old", ("new", "old"), ("new",)))
    assert both.loads(old.dumps("waiting")) == "waiting"
    assert new.loads(both.dumps("fresh")) == "fresh"
    with pytest.raises(Unsafe):
        new.loads(old.dumps("forgotten"))
    assert SignedSerializer("new, old").loads(old.dumps("as one setting")) == "as one setting"


def test_a_missing_key_is_said_and_odd_values_are_refused():
    """Without a secret nothing is signed; what JSON cannot say raises BadInput."""
    for nothing in ("", " , ", (), ("new", "")):
        with pytest.raises(SettingWrong, match="PUSHOFF_JOB_SECRET"):
            SignedSerializer(nothing)
    with pytest.raises(BadInput):
        SignedSerializer("key").dumps({"loss": float("nan")})
