"""The BentoML service: one process a worker, each with the model, the tables and the store."""

import logging
import os
from pathlib import Path

import bentoml
from bentoml._internal.utils.analytics.usage_stats import do_not_track

from serving.environment import setting, store_address
from serving.metrics import Measured

do_not_track.cache_clear()  # the command `bentoml` asked before it came to our word (`hush`)
WORKERS = int(setting("ENCOURS_WORKERS"))
# Uvicorn would believe whatever speaks from this machine about who asks.
os.environ["FORWARDED_ALLOW_IPS"] = setting("ENCOURS_TRUSTED_PROXIES")
front = Measured()


@bentoml.service(
    name="encours",
    workers=WORKERS,
    traffic={"timeout": 30},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},  # ours, by route, at /metrics; theirs grow with every address
    tracing={"excluded_urls": [".*"]},
)
@bentoml.asgi_app(front)
class Encours:
    """How likely is this buyer to default, and how much should we let it owe us?"""

    def __init__(self) -> None:
        # Seconds of imports that the supervising process does not need.
        from serving.api.app import create_app  # noqa: PLC0415
        from serving.decide import Desk  # noqa: PLC0415

        logging.getLogger("encours").setLevel(logging.INFO)
        self.desk = Desk.open(
            Path(setting("ENCOURS_MODEL")),
            Path(setting("ENCOURS_PORTFOLIO")),
            store_address(),
            Path(setting("ENCOURS_CACHE")),
        )
        front.app = create_app(self.desk, WORKERS)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Keep what waits to be kept."""
        self.desk.close()
