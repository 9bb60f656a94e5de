"""Names of keys and people: one space, so that a name in a record says who it was."""

import re

NAME = re.compile(r"[a-z0-9][a-z0-9.@_+-]{0,63}")


def check_name(name: str) -> str:
    """`name`, where it can be one. Raises ValueError.

    >>> check_name("erp-paris")
    'erp-paris'
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"name {name!r}: use up to 64 of a-z 0-9 . @ _ + -, a letter or digit first"
        )
    return name
