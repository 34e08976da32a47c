"""Declarations of other systems to submissions. Today: the WCO Data Model, 3.x, message DEC.

`convert_files` is the whole of it; `tongguan.convert.command` is what the command line adds.
"""

from tongguan.convert.conversion import Converted, Limits, Unconverted, convert_files, lines
from tongguan.convert.profile import Profile, default_profile, load_profile
from tongguan.convert.refusals import ConversionRefused

__all__ = [
    "ConversionRefused",
    "Converted",
    "Limits",
    "Profile",
    "Unconverted",
    "convert_files",
    "default_profile",
    "lines",
    "load_profile",
]
