"""The file system: files written whole or not at all, one process at a time, and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sdd.errors import RefusedError, SddError, WaitingError
from sdd.snapshot import show

# Characters that Apple's file system leaves out when it compares names (git: utf8.c, next_hfs_char).
INVISIBLE = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
GIT_FOLDER = {".git", "git~1"}  # the second is its short name on NTFS
JUNCTION = 0xA0000003  # Windows: a link between folders that is no symlink


def write(path: str, data: bytes, *, mode: int | None = None) -> None:
    """Put a file in place whole, or leave what was there; makes its folders.

    The bytes are on the disk before the name points to them. `mode` gives the permission bits; without it an existing
    file keeps its own and a new one has what the umask leaves. A process killed on the way leaves the old file
    and perhaps a `.sdd-*.tmp`, which `sweep` removes. A link at the path itself is replaced, not followed.

    Raises:
        SddError: the disk is full, read-only or otherwise says no.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, data, _bits(target) if mode is None else mode)
    except OSError as error:
        raise _failed(error, f"{path} cannot be written") from error


def _bits(target: Path) -> int | None:
    try:
        found = target.lstat().st_mode
    except FileNotFoundError:
        return None
    return stat.S_IMODE(found) if stat.S_ISREG(found) else None


def _write(target: Path, data: bytes, bits: int | None) -> None:
    temporary = target.with_name(f".sdd-{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if bits is not None:
            temporary.chmod(bits)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can (Windows opens no folders; some shares refuse)."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def remove(path: str) -> None:
    """Remove a file or a link; nothing happens where there is none.

    Raises:
        SddError: the system says no.
    """
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise _failed(error, f"{path} cannot be removed") from error
    _settle(Path(path).parent)


def remove_folder(path: str) -> None:
    """Remove a folder of sdd's own below the git directory, with all in it; one that is not there is fine.

    Raises:
        SddError: the disk refuses.
    """
    import shutil  # 2 ms, only where there is a run in progress

    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(error, f"{path} cannot be removed") from error


def sweep(folder: str) -> list[str]:
    """Remove what killed processes left of their writes, in this folder and below; the paths removed, sorted.

    For the holder of the lock only: a temporary file of a process that still writes would go too. Links are not
    followed and no git directory is entered.
    """
    removed = []
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        removed += [
            str(Path(at, name)) for name in files if name.startswith(".sdd-") and name.endswith(".tmp")
        ]
    for path in removed:
        remove(path)
    return sorted(removed)


@contextmanager
def lock(path: str, what: str, wait_s: float) -> Iterator[None]:
    """Hold the lock file `path` for the length of a `with`; the kernel frees it when the process dies.

    Beside it, `<path>.holder` names the process that has it.

    Raises:
        WaitingError: another process still held it after `wait_s` seconds; `what` tells people what it works on.
        SddError: the lock file cannot be made.
    """
    from filelock import FileLock, Timeout  # 15 ms that only commands which write pay

    held = FileLock(path)
    holder = Path(path + ".holder")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=wait_s, poll_interval=0.02)
    except Timeout as error:
        raise WaitingError(
            f"another sdd{_who(holder)} is working on {what}", hint="wait until it is done"
        ) from error
    except OSError as error:
        raise _failed(error, f"{path} cannot be locked") from error
    with ExitStack() as ending:
        ending.callback(held.release)
        ending.callback(remove, str(holder))
        write(str(holder), b"%d\n" % os.getpid())
        yield


def _who(holder: Path) -> str:
    try:
        return f" (process {int(holder.read_text(encoding='ascii'))})"
    except (OSError, ValueError):
        return ""  # it has only just begun, or is about to end


def inside(root: str, rel: bytes) -> str:
    """Where a path of the tree lies on this disk, for writing.

    Raises:
        RefusedError: the path leaves the project, goes through or names a link, reaches into git's own folder
            under any of its spellings, or cannot be the same file on every system.
    """
    at = Path(root)
    for part in rel.split(b"/"):
        reason = _objection(part)
        if reason:
            raise RefusedError(
                f"{show(rel)} may not be written: {reason}", hint="name a file inside the project"
            )
        at /= os.fsdecode(part)
        if _is_link(at):
            raise RefusedError(
                f"{show(rel)} may not be written: {at} is a link", hint=f"remove the link {at}"
            )
    return str(at)


def _objection(part: bytes) -> str:
    """Why a part of a path is refused, or ""."""
    if not part:
        return "it is absolute or has an empty part"
    if any(byte < 0x20 or byte == 0x7F for byte in part):  # noqa: PLR2004 - the control characters of ASCII
        return "it has a control character"
    if b"\\" in part or b":" in part:
        return "it has a `\\` or `:`, which mean something else on Windows"
    if _plain(part) in GIT_FOLDER:
        return "it reaches into git's own folder"
    if part.endswith((b".", b" ")):
        return "a part ends in a dot or a space"  # `..` too; Windows drops them
    return ""


def _plain(part: bytes) -> str:
    """A name as the least exact of file systems compares it."""
    return part.decode("utf-8", "surrogateescape").translate(INVISIBLE).casefold().rstrip(" .")


def _is_link(path: Path) -> bool:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _failed(error, f"{path} cannot be looked at") from error
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == JUNCTION


def _failed(error: OSError, told: str) -> SddError:
    hint = "free space on the disk, or make the folder writable"
    return SddError(f"{told}: {error.strerror or error}", hint=hint)
