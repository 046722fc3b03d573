"""Settings of the installation, and as TOML the organisation, roles, codes, calendar, deadlines, ladder and rules."""
