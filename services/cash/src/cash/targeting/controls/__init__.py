"""Payment controls: what an agency demands of all its programmes, set by somebody who makes and approves none."""
