"""The pages on extending the platform, followed step by step."""
