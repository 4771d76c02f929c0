"""From a few plain questions to needs, routes and urgency, each with its reason; never to a restricted code."""
