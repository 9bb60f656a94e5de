"""A bundle as the archive keeps it: its text files in one compressed piece."""

import zlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from models.credit_model import BundleError, CreditModel


def pack_bundle(folder: Path, model: CreditModel) -> bytes:
    """The files of `folder`, from which `model` was read. Raises BundleError where they changed."""
    files = {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.is_file()}
    if orjson.loads(files["metadata.json"]) != dict(model.metadata):
        raise BundleError(f"{folder} changed while it was read; it will be tried again")
    return zlib.compress(orjson.dumps(files))


@lru_cache(maxsize=4)
def open_bundle(content: bytes) -> CreditModel:
    """The model of a bundle that was packed. Raises BundleError."""
    with TemporaryDirectory(prefix="encours-bundle-") as folder:
        for name, text in _files(content).items():
            (Path(folder) / name).write_text(text)
        return CreditModel.load(Path(folder))


def _files(content: bytes) -> dict[str, str]:
    return dict(orjson.loads(zlib.decompress(content)))
