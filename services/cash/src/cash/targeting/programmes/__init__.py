"""Programmes: the purpose, the entitlement rule, the budget line, the provider and the approvals of cash assistance."""
