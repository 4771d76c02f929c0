"""The findings of market assessments: sectors of the local economy, and barriers between people and work."""
