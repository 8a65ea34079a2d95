"""Do they keep talking? Lines of talks, their silences and shocks, and the ladder of acts."""
