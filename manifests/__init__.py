"""What is written down: money, services, the manifest and its text, states, the budget decision."""
