"""Cities as public data: areas and cells with indicators, each with its source."""
