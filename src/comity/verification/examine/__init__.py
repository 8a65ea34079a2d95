"""Cross-examination: each attack on a verdict, computed as a finding of its own."""
