"""Do they answer each other? Consultations after an incident: signed, in order, provable."""
