"""Defining sentences in documents: candidates for a person to code."""
