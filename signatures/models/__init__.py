"""What is stored, and the constraints that keep it true."""

from .guard import SpentProof
from .mail import LinkRequest, OutgoingMail
from .petition import ConsentText, Letter, LetterRevision, Petition
from .record import Correction, NameReview, WaitingName
from .signature import NAME_WAITS, Signature, Suppression
from .staff import AuditEntry, Reach
from .tally import NOT_SAID, CountryTally, DayTally, PublishedFigures, SourceTally, Tally, TallyEntry
from .update import CampaignUpdate, UpdateText
from .webhook import WebhookDelivery, WebhookEndpoint

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
    "LetterRevision",
    "LinkRequest",
    "NameReview",
    "OutgoingMail",
    "Petition",
    "PublishedFigures",
    "Reach",
    "Signature",
    "SourceTally",
    "SpentProof",
    "Suppression",
    "Tally",
    "TallyEntry",
    "UpdateText",
    "WaitingName",
    "WebhookDelivery",
    "WebhookEndpoint",
]
