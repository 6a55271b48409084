"""From folders to a priced manifest; offline, needs no key, cannot spend."""
