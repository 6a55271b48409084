"""`earmark.toml`: what a project asks of every plan and run in it, and who said which (docs/policy.md)."""
