"""What a child process that reads hostile files may use. Knows no format."""

from __future__ import annotations

import contextlib

ADDRESS_SPACE = 3 << 29  # 1.5 GB; the parent watches the memory in use, this catches a sudden gulp


def limit_resources(cpu_seconds: int | None = None) -> None:
    """Limit memory, files and processor time of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: only the parent's watch remains
        return
    limits = {"RLIMIT_AS": ADDRESS_SPACE, "RLIMIT_CPU": cpu_seconds, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}
    for name, limit in limits.items():
        # macOS knows some of these and refuses to set them.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            if limit is not None:
                resource.setrlimit(getattr(resource, name), (limit, limit))
