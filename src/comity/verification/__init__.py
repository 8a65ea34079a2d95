"""Did behaviour change? Question, panel, model, findings, verdict."""
