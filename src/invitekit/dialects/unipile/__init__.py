"""Unipile, version 1: requests out, answers in, and no network anywhere.

`UnipileDialect` says what to ask and what the answers mean; a backend sends and receives. Hosts that mirror the
service (PostPress does, as one secondary source says, 2026-10) are spoken to in the same way.

Each fact about the service stands beside the code that relies on it, with where it comes from and how sure it is:
documented by the vendor, one secondary source, seen in one code base, or our derivation.
"""

from invitekit.dialects.unipile._accounts import ServiceAccount
from invitekit.dialects.unipile._ages import id_time
from invitekit.dialects.unipile._dialect import UnipileDialect

__all__ = ["ServiceAccount", "UnipileDialect", "id_time"]
