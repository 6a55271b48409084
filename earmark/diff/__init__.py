"""The price of a change: two plans compared, told to people, to machines and to a pull request."""
