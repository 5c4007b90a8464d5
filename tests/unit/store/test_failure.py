"""Every OSError becomes one StoreError."""

from __future__ import annotations

import errno
import os

import pytest

from hwlock.errors import StoreError
from hwlock.store.failure import CODES, Telling, failure


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_error_number_has_a_sentence(number: int) -> None:
    """Each number of this system gives one of our codes, and the sentence names the path."""
    error = failure(OSError(number, os.strerror(number)), "/store/x")
    assert error.code == CODES.get(number, "HWL-STORE-OS")
    assert "/store/x" in error.message
    assert error.row.exit_status == 7


def test_the_system_speaks_where_we_have_no_sentence() -> None:
    """An error that the table does not know keeps the system's own words."""
    assert failure(OSError(errno.ENOLCK, "No locks available"), "/x").message == (
        "/x: No locks available"
    )
    assert failure(OSError("odd"), "/x").message == "/x: error 0"


def test_telling_keeps_the_cause() -> None:
    """The OSError stays visible as the cause; other errors pass unchanged."""
    with pytest.raises(StoreError) as caught, Telling("/x"):
        raise PermissionError(errno.EACCES, "Permission denied")
    assert isinstance(caught.value.__cause__, PermissionError)
    with pytest.raises(KeyError), Telling("/x"):
        raise KeyError("x")
