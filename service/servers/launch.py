"""Become the right user, promise to die with the parent, then become the server.

Run as a script by an interpreter of its own (``python -I -S launch.py PARENT HOW SIGNAL --
COMMAND...``), because the same steps between fork and exec of a large process can deadlock.
Standard library only, and no import of ours.

HOW is ``same`` (stay who you are), ``namespace`` (a user namespace in which root is somebody
ordinary: PostgreSQL refuses to run as user id 0) or ``user:UID:GID`` (drop to that user). Exits
with 97 if the machine refuses.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
REFUSED = 97


def _ordinary_id() -> int:
    # initdb looks its user up by name, so the id inside must be one that has a name.
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("nobody").pw_uid
    return next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid), 1000)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def enter_namespace() -> None:
    """Become an ordinary user in a user namespace; the files stay ours. OSError if forbidden."""
    uid, gid, inside = os.geteuid(), os.getegid(), _ordinary_id()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/gid_map", f"{inside} {gid} 1")
    _write("/proc/self/uid_map", f"{inside} {uid} 1")


def drop_to(uid: int, gid: int) -> None:
    """Become another user for good."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    # The current folder may be closed to the new user, and initdb wants one that is not.
    os.chdir("/")


def die_with(parent: int, number: int) -> None:
    """Ask the kernel for a signal when the parent is gone; a change of user would clear it."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        raise SystemExit("The process that asked for this server is gone already.")


def main(arguments: list[str]) -> None:
    """Do the three things in the only order that works, and never return."""
    parent, how, number, _, *command = arguments
    try:
        if how == "namespace":
            enter_namespace()
        elif how.startswith("user:"):
            drop_to(*map(int, how.split(":")[1:]))
    except OSError:
        sys.exit(REFUSED)
    # A group of its own: Ctrl-C on the terminal goes to the workers, which still need the servers
    # to finish.
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    die_with(int(parent), int(number))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
