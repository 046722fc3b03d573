"""Memory: how often Python looks for circular garbage."""

import gc


def collect_seldom() -> None:
    """Leave what was loaded at start out of collections, and collect after 50,000 new objects instead of 700.

    Reading and proving definitions makes millions of objects that live as long as they are needed; looking through
    them again and again took a fifth of a deployment.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
