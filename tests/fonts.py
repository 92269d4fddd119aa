"""Cut the fonts that the project ships from the full ones: `python -m tests.fonts FOLDER`, seldom needed.

FOLDER holds the unpacked npm packages `source-serif` 4.5.1, `@expo-google-fonts/noto-naskh-arabic` 0.4.5 and
`@expo-google-fonts/noto-serif-sc` 0.4.3 as `source-serif/`, `noto-naskh-arabic/` and `noto-serif-sc/`. All are under
the SIL Open Font License, which reserves names: what is cut is called Undersigned. Pages get few glyphs and both
weights in one variable file; the picture for sharing, drawn on the server, gets every letter its languages may need.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
PAGES, PICTURE = ROOT / "static" / "fonts", ROOT / "signatures" / "letters" / "fonts"

# `unicode-range` in site.css repeats these.
LATIN = "20-7E,A0-AC,AE-FF,152-153,178,2009-200A,2010-2014,2018-201A,201C-201E,2020,2022,2026,202F,2039-203A,20AC,2212"
ITALIC = "20-7E,A0,A1,AB,BB,BF-FF,152-153,178,2013-2014,2018-2019,201C-201D,2026"  # for a word that is stressed
LATIN_EXTENDED = (
    "100-151,154-177,179-17F,18F,192,1A0-1A1,1AF-1B0,1CD-1DC,1E6-1E7,1EA-1EB,200-21B,226-233,237,259,2B9-2BC,2C6-2DD,"
    "300-328,1E00-1EF9"
)
CYRILLIC = "400-45F,490-493,49A-49B,4A2-4A3,4AE-4B1,4BA-4BB,4D8-4D9,4E8-4E9,2116"
GREEK = "370-3FF"
ARABIC = "20-7E,A0,AB,BB,600-6FF,200C-200F,2010-2015,2018-201E,2026,202F,2066-2069,FD3E-FD3F"
ON_PAGES = ["kern", "mark", "mkmk", "ccmp", "locl", "onum", "tnum"]


def parse(ranges: str) -> list[int]:
    return [
        code
        for span in ranges.split(",")
        for first, _, last in [span.partition("-")]
        for code in range(int(first, 16), int(last or first, 16) + 1)
    ]


def level_one_hanzi() -> list[int]:
    """The 3,755 characters of GB 2312 level 1, which cover over 99.7 % of running text, and Chinese punctuation."""
    rows = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return [ord(char) for char in rows if char] + parse(
        "20-7E,B7,2014,2018-2019,201C-201D,2026,3001-3002,3008-3011,FF01-FF5E"
    )


def cut(font: TTFont, unicodes: list[int], target: Path, *, name: str, features: list[str] | None = None) -> None:
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    options.layout_features = features or ["*"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=unicodes)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = name.replace(" ", "") if record.nameID == 6 else name
    font.flavor = "woff2"
    font.recalcTimestamp = False  # the same cut is the same file
    font.save(target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")


def variable(source: Path, folder: Path) -> TTFont:
    """Source Serif at text size, from regular to semibold."""
    font = instancer.instantiateVariableFont(TTFont(source), {"opsz": 14, "wght": (400, 400, 600)})
    font.flavor, font.recalcTimestamp = None, False
    font.save(folder / "at-text-size.ttf")  # the subsetter wants it whole, not as it is read from WOFF2
    return TTFont(folder / "at-text-size.ttf")


def note_coverage(folder: Path) -> None:
    """What each picture font can draw, as ranges of code points, for a runtime that reads no font tables."""
    lines = []
    for path in sorted(folder.glob("*.woff2")):
        codes = sorted(TTFont(path).getBestCmap())
        runs = [[code for _, code in run] for _, run in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])]
        lines.append(f"{path.stem} " + ",".join(f"{run[0]:X}-{run[-1]:X}" for run in runs))
    (folder / "coverage.txt").write_text("\n".join(lines) + "\n")


def main(folder: Path) -> None:
    serif = folder / "source-serif" / "WOFF2"
    roman = serif / "VAR" / "SourceSerif4Variable-Roman.ttf.woff2"
    for name, ranges in {
        "latin": LATIN,
        "latin-extended": LATIN_EXTENDED,
        # With ASCII, so that a Russian page needs one file.
        "cyrillic": f"20-7E,A0,AB,BB,2010-2014,2018-201A,201C-201E,2026,202F,{CYRILLIC}",
        "greek": GREEK,
    }.items():
        cut(
            variable(roman, folder),
            parse(ranges),
            PAGES / f"serif-{name}.woff2",
            name="Undersigned Serif",
            # Bulgarian and Serbian have letters of their own shape, and no page here is in either.
            features=[each for each in ON_PAGES if (name, each) != ("cyrillic", "locl")],
        )
    italic = TTFont(serif / "TTF" / "SourceSerif4-It.ttf.woff2")
    cut(italic, parse(ITALIC), PAGES / "serif-italic-latin.woff2", name="Undersigned Serif Italic", features=["kern"])
    everything = parse(",".join((LATIN, LATIN_EXTENDED, CYRILLIC, GREEK)))
    semibold = TTFont(serif / "TTF" / "SourceSerif4-Semibold.ttf.woff2")
    cut(semibold, everything, PICTURE / "european.woff2", name="Undersigned Serif Picture", features=ON_PAGES)
    naskh = TTFont(folder / "noto-naskh-arabic" / "600SemiBold" / "NotoNaskhArabic_600SemiBold.ttf")
    cut(naskh, parse(ARABIC), PICTURE / "arabic.woff2", name="Undersigned Naskh Picture")
    chinese = TTFont(folder / "noto-serif-sc" / "600SemiBold" / "NotoSerifSC_600SemiBold.ttf")
    cut(chinese, level_one_hanzi(), PICTURE / "chinese.woff2", name="Undersigned Song Picture", features=["kern"])
    note_coverage(PICTURE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
