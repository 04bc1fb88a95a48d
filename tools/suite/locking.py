"""Two commands at once: one prepares, the other waits and finds it ready."""
import contextlib
import fcntl


@contextlib.contextmanager
def exclusive(path):
    """Hold the lock of ``path`` for the body; the kernel frees it even after a hard kill."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + '.lock').open('w') as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class Users:
    """Counts the processes using a resource by shared locks, so that the last one can stop it."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open('w')
        fcntl.flock(self._stream, fcntl.LOCK_SH)

    def leave(self):
        """Stop using it; True if nobody else does."""
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            self._stream.close()
        return True
