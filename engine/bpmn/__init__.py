"""BPMN: from XML to compiled definitions, and nothing lost on the way."""
