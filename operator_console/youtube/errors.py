"""What YouTube or the way to it answers instead of doing what was asked, as one typed error."""

from __future__ import annotations

from collections.abc import Mapping

from operator_console.session.codes import YoutubeCode as Code

RETRIED = frozenset({Code.NETWORK, Code.TLS, Code.SERVER, Code.RATE, Code.ANSWER})
"""What may be otherwise a little later; all others need somebody."""
SAID_MAX_CHARS = 200
REASON_MAX_CHARS = 64


class YoutubeError(Exception):
    """A call that failed; the text is plain English for logs and holds no secret."""

    def __init__(self, code: Code, text: str, *, after_s: float = 0.0, **args: str) -> None:
        super().__init__(text)
        self.code, self.details, self.after_s = code, args, after_s

    @property
    def retried(self) -> bool:
        """Whether the same call may work a little later."""
        return self.code in RETRIED

    @property
    def fields(self) -> dict[str, object]:
        """Fields `code`, `args` and `reason` of facts and observations."""
        return {"code": str(self.code), "args": dict(self.details), "reason": str(self)}


REDUNDANT = "redundantTransition"

# https://developers.google.com/youtube/v3/live/docs/errors, .../v3/docs/errors and .../docs/core_errors
_BY_REASON: Mapping[str, Code] = {
    "quotaExceeded": Code.QUOTA,
    "dailyLimitExceeded": Code.QUOTA,
    "rateLimitExceeded": Code.RATE,
    "userRateLimitExceeded": Code.RATE,
    "userRequestsExceedRateLimit": Code.RATE,
    "uploadRateLimitExceeded": Code.RATE,
    "userBroadcastsExceedLimit": Code.TOO_MANY,
    "liveStreamingNotEnabled": Code.NOT_ENABLED,
    "livePermissionBlocked": Code.NOT_ENABLED,
    "insufficientPermissions": Code.PERMISSION,
    "insufficientLivePermissions": Code.PERMISSION,
    "forbidden": Code.PERMISSION,
    "accessNotConfigured": Code.CLIENT_REFUSED,
    "youtubeSignupRequired": Code.NO_CHANNEL,
    "channelNotFound": Code.NO_CHANNEL,
    "authError": Code.SIGN_IN_AGAIN,
    "authorizationRequired": Code.SIGN_IN_AGAIN,
    REDUNDANT: Code.TRANSITION,
    "invalidTransition": Code.TRANSITION,
    "errorStreamInactive": Code.TRANSITION,
    "liveBroadcastBindingNotAllowed": Code.TRANSITION,
    "liveBroadcastDeletionNotAllowed": Code.TRANSITION,
    "errorExecutingTransition": Code.SERVER,
    "liveBroadcastNotFound": Code.GONE,
    "liveStreamNotFound": Code.GONE,
    "videoNotFound": Code.GONE,
    "notFound": Code.GONE,
    "invalidTitle": Code.BAD_TEXT,
    "titleRequired": Code.BAD_TEXT,
    "invalidDescription": Code.BAD_TEXT,
    "invalidImage": Code.THUMBNAIL_TYPE,
    "mediaBodyRequired": Code.THUMBNAIL_TYPE,
}


def api_error(status: int, reason: str, said: str, after_s: float = 0.0) -> YoutubeError:
    """The error of an answer of the API: HTTP status, its first `reason`, its message (never trusted)."""
    said = " ".join(said.split())[:SAID_MAX_CHARS]
    reason = " ".join(reason.split())[:REASON_MAX_CHARS]
    code = _BY_REASON.get(reason)
    if code is None:
        code = _by_status(status, reason)
    text = f"YouTube answered {status} {reason or 'without a reason'}: {said}"
    return YoutubeError(code, text, after_s=after_s, said=said or reason or str(status), why=reason)


def _by_status(status: int, reason: str) -> Code:
    if status >= 500:
        return Code.SERVER
    if status == 404 and not reason:
        return Code.ANSWER  # a proxy's page: only the API itself knows that something is gone
    known = {401: Code.SIGN_IN_AGAIN, 403: Code.PERMISSION, 404: Code.GONE, 429: Code.RATE}
    return known.get(status, Code.REFUSED)
