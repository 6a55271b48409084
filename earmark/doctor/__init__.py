"""`earmark doctor`: whether a run could work here, looked at without changing anything."""
