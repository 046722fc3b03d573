"""DMN: decisions read from XML, compiled once, and explained for the file of the matter."""

from engine.dmn.evaluation import DmnModel, call_service
from engine.dmn.model import Decision, DecisionNotFoundError, DecisionResult
from engine.dmn.reader import read_dmn

__all__ = ["Decision", "DecisionNotFoundError", "DecisionResult", "DmnModel", "call_service", "read_dmn"]
