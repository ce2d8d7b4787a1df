"""Starts a job's command in a mount namespace of its own, where a folder is `/opt/ml`.

Run as a script with the standard library alone: `python enclosure.py FOLDER WORKDIR COMMAND ...`. It never writes to
the machine's own `/opt`: that is covered by an empty file system in memory, into which the machine's entries are
bound again, so that `/opt/ml` can be made without a trace.
"""

from __future__ import annotations

import ctypes
import os
import stat
import subprocess
import sys
from functools import cache

__all__ = ["available", "enclosed"]

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_BIND, _REC, _PRIVATE = 4096, 16384, 1 << 18
_OPT, _PLACE = "/opt", "/opt/ml"
_PROBE_SECONDS = 20


def enclosed(folder: str, workdir: str, command: list[str]) -> list[str]:
    """Return the command that runs another one with a folder as its `/opt/ml`, in a folder below it."""
    return [sys.executable, "-I", "-S", __file__, folder, workdir, *command]


@cache
def available() -> bool:
    """Return whether this machine lets a process have mounts of its own; tried once."""
    if not sys.platform.startswith("linux") or not os.path.isdir(_OPT):  # noqa: PTH112 - a script of few imports
        return False
    tried = enclosed("/", ".", [sys.executable, "-I", "-S", "-c", ""])
    try:
        ended = subprocess.run(tried, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _mount(source: str, target: str, kind: str | None, flags: int) -> None:
    """Mount something."""
    named = None if kind is None else kind.encode()
    _call("mount", source.encode(), target.encode(), named, ctypes.c_ulong(flags), None)


def _separate() -> None:
    """Leave the machine's mounts; without the right to, in a user namespace of the same user."""
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEWNS)
    except OSError:
        _call("unshare", _NEWNS | _NEWUSER)
        for path, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{path}", "w") as file:  # noqa: PTH123 - a script of few imports
                file.write(text)
    _mount("none", "/", None, _REC | _PRIVATE)


def _cover(folder: int) -> None:
    """Cover `/opt` and bind into it what the machine has there, and the folder as `/opt/ml`."""
    entries = [entry for entry in os.scandir(_OPT) if entry.path != _PLACE]
    held = [(entry.path, os.open(entry.path, os.O_PATH | os.O_NOFOLLOW)) for entry in entries]
    links = {path: os.readlink(path) for path, _ in held if os.path.islink(path)}  # noqa: PTH114, PTH115
    _mount("tmpfs", _OPT, "tmpfs", 0)
    for path, descriptor in held:
        if path in links:
            os.symlink(links[path], path)  # noqa: PTH211
            continue
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.mkdir(path)  # noqa: PTH102
        else:
            os.close(os.open(path, os.O_CREAT))
        _mount(f"/proc/self/fd/{descriptor}", path, None, _BIND | _REC)
        os.close(descriptor)
    os.mkdir(_PLACE)  # noqa: PTH102
    _mount(f"/proc/self/fd/{folder}", _PLACE, None, _BIND | _REC)


def main() -> None:
    """Run the command."""
    _separate()
    folder = os.open(sys.argv[1], os.O_PATH)  # in the new namespace: mounts of the old one cannot be bound
    _cover(folder)
    os.close(folder)
    os.chdir(os.path.join(_PLACE, sys.argv[2]))  # noqa: PTH118
    try:
        os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - the command that was asked for, no shell
    except OSError as error:
        sys.exit(f"'{sys.argv[3]}' cannot be started: {error.strerror}")


if __name__ == "__main__":
    main()
