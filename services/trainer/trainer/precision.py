"""How exactly a training calculates: in bfloat16 where the processor multiplies such numbers, with float32 weights.

Micikevicius et al., "Mixed precision training" (2018); bfloat16 has float32's range, so that no loss is to be scaled.
With matrix units (AMX) a step takes about half the time, with AVX-512's products about three quarters; a processor that
has neither would take longer, and gain nothing.
"""

from __future__ import annotations

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")

_PRODUCTS = {"amx_bf16", "avx512_bf16"}
"""What Linux calls the instructions that multiply bfloat16."""


def policy(cpuinfo: Path = _CPUINFO) -> str:
    """The name of Keras's dtype policy that is fastest on this machine."""
    try:
        fast = not _PRODUCTS.isdisjoint(cpuinfo.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        fast = False
    return "mixed_bfloat16" if fast else "float32"
