"""Object stores as places of files: read by ranges, listed, written to; nobody loads it without a URL."""
