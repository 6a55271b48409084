"""JSON Schemas compared by what they say."""

from typing import Any


def unordered(node: Any) -> Any:
    """A schema without the order of its lists: versions of msgspec write `anyOf` as they like."""
    if isinstance(node, dict):
        return {key: unordered(each) for key, each in node.items()}
    return sorted(map(unordered, node), key=str) if isinstance(node, list) else node
