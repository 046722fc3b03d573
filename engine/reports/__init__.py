"""Reports: figures within the scope of who asks; a report is a query that answers with a Table.

Never by person, and never the number of leads, transfers, penalties or petitions as performance (domain 15).
"""

from engine.reports.ledger import FindLedger, Ledger
from engine.reports.open_work import OpenWork
from engine.reports.table import Column, Report, Table
from engine.reports.timeliness import Timeliness

# In the order of the page 统计.
REPORTS: dict[str, type[Report]] = {"timeliness": Timeliness, "open_work": OpenWork}

__all__ = ["REPORTS", "Column", "FindLedger", "Ledger", "OpenWork", "Report", "Table", "Timeliness"]
