"""What none of the lists holds: reported publicly somewhere, as the lists' overlap lets one bound
it."""
