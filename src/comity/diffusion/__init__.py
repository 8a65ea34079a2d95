"""Who took it from whom: the wording of a clause, and passages reused between documents."""
