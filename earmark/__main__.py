"""`python -m earmark`: the same as the console script `earmark`."""

from earmark.main import earmark

earmark()
