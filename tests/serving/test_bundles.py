"""A bundle comes back from the archive as it was served, and altered ones are refused."""

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.credit_model import BundleError, CreditModel
from serving.bundles import open_bundle, pack_bundle


def test_a_packed_bundle_gives_the_same_probabilities(bundle: Path) -> None:
    model = CreditModel.load(bundle)
    again = open_bundle(pack_bundle(bundle, model))
    rows = np.linspace(0, 1, 3 * len(model.feature_names)).reshape(3, -1)
    assert again.metadata == model.metadata
    assert again.policy == model.policy
    for one, other in zip(
        again.default_model.drivers(rows), model.default_model.drivers(rows), strict=True
    ):
        assert np.array_equal(one, other)


def test_equal_bundles_have_equal_contents(bundle: Path, tmp_path: Path) -> None:
    model = CreditModel.load(bundle)
    shutil.copytree(bundle, tmp_path / "copy")
    assert pack_bundle(tmp_path / "copy", model) == pack_bundle(bundle, model)


def test_a_bundle_replaced_while_it_is_read_is_refused(bundle: Path, credit_model: Any) -> None:
    with pytest.raises(BundleError, match="changed while it was read"):
        pack_bundle(bundle, credit_model)  # its metadata names no digests yet


def test_an_altered_content_is_refused(bundle: Path) -> None:
    files = json.loads(zlib.decompress(pack_bundle(bundle, CreditModel.load(bundle))))
    files["calibration.json"] = '{"slope": 2.0, "intercept": 0.0}'
    with pytest.raises(BundleError, match="missing or altered"):
        open_bundle(zlib.compress(json.dumps(files).encode()))
