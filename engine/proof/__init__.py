"""Proof: what no run of a procedure can do, shown before it runs; or the shortest run that does it (design.md §10)."""

from engine.proof.prove import prove
from engine.proof.result import Finding, Proof, TraceStep
from engine.proof.rules import ComplianceRule, read_rules
from engine.proof.world import World, called_by, world_of_files

__all__ = [
    "ComplianceRule",
    "Finding",
    "Proof",
    "TraceStep",
    "World",
    "called_by",
    "prove",
    "read_rules",
    "world_of_files",
]
