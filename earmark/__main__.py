"""`python -m earmark`: the same as the console script `earmark`."""

from earmark.entry import earmark

earmark()
