import numpy as np
import pytest

from training.plots import calibration_figure, roc_figure

DEFAULT = np.tile([False, False, False, True], 50)
PROBABILITY = np.repeat([0.1, 0.2, 0.3, 0.4], 50)


def test_the_curve_s_area_is_the_auc_in_its_title() -> None:
    figure = roc_figure(DEFAULT, PROBABILITY + 0.3 * DEFAULT)
    curve = figure.data[0]
    area = np.trapezoid(curve.y, curve.x)
    assert figure.layout.title.text.startswith(f"AUC {area:.3f}")


def test_each_bin_shows_rate_and_interval() -> None:
    observed = calibration_figure(DEFAULT, PROBABILITY).data[1]
    assert list(observed.x) == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert [round(50 * y) for y in observed.y] == [12, 13, 12, 13]
    assert (np.array(observed.y) - observed.error_y.arrayminus > 0.1).all()
    assert observed.text[0] == "12 defaults in 50"
