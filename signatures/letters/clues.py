"""By what a letter's parts are known when nothing names them: the words that letters begin and end with.

In the languages of the interface, and German and Portuguese beside them. Each expression is matched against a line
without its Markdown, at its beginning.
"""

from __future__ import annotations

import re

LINE = 1000  # characters of one that is looked at closely: some of the expressions take long over long lines
SHORT = 120  # characters: a line of a letterhead, not of a letter


def _starts(words: str, *, then: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?:{words}){then}", re.IGNORECASE | re.DOTALL)


SALUTATION = _starts(
    r"dear\b|(?:your |their )?excellenc|to whom it may concern|hono(?:u)?rable|esteemed|respected|ladies and gentlemen"
    r"|madame|monsieur|mesdames|messieurs|ch[eè]re?s?\b|(?:votre |vos )excellence"
    r"|estimad|excelent[ií]sim|(?:su |sus )?excelencia|distinguid|querid|se[ñn]or"
    r"|уважаем|глубокоуважаем|ваш[еи] превосходительств|дорог"
    r"|السيد|السادة|أصحاب|صاحب|معالي|سعادة|فخامة|حضر|أعزائي|عزيزي"
    r"|尊敬的|各位|敬启者|阁下|诸位"
    r"|құрметті|мәртебелі|қадірлі"
    r"|ھۆرمەتلىك|جانابى|قەدىرلىك"
    r"|sehr geehrt|liebe|exma?\.?|prezad|car[oa]s?\b"
)
CLOSING = _starts(
    r"yours (?:very )?(?:sincerely|faithfully|truly|respectfully)|(?:very )?(?:sincerely|respectfully|cordially|truly)"
    r"|(?:with )?(?:kind|best|warm|our|deep|great)?(?:est)? ?(?:regards|wishes)\b"
    r"|with (?:[\w ]{0,20})?(?:respect|gratitude|hope)"
    r"|in (?:solidarity|hope|gratitude)|gratefully|signed\b"
    r"|cordialement|respectueusement|sincèrement|bien à vous|salutations|avec (?:nos|mes|tout)"
    r"|(?:veuillez|nous vous prions|je vous prie|dans l['’]attente).{0,160}?"
    r"(?:salutations|considération|sentiments|respect)"
    r"|atentamente|cordialmente|respetuosamente|sinceramente|(?:un )?(?:cordial |respetuoso )?saludos?"
    r"|con (?:todo )?respeto"
    r"|с (?:глубоким )?(?:уважением|почтением)|искренне"
    r"|مع (?:فائق |خالص |كل |أطيب )?(?:الاحترام|التقدير|التحي|الشكر)|و?تفضلوا|المخلص"
    r"|此致|敬礼|顺祝|谨上|敬上|谨启|谨此"
    r"|(?:зор )?құрметпен|ізгі (?:ниетпен|тілекпен)"
    r"|ھۆرمەت|سالام بىلەن"
    r"|mit (?:freundlichen|besten) grü|hochachtungsvoll|atenciosamente"
)
SUBJECT = _starts(
    r"re|subject|concerning|regarding|objet|sujet|concerne|asunto|тема|касательно|الموضوع|بشأن|主题|事由|关于"
    r"|тақыры(?:п|бы)|تېما|مەزمۇنى|betr(?:eff|\.)?|assunto",
    then=r"\s*[:：]\s*(?P<is>.+)",
)
REFERENCE = _starts(
    r"(?:our |your )?ref(?:erence)?\.?(?: ?(?:no|nr|number)\.?)?|(?:n/|v/)?réf(?:érence)?s?\.?|ref(?:erencia)?\.?"
    r"|исх(?:одящий)?\.?(?: ?№)?|номер|(?:رقم )?المرجع(?:ية)?|编号|文号|案号|шығыс(?: №)?|сілтеме|نومۇرى?"
    r"|aktenzeichen|az\.?",
    then=r"\s*[:：]\s*(?P<is>.+)",
)
ADDRESSEE = _starts(
    r"to\b|attn\.?|attention|à l['’]attention d[eu]|à\b|aux?\b|a (?:los|las|la|el|tod[oa]s)\b"
    r"|al\b|para\b|кому|إلى|致|an (?:die|den|das|alle)\b",
    then=r"\s*[:：]?\s*(?P<is>.+)",
)
OPEN_LETTER = re.compile(
    r"open letter|lettre ouverte|carta abierta|открытое письмо|رسالة مفتوحة|公开信"
    r"|ашық хат|ئوچۇق خەت|offener brief|carta aberta",
    re.IGNORECASE,
)
OPEN_LETTER_TO = re.compile(
    r"(?:open letter to|lettre ouverte (?:à|aux?)|carta abierta (?:al?|a l[oa]s))\s+(?P<is>.+?)"
    r"(?=\s+(?:on|about|concerning|regarding|sur|sobre|to|for)\b|\s*[:,.;]|$)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:e|t|f|p|tel|tél|phone|fax|e-?mail|mob(?:ile)?|тел)\s*[.:]+\s*(?=\S)"
    r"|https?://|www\.|\S+@\S+\.\S+|\+?\d[\d ().-]{7,}\d",
    re.IGNORECASE,
)
BARE_REFERENCE = re.compile(r"[A-Z]{2,}[A-Z0-9 ./-]*\d+[/.-]\d[\w./-]*")
OFFICE = re.compile(
    r"(?<=\s)(?:the |la |le |el )?(?:secretary[- ]general|general secretary|(?:vice[- ]?|co-?|executive |managing )?"
    r"(?:director|president|chair(?:man|woman|person)?)|professor|minister|ambassador|co-?ordinator|founder|head of"
    r"|spokes(?:person|man|woman)|treasurer|campaigner|on behalf of|for the"
    r"|secrétaire général|directeur|directrice|présidente?|professeure?|coordinat(?:eur|rice)|porte-parole"
    r"|secretari[oa] general|directora?|president[ae]|profesora?|coordinador|portavoz"
    r"|генеральный секретарь|директор|председатель|президент|профессор|координатор"
    r"|الأمين(?:ة)? العام|رئيس|مدير|منسق|أستاذ|秘书长|主席|主任|总干事|教授"
    r"|бас хатшы|төраға|директоры|باش سېكرېتار|رەئىس|مۇدىر)",
    re.IGNORECASE,
)
ENCLOSED = _starts(
    r"enc(?:l|losure)?s?\b|cc\b|p\.? ?j\.?|pièces? jointes?|annexes?|adjunt|приложени|копия|المرفقات|附件",
    then=r"\s*[.:：]",
)
MARKS = re.compile(r"^(?:#{1,6}\s+|>\s*)?(?:\*\*|__|\*|_)?(?P<is>.*?)(?:\*\*|__|\*|_)?\s*#*$", re.DOTALL)

_WORDS = {
    "en": "the and of to in is that we for you",
    "fr": "le la les des et que nous vous pour dans",
    "es": "el los las que de y para con una nosotros",
    "de": "der die das und wir sie nicht für mit von",
    "pt": "os as que para com uma não nós dos pelo",
}


def contact_in(text: str) -> re.Match[str] | None:
    """An address, a number or a page in a line of a letterhead; looked for near its beginning only."""
    return _CONTACT.search(text[:LINE])


def bare(line: str) -> str:
    """A line without the Markdown around it: `## **Re: x**` is `Re: x`."""
    found = MARKS.match(line.strip()) if len(line) <= LINE else None
    return (found["is"] if found else line).strip()


def guess_language(text: str) -> str:
    """The language of a text by its script and its commonest words; empty when neither tells."""
    sample = text[:20_000].lower()
    scripts = {
        "zh-hans": len(re.findall(r"[\u4e00-\u9fff]", sample)) * 3,
        "ug": len(re.findall(r"[ەېۆۈۋڭ]", sample)) * 8,
        "ar": len(re.findall(r"[\u0621-\u064a]", sample)),
        "kk": len(re.findall(r"[әғқңөұүһі]", sample)) * 8,
        "ru": len(re.findall(r"[а-яё]", sample)),
    }
    best = max(scripts, key=lambda code: scripts[code])
    if scripts[best] > len(sample) / 4:
        return best
    words = re.findall(r"[^\W\d_]+", sample)
    counts = {code: sum(word in set(common.split()) for word in words) for code, common in _WORDS.items()}
    likely = max(counts, key=lambda code: counts[code])
    return likely if counts[likely] >= max(2, len(words) // 20) else ""
