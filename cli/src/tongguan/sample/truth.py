"""The hidden truth about each consignment of a sample: what is really inside, whatever was declared.

It goes to a file of its own that only the simulated officer reads. Shares are per mille and EXAMPLES; they hang on
goods, enterprise and trade, so that a criterion can be right or wrong about its goods.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tongguan.sample.plan import Plan, draw
from tongguan.sample.pools import Pools
from tongguan.sample.submission import reference

Line = dict[str, Any]
BASE_PER_MILLE = 15.0


@dataclass(frozen=True, slots=True)
class Temptation:
    """What makes a find of one kind more likely. An empty field asks nothing."""

    kind: str
    description: str
    per_mille: float
    direction: str = ""
    prefixes: tuple[str, ...] = ()
    enterprise_class: str = ""
    trade_modes: tuple[str, ...] = ()


TEMPTATIONS = (
    Temptation("ENVIRONMENT", "废料中夹带生活垃圾 household waste among the scrap", 160, "import", ("7404", "7204")),
    Temptation("QUARANTINE", "检出活虫 live pests", 90, "import", ("02", "03", "08")),
    Temptation("UNDERVALUATION", "实付价高于申报价 paid more than declared", 110, "import", ("8708", "8477", "8458")),
    Temptation("MISDESCRIPTION", "实为其他商品 other goods than declared", 80, enterprise_class="C"),
    Temptation("HEALTH", "批号与批件不符 lots not as permitted", 50, "import", ("30", "04")),
    Temptation("INFRINGEMENT", "侵犯商标权 a trade mark infringed", 25, "export", ("6402", "6109", "4202")),
    Temptation("QUANTITY", "数量多于申报 more than declared", 12, trade_modes=("0214", "0615")),
)
# What may be found anywhere, in equal parts of BASE_PER_MILLE.
ANYWHERE = (
    ("UNDECLARED_GOODS", "夹藏未申报货物 goods that were not declared"),
    ("QUANTITY", "数量与申报不符 another quantity than declared"),
    ("ORIGIN", "原产地与申报不符 another origin than declared"),
)


def truth(count: int, pools: Pools) -> Iterator[Line]:
    """One line for each consignment of the sample, in order."""
    for number in range(1, count + 1):
        yield truth_of(draw(number, pools), pools)


def truth_of(plan: Plan, pools: Pools) -> Line:
    """`{"reference": …, "finds": [{"kind": …, "description": …, "itemNumbers": [1]}]}`; mostly without finds."""
    chance = random.Random(f"truth/{pools.seed}/{plan.number}")
    finds = [_find(each.kind, each.description, 1) for each in TEMPTATIONS if _gives_way(each, plan, chance)]
    if chance.uniform(0, 1000) < BASE_PER_MILLE:
        finds.append(_find(*chance.choice(ANYWHERE), chance.randint(1, len(plan.items))))
    return {"reference": reference(plan, pools), "finds": finds}


def _find(kind: str, description: str, item: int) -> Line:
    return {"kind": f"KIND_{kind}", "description": description, "itemNumbers": [item]}


def _gives_way(temptation: Temptation, plan: Plan, chance: random.Random) -> bool:
    drawn = chance.uniform(0, 1000)  # for each, tempted or not, so that one does not shift the others
    return drawn < temptation.per_mille and _tempts(temptation, plan)


def _tempts(temptation: Temptation, plan: Plan) -> bool:
    return (
        temptation.direction in ("", plan.direction)
        and (not temptation.prefixes or plan.items[0].goods.code.startswith(temptation.prefixes))
        and temptation.enterprise_class in ("", plan.enterprise.enterprise_class)
        and (not temptation.trade_modes or plan.trade_mode in temptation.trade_modes)
    )
