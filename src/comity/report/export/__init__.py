"""What a person takes away: every table with its schema and licence, and packages made of them."""
