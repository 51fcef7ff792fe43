"""What a child process gives up before it runs anybody's code: files, sockets, processes, more memory."""

import ctypes
import errno
import platform
import resource
import struct
from contextlib import nullcontext, suppress

MEMORY = 384 * 1024 * 1024
"""Bytes of address space, the interpreter's own included."""

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL, _FILTER = 9, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
_LOAD, _EQUAL, _BOTH, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
_EXECUTABLE = 0x4

_CALLS = {
    # read write munmap brk sigprocmask sigreturn mremap madvise futex clock_gettime setitimer exit exit_group
    "x86_64": (0xC000003E, 9, (0, 1, 11, 12, 14, 15, 25, 28, 202, 228, 38, 60, 231)),
    "aarch64": (0xC00000B7, 222, (63, 64, 215, 214, 135, 139, 216, 233, 98, 113, 103, 93, 94)),
}
"""By machine: its audit number, its `mmap`, and the other system calls that computing takes."""


def enter(seconds: float) -> bool:
    """Never to be left again. `seconds`: CPU time until the end of the process.

    Whether the kernel filters system calls as well: it does on Linux on the machines that we know.
    """
    linux = platform.system() == "Linux"
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Elsewhere some limits are not to be had; only a developer's machine is elsewhere.
        with nullcontext() if linux else suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    return linux and _filtered(ctypes.CDLL(None))


def _filtered(libc: ctypes.CDLL) -> bool:
    libc.prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    if platform.machine() not in _CALLS or libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    program = _program(*_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    refused: int = libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(told, len(told)), 0, 0)
    return not refused


def _program(machine: int, mmap: int, calls: tuple[int, ...]) -> bytes:
    """Another architecture kills; these calls may be made, `mmap` not for code; any other is refused."""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, len(calls) + 2, 0, mmap),
        *((_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _THIRD_ARGUMENT),
        (_BOTH, 0, 1, _EXECUTABLE),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
