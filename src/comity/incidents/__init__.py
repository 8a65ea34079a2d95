"""What was reported? Incidents, the lists they come from, and the evidence at hand."""
