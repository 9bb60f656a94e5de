"""Whoever asks, once the door has let it in."""

from dataclasses import dataclass
from typing import Literal

from serving.access.roles import ROLES


@dataclass(frozen=True)
class Caller:
    """A machine by its key, or a person. `scope` narrows the role's permissions, where given.

    Keys and people share one space of names, so `name` alone says who asked.
    """

    name: str
    role: str
    kind: Literal["key", "person"]
    scope: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether role and scope hold the permission."""
        held = self.scope is None or permission in self.scope
        return held and permission in ROLES[self.role]
