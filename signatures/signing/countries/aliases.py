"""What else people call a country when they type it: for finding it in the list, never for showing it."""

from __future__ import annotations

ALIASES = {
    "AE": "UAE, Emirates",
    "BA": "BiH",
    "BO": "Plurinational State of Bolivia",
    "CD": "DRC, Congo-Kinshasa, Zaire",
    "CF": "CAR",
    "CG": "Congo-Brazzaville, Republic of the Congo",
    "CI": "Ivory Coast",
    "CN": "PRC, People's Republic of China",
    "CV": "Cape Verde",
    "CZ": "Czech Republic",
    "DO": "Dominican Rep",
    "FK": "Malvinas",
    "FM": "FSM",
    "GB": "UK, Great Britain, England, Scotland, Wales, Northern Ireland",
    "IE": "Eire, Republic of Ireland",
    "IR": "Persia",
    "KG": "Kirghizia",
    "KP": "DPRK",
    "KR": "ROK, Republic of Korea",
    "LA": "Lao",
    "MD": "Moldavia",
    "MK": "FYROM, Macedonia",
    "MM": "Burma",
    "NL": "Holland",
    "PG": "PNG",
    "PS": "Palestinian Territories, West Bank, Gaza",
    "RU": "Russian Federation",
    "SA": "KSA",
    "ST": "Sao Tome",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkiye, Turkey",
    "TW": "Republic of China, ROC",
    "US": "USA, United States, America",
    "VA": "Holy See",
    "VN": "Viet Nam",
    "ZA": "RSA",
}


def also_called(code: str) -> str:
    """Its common short names, comma-separated, may be empty. Its English name the browser knows by itself."""
    return ALIASES.get(code, "")
