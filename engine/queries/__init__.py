"""Questions: frozen dataclasses that read and change nothing; each answers within the scope of who asks."""
