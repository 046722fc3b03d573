"""Deploying definitions, as a command people give; how it is done stands in `engine/deploying.py`."""

from engine.deploying import (
    CheckAndProve,
    CheckDefinitions,
    Deploy,
    DeployedDefinition,
    Deployment,
    bump_catalog,
    config_kind,
    known,
    known_from_files,
    read_config,
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
