"""Broken and hostile definitions, most of them generated: each must be refused, quickly and by name."""
