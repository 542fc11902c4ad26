"""The machine a benchmark ran on, in one line."""

from __future__ import annotations

import os
import platform

import tinylm_tui  # noqa: F401  first: it sets one BLAS thread before numpy looks

# isort: split
import numpy as np


def describe() -> str:
    """Processor, cores, Python, numpy, BLAS with its architecture."""
    core = os.environ.get("OPENBLAS_CORETYPE", "not set")
    return (
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"BLAS {_blas()}, OPENBLAS_CORETYPE {core}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            return next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _blas() -> str:
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown (threadpoolctl is not installed)"
    np.ones((2, 2)) @ np.ones((2, 2))
    found = [f"{i['internal_api']} {i.get('architecture', '')} {i['num_threads']} thread" for i in threadpool_info()]
    return ", ".join(found) or "unknown"
