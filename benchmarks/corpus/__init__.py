"""Thousands of real and made sound files with decoded lengths, and how right readers are on them."""
