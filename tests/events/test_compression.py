import bz2
import gzip
import lzma
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import in_pieces
from trigger_cli.events.compression import (
    DECOMPRESSION_ERRORS,
    LONGEST_MAGIC,
    compression_of,
    decompressed,
)

COMPRESSORS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.compress,
    "zstandard without a size": lambda data: zstandard.ZstdCompressor(
        write_content_size=False, write_checksum=True
    ).compress(data),
}
every_compression = pytest.mark.parametrize(
    "compress", COMPRESSORS.values(), ids=COMPRESSORS.keys()
)
# Random bytes: what cannot be made smaller has no easy end to find.
NOISE = bytes(zlib.crc32(bytes([n % 256, n // 256])) % 256 for n in range(60_000))


def plain(data: bytes, size: int = 1000) -> bytes:
    compression = compression_of(data[:LONGEST_MAGIC])
    assert compression is not None
    return b"".join(decompressed(iter(in_pieces(data, size)), compression))


@every_compression
def test_what_was_compressed_comes_back(compress):
    """Each compression is recognised by its first bytes and undone."""
    assert plain(compress(NOISE)) == NOISE


@every_compression
def test_members_one_after_another_are_one_log(compress):
    """Compressed logs that were joined by `cat` are read to the last member's end."""
    assert plain(compress(b"one\n") + compress(b"two\n") + compress(b"three\n")) == (
        b"one\ntwo\nthree\n"
    )


@every_compression
def test_an_empty_member_is_an_empty_log(compress):
    """Compressing nothing gives nothing back."""
    assert plain(compress(b"")) == b""


@every_compression
def test_padding_between_members_is_no_damage(compress):
    """Zero bytes behind a member, as tapes leave them, say nothing."""
    assert plain(compress(b"one") + bytes(1500) + compress(b"two") + bytes(8)) == b"onetwo"


@every_compression
def test_data_that_breaks_off_is_read_to_the_break_and_then_an_error(compress):
    """A truncated log gives what could be read before it says that it is truncated."""
    data = compress(NOISE + NOISE[::-1])
    compression = compression_of(data[:LONGEST_MAGIC])
    assert compression is not None
    chunks = decompressed(iter(in_pieces(data[:-7], 500)), compression)
    got: list[bytes] = []
    with pytest.raises(EOFError, match="breaks off"):
        got.extend(chunks)
    assert (NOISE + NOISE[::-1]).startswith(b"".join(got))


@every_compression
def test_garbage_behind_a_member_is_damage(compress):
    """What is neither a member nor padding is refused, not passed over in silence."""
    with pytest.raises((OSError, *DECOMPRESSION_ERRORS)):
        plain(compress(b"one") + b"and then some text that is compressed by nobody")


def test_a_zstandard_log_may_begin_with_a_skippable_frame():
    """Frames that carry notes of other tools are passed over."""
    note = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
    assert plain(note + zstandard.compress(b"one")) == b"one"


def test_a_wrong_checksum_is_damage():
    """A log whose bytes were changed is not taken for a good one."""
    data = bytearray(gzip.compress(NOISE))
    data[-8] ^= 1
    with pytest.raises(DECOMPRESSION_ERRORS):
        plain(bytes(data))


@pytest.mark.parametrize("head", [b"", b"{", b'{"event', b"[\n", b"\x1f", b"BZ", b"\xef\xbb\xbf{"])
def test_text_is_not_compressed(head):
    """What begins as no compression does is read as it stands."""
    assert compression_of(head) is None


@given(
    st.sampled_from(list(COMPRESSORS)),
    st.lists(st.binary(max_size=200), max_size=4),
    st.integers(1, 50),
)
def test_how_the_bytes_arrive_does_not_matter(name, members, size):
    """Any members, cut into any pieces, come back whole."""
    data = b"".join(COMPRESSORS[name](member) for member in members)
    if data:
        assert plain(data, size) == b"".join(members)


@every_compression
def test_a_bomb_comes_in_pieces(compress):
    """40 MB of zeros, which are a few bytes compressed, are never held together."""
    sizes = [len(piece) for piece in decompressed_pieces(compress(bytes(40_000_000)))]
    assert sum(sizes) == 40_000_000
    assert max(sizes[:1]) <= 32 * 1024 * 1024
    assert max(sizes[1:]) <= 2 * 1024 * 1024


def decompressed_pieces(data: bytes):
    """As they come, given all at once."""
    compression = compression_of(data[:LONGEST_MAGIC])
    assert compression is not None
    return decompressed(iter([data]), compression)
