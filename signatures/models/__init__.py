"""What is stored, and the constraints that keep it true."""

from .mail import OutgoingMail
from .petition import ConsentText, Letter, Petition
from .signature import Signature, Suppression
from .staff import AuditEntry
from .tally import NOT_SAID, CountryTally, DayTally, SourceTally, Tally, TallyEntry
from .webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "NOT_SAID",
    "AuditEntry",
    "ConsentText",
    "CountryTally",
    "DayTally",
    "Letter",
    "OutgoingMail",
    "Petition",
    "Signature",
    "SourceTally",
    "Suppression",
    "Tally",
    "TallyEntry",
    "WebhookDelivery",
    "WebhookEndpoint",
]
