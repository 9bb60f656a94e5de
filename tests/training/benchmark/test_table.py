from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.benchmark.table import read_frame, table_set


def test_out_of_time_where_there_is_a_date(csv: Path) -> None:
    data = table_set(csv, label="y", group="firm", date="year")
    (fold,) = data.folds
    assert [len(part) for part in fold] == [144, 48, 48]
    assert "2018 to 2019" in data.split
    assert any("100% of the test rows are of a firm that also trains" in r for r in data.remarks)
    assert not {"y", "firm", "year"} & set(data.features)


def test_folds_where_there_is_none(csv: Path) -> None:
    data = table_set(csv, label="y", group="firm", folds=4)
    assert [len(fold.train) + len(fold.test) for fold in data.folds] == [240] * 4


@pytest.mark.parametrize("suffix", [".parquet", ".csv.gz", ".tsv"])
def test_other_formats_hold_the_same(csv: Path, loans: pd.DataFrame, suffix: str) -> None:
    path = csv.with_suffix(suffix)
    if suffix == ".parquet":
        loans.to_parquet(path)
    else:
        loans.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ";")
    pd.testing.assert_frame_equal(
        table_set(path, label="y").features, table_set(csv, label="y").features
    )


def test_files_of_old_programs_are_read(loans: pd.DataFrame, tmp_path: Path) -> None:
    towns = loans.assign(trade=loans["trade"].fillna("").str.replace("i", "é"))
    towns.to_csv(tmp_path / "old.csv", index=False, encoding="cp1252", sep=";", decimal=",")
    data = table_set(tmp_path / "old.csv", label="y")
    assert "retaél" in set(data.features["trade"])
    assert data.features["x0"].to_numpy() == pytest.approx(loans["x0"].to_numpy())


def test_copies_stay_on_one_side(loans: pd.DataFrame, tmp_path: Path) -> None:
    pd.concat([loans, loans.iloc[:50]]).to_csv(tmp_path / "twice.csv", index=False)
    data = table_set(tmp_path / "twice.csv", label="y", folds=5, drop=("firm",))
    first = np.arange(50)
    for fold in data.folds:
        assert (np.isin(first, fold.test) == np.isin(first + 240, fold.test)).all()
    assert any("50 rows are copies" in remark for remark in data.remarks)


def test_rows_without_a_label_are_left_out(loans: pd.DataFrame, tmp_path: Path) -> None:
    loans.assign(y=loans["y"].where(loans.index >= 30)).to_parquet(tmp_path / "a.parquet")
    data = table_set(tmp_path / "a.parquet", label="y", folds=3)
    assert len(data) == 210
    assert any("30 rows without a label" in remark for remark in data.remarks)


def test_a_column_that_knows_the_outcome_is_named(loans: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    loans.assign(written_off=np.where(loans["y"] == "yes", 100.0, 0)).to_csv(path, index=False)
    data = table_set(path, label="y")
    assert any(r.startswith("written_off") and "--drop" in r for r in data.remarks)
    assert "written_off" not in table_set(path, label="y", drop=("written_off",)).features


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"label": "y", "group": "firn"}, "no column 'firn'; .*: firm$"),
        ({"label": "x0"}, "240 values"),
        ({"label": "y", "date": "trade"}, "no date"),
        ({"label": "y", "group": "y"}, "different columns"),
        ({"label": "y", "test_from": "2015"}, "needs --date"),
        ({"label": "y", "date": "year", "test_from": "soon"}, "'soon'"),
        ({"label": "y", "folds": 90}, "fewer --folds"),
        ({"label": "y", "drop": ("z",)}, "no column 'z'"),
    ],
)
def test_a_mistake_is_met_with_what_to_mend(csv: Path, asked, said) -> None:
    with pytest.raises(ValueError, match=said):
        table_set(csv, **asked)


@pytest.mark.parametrize(("content", "said"), [("", "cannot be read"), ("a,b\n", "no rows")])
def test_a_file_that_is_no_table(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(ValueError, match=said):
        read_frame(tmp_path / "t.csv")
    with pytest.raises(ValueError, match="is no file"):
        read_frame(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("text", ["a,a,y\n1,2,0\n2,3,1\n", "y;a;y\n1;2;0\n2;3;1\n"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, text: str) -> None:
    """A second `y` would be a feature that knows the outcome."""
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"t.csv cannot be read .*two columns '[ay]'; rename one"):
        read_frame(path)


def test_an_index_with_names_is_columns(loans: pd.DataFrame, tmp_path: Path) -> None:
    loans.set_index(["firm", "year"]).to_parquet(tmp_path / "indexed.parquet")
    data = table_set(tmp_path / "indexed.parquet", label="y", group="firm", date="year")
    assert "2018 to 2019" in data.split
    assert not {"firm", "year"} & set(data.features)


def test_rows_without_a_date_are_counted(loans: pd.DataFrame, tmp_path: Path) -> None:
    loans.assign(year=loans["year"].where(loans.index >= 30)).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="'year' is empty in 30 of 240 rows; fill them in, or"):
        table_set(tmp_path / "a.parquet", label="y", date="year")
