"""Deploying definitions, as a command people give; how it is done stands in `engine/deploying.py`."""

from engine.checking import CheckAndProve, CheckDefinitions, config_kind, known, known_from_files, read_config
from engine.deploying import (
    Deploy,
    DeployedDefinition,
    Deployment,
    bump_catalog,
)

__all__ = [
    "CheckAndProve",
    "CheckDefinitions",
    "Deploy",
    "DeployedDefinition",
    "Deployment",
    "bump_catalog",
    "config_kind",
    "known",
    "known_from_files",
    "read_config",
]
