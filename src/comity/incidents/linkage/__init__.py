"""Which records of different lists are of one incident: links, scored, sourced and reversible."""
