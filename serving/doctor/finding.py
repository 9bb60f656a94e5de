"""What a check found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """An error keeps the service from serving well; a warning is for whoever runs it to judge."""

    check: str
    level: Literal["ok", "warning", "error"]
    says: str
    remedy: str = ""
