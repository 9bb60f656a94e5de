"""Load on a server of this machine, from wrk: latencies and requests a second."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

# Prepared requests in turn; the last line of the output is the figures, as JSON.
SCRIPT = """
local requests, turn = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, line)
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"p50":%f,"p95":%f,"p99":%f,"requests":%d,"microseconds":%d,"refused":%d,"broken":%d}\\n',
    latency:percentile(50), latency:percentile(95), latency:percentile(99), summary.requests,
    summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """Milliseconds to an answer, and answers a second."""

    p50: float
    p95: float
    p99: float
    a_second: float


def load(
    url: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Load:
    """POST `bodies` in turn over `connections`. Raises ValueError where any answer is an error."""
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: apt-get install wrk")
    sent = {"Content-Type": "application/json", **(headers or {})}
    with TemporaryDirectory() as folder:
        script, lines = Path(folder) / "post.lua", Path(folder) / "bodies"
        script.write_text(SCRIPT)
        lines.write_bytes(b"\n".join(bodies))
        told = [text for name, value in sent.items() for text in ("-H", f"{name}: {value}")]
        threads = ["-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s"]
        command = ["wrk", *threads, *told, "-s", str(script), url, str(lines)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    if said["refused"] or said["broken"]:
        raise ValueError(f"{url}: {said['refused']} refused, {said['broken']} broken: {said}")
    return Load(
        *(said[name] / 1000 for name in ("p50", "p95", "p99")),
        1e6 * said["requests"] / said["microseconds"],
    )
