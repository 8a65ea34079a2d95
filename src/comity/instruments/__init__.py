"""The register: what was agreed, by whom, in what standing, and who said what of it since."""
