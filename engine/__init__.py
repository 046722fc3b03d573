"""The workflow engine; `engine.engine.Engine` is its public face."""
