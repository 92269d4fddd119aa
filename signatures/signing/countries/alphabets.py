"""The order of names in a language, as Unicode's locale data (CLDR) has it, for the few hundred that we sort.

A collation library would bring megabytes of tables for 250 names in eight languages. Where the letters' own code points
are not the order, it is written out here; the tests hold it against the browser's `Intl.Collator`.
"""

from __future__ import annotations

import unicodedata
from functools import cache

LETTERS = {
    "ar": "آابةتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "es": "abcdefghijklmnñopqrstuvwxyz",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    # The hamza seat before a vowel that begins a word is left out: it is written, not sorted.
    "ug": "اەبپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىي",
    # By sound (pinyin): the characters that names of countries are written with.
    "zh-hans": (
        "阿埃爱安昂奥澳巴白百拜班保堡北贝本比别宾冰波玻伯博不布埔部朝赤茨达大代丹旦诞岛道得德地登迪帝蒂典甸丁东都度敦顿多"
        "俄厄恩尔耳伐法梵非菲斐芬夫佛福富干冈刚港哥格各根共古瓜关圭国果哈海韩汗合和荷赫黑洪基及吉极几济加柬疆角捷金津京喀卡"
        "开凯科克肯库拉腊来莱兰朗劳老勒黎里力立利联列林陵领留隆卢鲁路律伦罗洛马买麦曼毛美门蒙孟米秘密缅摩莫墨慕拿那纳南瑙内"
        "嫩尼宁纽努挪诺帕蓬皮坡泊葡浦普其奇乔求酋区群日瑞撒萨塞桑色森沙山绍舌圣时士属斯苏所索他塔台泰坦汤唐陶萄特提廷突图土"
        "托脱陀瓦外湾宛汪旺危威韦维委文汶挝沃乌西希鲜香小新行匈叙牙亚延扬洋也伊以意印英屿约越赞泽乍寨长政支直治智中洲兹"
    ),
}
_SILENT = {"ug": "ئ"}
# Letters that are sorted as another one: hamza with and without its seats as alif, alif maqsura as ya.
_SORTED_AS = {"ar": str.maketrans("ءأؤإئى", "اااااي")}

Place = tuple[int, int]


@cache
def _ranks(language: str) -> dict[str, int]:
    return {letter: rank for rank, letter in enumerate(LETTERS.get(language, ""))}


def alphabetical(name: str, language: str) -> tuple[Place, ...]:
    """A key to sort names by: spaces before other marks before letters, accents and capitals aside."""
    ranks = _ranks(language)
    places: list[Place] = []
    for char in unicodedata.normalize("NFC", name.casefold()).translate(_SORTED_AS.get(language, {})):
        if char in _SILENT.get(language, ""):
            continue
        if char in ranks:
            places.append((2, ranks[char]))
            continue
        for part in unicodedata.normalize("NFKD", char):
            if part in ranks:
                places.append((2, ranks[part]))
            elif part.isspace():
                places.append((0, 0))
            elif not unicodedata.combining(part):
                places.append((3 if part.isalnum() else 1, ord(part)))
    return tuple(places)
