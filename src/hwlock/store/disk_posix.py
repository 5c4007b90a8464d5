"""Linux, macOS and other POSIX systems: everything by descriptors of open folders."""

from __future__ import annotations

import errno
import os
import sys

from .descriptors import Descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["PosixDisk"]

_UNABLE = frozenset((errno.EINVAL, errno.ENOTSUP, errno.ENOSYS))


class PosixDisk(Descriptors):
    """The real disk. A handle of a folder is its descriptor."""

    def owners(self) -> Collection[int] | None:
        """Return this user and root: root can replace our program anyway."""
        return (os.geteuid(), 0)

    def open_folder(self, at: int | None, name: str) -> int:
        """Open the folder `name`; a link answers ENOTDIR or ELOOP, by system."""
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)

    def make_folder(self, at: int | None, name: str, mode: int) -> None:
        """Make the folder; the umask takes rights away, which only system-wide folders miss."""
        os.mkdir(name, mode, dir_fd=at)
        handle = self.open_folder(at, name)
        try:
            os.fchmod(handle, mode)
        finally:
            os.close(handle)

    def close_folder(self, at: int) -> None:
        """Close the descriptor."""
        os.close(at)

    def stat_folder(self, at: int) -> os.stat_result:
        """Say what the open folder is."""
        return os.fstat(at)

    def sync_folder(self, at: int) -> None:
        """Sync the folder; network and shared file systems that cannot are let pass."""
        try:
            os.fsync(at)
        except OSError as exc:
            if exc.errno not in _UNABLE:
                raise

    def stat_name(self, at: int | None, name: str) -> os.stat_result:
        """Say what stands under `name` itself."""
        return os.stat(name, dir_fd=at, follow_symlinks=False)

    def open_read(self, at: int, name: str) -> int:
        """Open for reading; O_NONBLOCK, or a FIFO without a writer would hold us forever."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        return os.open(name, flags, dir_fd=at)

    def create(self, at: int, name: str, mode: int) -> int:
        """Make a new file; the umask does not decide its mode."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        file = os.open(name, flags, mode, dir_fd=at)
        try:
            os.fchmod(file, mode)
        except BaseException:
            os.close(file)
            raise
        return file

    def open_lock(self, at: int, name: str) -> int:
        """Open or make the lock file, 0600: who may open it may also hold it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        return os.open(name, flags, 0o600, dir_fd=at)

    def sync(self, file: int) -> None:
        """Sync the file; on macOS fsync alone leaves it in the cache of the drive."""
        if sys.platform == "darwin":
            import fcntl

            try:
                fcntl.fcntl(file, fcntl.F_FULLFSYNC)
                return
            except OSError as exc:
                if exc.errno not in _UNABLE:
                    raise
        super().sync(file)

    def rename(self, at: int, old: str, new: str) -> None:
        """Rename inside the folder."""
        os.rename(old, new, src_dir_fd=at, dst_dir_fd=at)

    def unlink(self, at: int, name: str) -> None:
        """Remove a name."""
        os.unlink(name, dir_fd=at)

    def try_lock(self, file: int) -> bool:
        """Take the flock of this opening of the file; the kernel frees it when we die."""
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self, file: int) -> None:
        """Unlock by name: closing alone leaves the lock with a child that was forked."""
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
