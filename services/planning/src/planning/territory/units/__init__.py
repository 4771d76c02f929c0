"""A city's areas and cells with their indicators, and the units in which plans act."""
