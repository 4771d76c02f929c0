"""kill -9 of everything, while events stream: nothing lost, nothing doubled, nothing out of order."""
