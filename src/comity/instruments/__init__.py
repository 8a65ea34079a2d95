"""What was agreed? Instruments, provisions, norms, parties and what is publicly claimed."""
