"""What is stored, and the constraints that keep it true."""

from .mail import LinkRequest, OutgoingMail
from .petition import ConsentText, Letter, Petition
from .signature import Signature, Suppression
from .staff import AuditEntry
from .tally import NOT_SAID, CountryTally, DayTally, Tally, TallyEntry

__all__ = [
    "NOT_SAID",
    "AuditEntry",
    "ConsentText",
    "CountryTally",
    "DayTally",
    "Letter",
    "LinkRequest",
    "OutgoingMail",
    "Petition",
    "Signature",
    "Suppression",
    "Tally",
    "TallyEntry",
]
