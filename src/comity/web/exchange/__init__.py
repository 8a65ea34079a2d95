"""The exchange in a browser, for people who signed in: read, write, release, and be told."""
