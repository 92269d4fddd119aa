"""What is stored, and the constraints that keep it true."""

from .mail import OutgoingMail
from .petition import ConsentText, Letter, Petition
from .signature import Signature, Suppression
from .staff import AuditEntry
from .tally import NOT_SAID, CountryTally, DayTally, PublishedFigures, Tally, TallyEntry
from .update import CampaignUpdate, UpdateText

__all__ = [
    "NOT_SAID",
    "AuditEntry",
    "CampaignUpdate",
    "ConsentText",
    "CountryTally",
    "DayTally",
    "Letter",
    "OutgoingMail",
    "Petition",
    "PublishedFigures",
    "Signature",
    "Suppression",
    "Tally",
    "TallyEntry",
    "UpdateText",
]
