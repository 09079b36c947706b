"""How exactly a training calculates: in bfloat16 where the processor has matrix units for it, with float32 weights.

Micikevicius et al., "Mixed precision training" (2018); bfloat16 has float32's range, so that no loss is to be scaled.
On a processor with AMX a step takes about half the time; on one without it would take longer, and gains nothing.
"""

from __future__ import annotations

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def policy(cpuinfo: Path = _CPUINFO) -> str:
    """The name of Keras's dtype policy that is fastest on this machine."""
    try:
        fast = "amx_bf16" in cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        fast = False
    return "mixed_bfloat16" if fast else "float32"
