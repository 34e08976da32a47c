"""Persons aboard, persons watched for, and when one may be the other.

    document          same, both have it                       exact     (another nationality or birth date: perhaps)
    name and birth    same name, same date of birth            exact     (another nationality: perhaps)
    document          only looks alike (O and 0, B and 8 …)    perhaps
    name              same, a date of birth not known          perhaps
    birth             same, and one name is part of the other  perhaps
    otherwise                                                  nobody: namesakes born on other days are not met

tests/persons.txt is the table in examples.
"""

from dataclasses import dataclass
from enum import Enum
from unicodedata import combining, normalize

from border.domain.identifiers import look_alike


class Match(Enum):
    """How a person meets an entry."""

    EXACT = "exact"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as far as he can be compared. Empty or 0 is what is not known."""

    document: str
    """Folded number of the travel document."""
    name: str
    """As `name_key` makes it."""
    birth_date: int
    """Year × 10000 + month × 100 + day."""
    nationality: str


def name_key(name: str) -> str:
    """A name without accents, case, punctuation and order: `CHEN, Hǎi-míng` and `Haiming Chen` nearly meet.

    A name in Chinese characters keeps its order and loses its spaces.
    """
    plain = "".join([sign for sign in normalize("NFKD", name) if not combining(sign)]).upper()
    words = "".join([sign if sign.isalnum() else "" if sign in "-'’·" else " " for sign in plain]).split()
    if any("\u4e00" <= sign <= "\u9fff" for sign in plain):
        return "".join(words)
    return " ".join(sorted(words))


def meets(person: Person, watched: Person) -> Match | None:
    """How the person meets the entry; None where he does not."""
    other_nation = _differ(person.nationality, watched.nationality)
    other_birth = _differ(person.birth_date, watched.birth_date)
    same_birth = bool(person.birth_date) and person.birth_date == watched.birth_date
    same_name = bool(watched.name) and person.name == watched.name
    if watched.document and person.document == watched.document:
        return Match.PARTIAL if other_nation or other_birth else Match.EXACT
    if same_name and same_birth:
        return Match.PARTIAL if other_nation else Match.EXACT
    if watched.document and look_alike(person.document) == look_alike(watched.document):
        return Match.PARTIAL
    part = same_birth and _part_of_other(person.name, watched.name)
    return Match.PARTIAL if part or (same_name and not other_birth) else None


def _differ(one: object, other: object) -> bool:
    return bool(one and other and one != other)


def _part_of_other(one: str, other: str) -> bool:
    """Whether two words of the one name, and all of the shorter, stand in the other."""
    words, others = set(one.split()), set(other.split())
    common = words & others
    return len(common) >= 2 and common in (words, others)
