"""The JSON Schema of the report, made from its types; published beside the manifest's, as a file."""

from typing import Any

import msgspec

from earmark.reports.document import VERSION, Report

ID = f"urn:earmark:report:{VERSION}"
"""Of the schema: no address, so that reading a report fetches nothing."""


def schema() -> dict[str, Any]:
    """The schema; fields that a later version adds are let through."""
    made = msgspec.json.schema(Report)
    report = made["$defs"]["Report"]
    report["required"] = list(report["properties"])  # those with one value, too
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": f"Earmark report, version {VERSION}",
        **made,
    }
