"""What do the words mean? Terms, who defines them, what each definition covers."""
