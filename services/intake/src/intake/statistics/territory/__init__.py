"""The units of territory that planning draws: public, the same for every agency."""
