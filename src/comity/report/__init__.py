"""What does a person look at? Sentences, charts and pages made from a verdict."""
