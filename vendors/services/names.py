"""What makes two rows the same goods when neither has been put up yet."""

from collections.abc import Mapping

from kit.text import fold


def sale_key(content: Mapping[str, object]) -> str:
    """By the vendor's own code, else by name and unit without marks and case."""
    if content.get("own_code"):
        return f"own:{content['own_code']}"
    return f"name:{fold(str(content['name']))}|{fold(str(content['unit']))}"
