"""A publisher's release, downloaded by name when the user asks for it, and only then."""
