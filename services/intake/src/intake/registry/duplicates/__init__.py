"""People who may be registered twice: whom they may be, and the decision."""
