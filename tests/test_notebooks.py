"""Every notebook runs from top to bottom on a small economy, against a champion of its own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from training.config import TrainingConfig
from training.economy.economy import generate
from training.train import train

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory):
    """A portfolio, a registry and a champion, told to the notebooks by the environment."""
    folder = tmp_path_factory.mktemp("workplace")
    generate(buyers=2500, years=6, seed=7, out=folder / "portfolio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow/mlflow.db")
        patch.setenv("ENCOURS_PORTFOLIO", str(folder / "portfolio"))
        patch.setenv("ENCOURS_MODEL", str(folder / "champion"))
        config = TrainingConfig.load(ROOT / "training/demo.toml")
        train(folder / "portfolio", config, out=folder / "champion", register=False)
        yield folder


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of the kernel's own libraries
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_and_ends_in_a_picture(path: Path, workplace: Path) -> None:
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    shown = {kind for output in book.cells[-1].outputs for kind in output.get("data", {})}
    assert shown & {"image/png", "application/vnd.plotly.v1+json", "text/html"}


def test_notebooks_define_nothing_and_keep_no_output() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                assert not cell.outputs, path.name
                assert not {"def", "class"} & set(cell.source.split()), path.name
