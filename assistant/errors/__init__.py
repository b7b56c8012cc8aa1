"""What can go wrong, as a tree. Every error says, in Chinese and English, what happened and what to do next.

AssistantError
├── SettingsError          a choice that cannot be used
├── DataFolderError        the data folder cannot be used
│   ├── DiskFull           no room to write
│   ├── DamagedData        the database in it is damaged
│   ├── NewerData          a later version of the app wrote it
│   └── DataFolderGone     it went away while the app was running
├── BackupRefused          a backup that is none, or of a later version
├── RestoreUnconfirmed     nobody has said yes to a restore yet
├── OutOfMemory            the process got no more memory
├── Busy                   somebody else is writing
├── NoteError              one file; the run goes on
│   ├── UnreadableNote     the file cannot be opened
│   ├── NotText            no text encoding fits, or the content is not what the suffix says
│   ├── EmptyNote          nothing in it
│   ├── TooBig             over a limit that we set
│   ├── DamagedNote        the parser gave up
│   ├── PasswordNeeded     an encrypted file
│   ├── NoTextLayer        a scan: pages without text
│   ├── MissingPackage     its reader needs a package that is not installed
│   ├── NeedsOcr           a picture
│   └── OcrMissing         OCR was asked for and is not installed
├── NotFound               a conversation, note or passage that is not there (any more)
├── ImportRefused          a file that is no conversation of ours
├── NoteNotSaved           an answer that could not be written as a note
├── ModelError             a provider refused, failed or answered nonsense
│   ├── KeyRefused         a wrong key, or one of another region
│   │   └── KeyMissing     none at all
│   ├── NoBalance          the account is empty or in arrears
│   ├── RateLimited        too much at once; goes away by waiting
│   ├── QuotaExceeded      a quota or spending limit is used up; waiting does not help
│   │   └── FreeTierUsed   the free part of it, and the account is set to stop there
│   ├── ModelMissing       no model of that name, or not for this account
│   ├── ContentRefused     the provider's content filter
│   ├── PromptTooLong      more than the model reads at once
│   │   └── TextTooLong    a single text is more than an embedding model reads
│   ├── ParameterRefused   something else in the request than its words
│   │   ├── PicturesRefused  pictures, which the model does not take
│   │   ├── ThinkingRefused  to think, or not to think
│   │   └── BatchRefused   more texts at once than are embedded
│   ├── OnlyThought        all that it was allowed to write went into thinking
│   ├── TookTooLong        the provider's own limit for one answer; the same request would meet it again
│   ├── ProviderDown       it broke down, or broke off, or fell silent
│   ├── Unreachable        no connection to it
│   ├── BadAnswer          an answer that no model gives: a web page, an empty or malformed reply
│   └── VectorStoreDown    what searches the vectors, where that is a server of its own, or its file
│       └── VectorStoreMissing  the packages that speak to it
├── CardRefused            a card of no use, or there already
├── CardChanged            a card that another window changed meanwhile
├── CardsNotRead           a file that holds no cards
├── PictureUnreadable      a picture that cannot be sent with a question
├── NothingToAsk           notes that hold nothing to make a quiz of
├── NoUsableQuestion       a model's quiz of which nothing stood the check
├── Cancelled              the learner stopped it
└── NeedsConfirmation      it would cost money and nobody has agreed yet

The texts are templates over the keyword arguments of the error; a kind is stable and may be asserted on.
"""

from __future__ import annotations

from assistant.errors.base import (
    AssistantError,
    Busy,
    Cancelled,
    CardChanged,
    CardRefused,
    CardsNotRead,
    DataFolderError,
    DiskFull,
    ImportRefused,
    Language,
    NeedsConfirmation,
    NoteNotSaved,
    NotFound,
    NothingToAsk,
    NoUsableQuestion,
    OutOfMemory,
    PictureUnreadable,
    Said,
    SettingsError,
)
from assistant.errors.data_folder import BackupRefused, DamagedData, DataFolderGone, NewerData, RestoreUnconfirmed
from assistant.errors.models import (
    BadAnswer,
    BatchRefused,
    ContentRefused,
    FreeTierUsed,
    KeyMissing,
    KeyRefused,
    ModelError,
    ModelMissing,
    NoBalance,
    OnlyThought,
    ParameterRefused,
    PicturesRefused,
    PromptTooLong,
    ProviderDown,
    QuotaExceeded,
    RateLimited,
    TextTooLong,
    ThinkingRefused,
    TookTooLong,
    Unreachable,
)
from assistant.errors.notes import (
    DamagedNote,
    EmptyNote,
    MissingPackage,
    NeedsOcr,
    NoteError,
    NoTextLayer,
    NotText,
    OcrMissing,
    PasswordNeeded,
    TooBig,
    UnreadableNote,
)
from assistant.errors.vector_store import VectorStoreDown, VectorStoreMissing

__all__ = [
    "AssistantError",
    "BackupRefused",
    "BadAnswer",
    "BatchRefused",
    "Busy",
    "Cancelled",
    "CardChanged",
    "CardRefused",
    "CardsNotRead",
    "ContentRefused",
    "DamagedData",
    "DamagedNote",
    "DataFolderError",
    "DataFolderGone",
    "DiskFull",
    "EmptyNote",
    "FreeTierUsed",
    "ImportRefused",
    "KeyMissing",
    "KeyRefused",
    "Language",
    "MissingPackage",
    "ModelError",
    "ModelMissing",
    "NeedsConfirmation",
    "NeedsOcr",
    "NewerData",
    "NoBalance",
    "NoTextLayer",
    "NoUsableQuestion",
    "NotFound",
    "NotText",
    "NoteError",
    "NoteNotSaved",
    "NothingToAsk",
    "OcrMissing",
    "OnlyThought",
    "OutOfMemory",
    "ParameterRefused",
    "PasswordNeeded",
    "PictureUnreadable",
    "PicturesRefused",
    "PromptTooLong",
    "ProviderDown",
    "QuotaExceeded",
    "RateLimited",
    "RestoreUnconfirmed",
    "Said",
    "SettingsError",
    "TextTooLong",
    "ThinkingRefused",
    "TooBig",
    "TookTooLong",
    "Unreachable",
    "UnreadableNote",
    "VectorStoreDown",
    "VectorStoreMissing",
]
