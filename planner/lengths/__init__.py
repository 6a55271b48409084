"""Lengths of recordings from their headers, each with how sure it is. One reader file a kind."""
