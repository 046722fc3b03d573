"""Models of our own in the manner of the outside suite: element by element, each with the trace it must give."""
