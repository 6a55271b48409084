"""Whether a document is what the published schema says."""

from typing import Any

from jsonschema import Draft202012Validator

from earmark.reports.schema import schema

_VALIDATOR = Draft202012Validator(schema())


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The same document, if it is valid."""
    _VALIDATOR.validate(document)
    return document
