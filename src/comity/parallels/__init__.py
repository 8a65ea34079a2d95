"""What other regimes of restraint have: the room of parallels."""
