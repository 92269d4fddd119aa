"""What is stored, and the constraints that keep it true."""

from .desk import Check, DeskFigures
from .export import ExportFile, ExportPart
from .guard import SpentProof
from .job import Job, JobItem
from .mail import LinkRequest, OutgoingMail
from .paper import PaperImport, PaperPart, PaperProblem
from .petition import ConsentText, Letter, LetterRevision, Petition
from .record import Correction, NameReview, WaitingName
from .retention import RetentionRun
from .rule import Rule
from .sending import NOBODY, SendingPace, UpdateRecipient, UpdateSending, UpdateTest
from .signature import NAME_WAITS, Signature, Suppression
from .staff import AuditEntry, Reach
from .tally import NOT_SAID, CountryTally, DayTally, PublishedFigures, SourceTally, Tally, TallyEntry
from .update import CampaignUpdate, UpdateText
from .webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "NAME_WAITS",
    "NOBODY",
    "NOT_SAID",
    "AuditEntry",
    "CampaignUpdate",
    "Check",
    "ConsentText",
    "Correction",
    "CountryTally",
    "DayTally",
    "DeskFigures",
    "ExportFile",
    "ExportPart",
    "Job",
    "JobItem",
    "Letter",
    "LetterRevision",
    "LinkRequest",
    "NameReview",
    "OutgoingMail",
    "PaperImport",
    "PaperPart",
    "PaperProblem",
    "Petition",
    "PublishedFigures",
    "Reach",
    "RetentionRun",
    "Rule",
    "SendingPace",
    "Signature",
    "SourceTally",
    "SpentProof",
    "Suppression",
    "Tally",
    "TallyEntry",
    "UpdateRecipient",
    "UpdateSending",
    "UpdateTest",
    "UpdateText",
    "WaitingName",
    "WebhookDelivery",
    "WebhookEndpoint",
]
