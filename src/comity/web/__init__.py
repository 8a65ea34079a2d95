"""The rooms in a browser: each view is a page at an address that reproduces it."""
