from pathlib import Path

import pyarrow.parquet as pq

from serving.surveillance import parts
from serving.surveillance.beside import Beside
from serving.surveillance.drift import DRIVER
from serving.surveillance.rules import Rules


def test_a_manifest_says_when_a_run_is_whole(tables: Path, tmp_path: Path) -> None:
    assert parts.manifest(tmp_path) is None
    assert not parts.is_whole(tmp_path)
    parts.write_manifest(tmp_path, tables, Rules.load())
    told = parts.manifest(tmp_path)
    assert told["parts"] == 1
    assert Rules.model_validate(told["rules"]) == Rules.load()
    assert not parts.is_whole(tmp_path)
    (tmp_path / ".part-00000.parquet").touch()  # a draft is no part
    assert not parts.is_whole(tmp_path)
    (tmp_path / "part-00000.parquet").touch()
    assert parts.is_whole(tmp_path)
    assert parts.written(tmp_path) == {0}


def test_the_sample_holds_features_and_drivers_of_the_model(watched, model) -> None:
    sample = pq.read_table(watched.folder / watched.second.run_id / "sample-00000.parquet")
    names = list(model.feature_names)
    assert sample.column_names == ["log_odds", *names, *(DRIVER + name for name in names)]
    assert sample.num_rows == watched.second.summary["buyers"]


def test_every_nth_buyer_is_sampled(watched, model, tables: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(parts, "SAMPLE", 50)
    day = watched.second.as_of_date
    parts.write_parts(model, Rules.load(), tables, day, tmp_path, None, Beside())
    sample = pq.read_table(tmp_path / "sample-00000.parquet")
    whole = pq.read_table(watched.folder / watched.second.run_id / "sample-00000.parquet")
    assert sample["log_odds"].to_pylist() == whole["log_odds"].to_pylist()[::5]
