"""One holder at a time, whichever process it is in."""

import subprocess
import sys
from pathlib import Path

from serving.file_lock import file_lock

TRY = """
import fcntl, sys
with open(sys.argv[1], "w") as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("ours")
    except BlockingIOError:
        print("taken")
"""


def tried(path: Path) -> str:
    command = [sys.executable, "-c", TRY, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_another_process_waits_until_the_block_ends(tmp_path: Path) -> None:
    with file_lock(tmp_path / "lock"):
        assert tried(tmp_path / "lock") == "taken"
    assert tried(tmp_path / "lock") == "ours"
