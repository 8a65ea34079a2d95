"""One reader a list, each with its quirks written down."""
