"""What is stored, and the constraints that keep it true."""

from .mail import OutgoingMail
from .petition import ConsentText, Letter, Petition
from .record import Correction, NameReview, WaitingName
from .signature import NAME_WAITS, Signature, Suppression
from .staff import AuditEntry
from .tally import NOT_SAID, CountryTally, DayTally, PublishedFigures, Tally, TallyEntry
from .update import CampaignUpdate, UpdateText

__all__ = [
    "NAME_WAITS",
    "NOT_SAID",
    "AuditEntry",
    "CampaignUpdate",
    "ConsentText",
    "Correction",
    "CountryTally",
    "DayTally",
    "Letter",
    "NameReview",
    "OutgoingMail",
    "Petition",
    "PublishedFigures",
    "Signature",
    "Suppression",
    "Tally",
    "TallyEntry",
    "UpdateText",
    "WaitingName",
]
