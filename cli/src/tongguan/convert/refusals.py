"""Why a file or a declaration cannot be converted.

ConversionRefused
├── NotReadable      the file cannot be opened, is too large, or its characters cannot be decoded
├── NotXml           it is not well-formed, too deep, or holds what is refused (DTD, entities)
├── NotADeclaration  it is XML, but no declaration that could be submitted
└── ProfileFaulty    the profile is not valid; ends the whole run
"""


class ConversionRefused(Exception):
    """Root. The text is one clear sentence for the person who gave the file.

    It never quotes the file's content, but for codes that have a code's form.
    """


class NotReadable(ConversionRefused):
    """The file cannot be opened, is too large, or its characters cannot be decoded."""


class NotXml(ConversionRefused):
    """Not well-formed XML, too deep, or with a document type or entities."""


class NotADeclaration(ConversionRefused):
    """XML, but no declaration that could be submitted."""


class ProfileFaulty(ConversionRefused):
    """The profile has unknown, missing or wrong entries; the text names every one."""
