//! The messages of failures that have nothing of their own to tell.

pub(super) const INVALID_SCOPE_SYNTAX: &str = "Scopes are one or more tokens of printable ASCII without quote and backslash, in one text with spaces between or in an array, 8,000 bytes at the most.";
pub(super) const INVALID_RETURN_TO: &str = "returnTo must be a path of this origin, without dot segments or backslashes (with signOut, or a registered https URL).";
pub(super) const METADATA_REQUIRED: &str =
    "authorizeUrl needs the server's metadata at once. Await prepare() first, or give metadata to createClient.";
pub(super) const NOT_IN_BROWSER: &str = "crypto.getRandomValues is missing.";
pub(super) const STATE_MISSING: &str =
    "The authorization response has no state, so it belongs to no request. Start again.";
pub(super) const TRANSACTION_MISSING: &str = "No request with this state was started here, or its session is over: it may be another tab's or a stranger's. Start again.";
pub(super) const TRANSACTION_EXPIRED: &str = "The sign-in took more than an hour. Start again.";
pub(super) const RESPONSE_MALFORMED: &str = "The authorization response makes no sense, is too large, carries a token, or stands in the wrong part of the URL. The client must be registered for the code flow. Start again.";
pub(super) const ISSUER_MISSING: &str =
    "The authorization response has no iss, which the metadata promises (RFC 9207). Nothing was sent.";
pub(super) const ISSUER_MISMATCH: &str = "The authorization response is another issuer's (RFC 9207), or came to another one's redirect URI (RFC 9700 §4.4). Nothing was sent. Compare its iss with the issuer option, to the letter.";
pub(super) const CODE_MISSING: &str = "The authorization response has neither a code nor an error. Start again.";
pub(super) const CALLBACK_CONSUMED: &str =
    "The authorization response was handled before. Start again if there is no session.";
pub(super) const POPUP_BLOCKED: &str = "The browser blocked the popup. Call it in a click, or use mode redirect.";
pub(super) const POPUP_CLOSED: &str =
    "The popup was closed before the answer came. The session is as it was; offer to try again.";
pub(super) const FRAME_BLOCKED: &str =
    "This page is in a frame, where nobody can be sent to the server. Use mode popup.";
pub(super) const TOKEN_RESPONSE_LOST: &str = "The token endpoint's answer did not arrive, and what was sent is not sent again. Start again. Each time? Check its CORS settings and the page's connect-src.";
pub(super) const TOKEN_TYPE_UNSUPPORTED: &str = "The token endpoint's token_type is not what was asked for: DPoP with the option dpop, else Bearer. Check the client's registration.";
pub(super) const SUBJECT_MISMATCH: &str =
    "Another user came back. The session is as it was; to change users, call signIn.";
pub(super) const NOT_SIGNED_IN: &str = "Nobody is signed in. Call signIn first.";
pub(super) const INSUFFICIENT_USER_AUTHENTICATION: &str = "The API wants a stronger or newer sign-in (acrValues and maxAge say which), or the user came back without it. The session is as it was; call upgrade with both, or fetch with onMissing.";
pub(super) const INVALID_TOKEN: &str = "The userinfo endpoint answered 401: it does not take the access token. Call getAccessToken with forceRefresh once, else signIn.";
pub(super) const UNTRUSTED_ORIGIN: &str = "The URL, or the one that it redirected to, is neither in the option apis nor of this page's origin: name the API there to send it tokens. Or it redirects, and DPoP proofs are good for one URL. No other origin got the token.";
pub(super) const OTHER_TAB_BUSY: &str =
    "Another tab that does the same did not end within the time that the timeout option gives. Try again later.";
pub(super) const SILENT_TIMEOUT: &str = "The hidden frame brought no answer in time. The server may show a page there, or forbid frames; or the page's frame-src forbids the server, or the page at redirectUri does not call handleCallback.";
pub(super) const ABORTED: &str = "The caller aborted the call.";
pub(super) const USER_INFO_INVALID: &str = "The userinfo endpoint's answer is not a JSON object with sub. Check userinfo_endpoint in the server's metadata, and that it answers application/json there, or a signed JWT as application/jwt.";
pub(super) const USER_INFO_UNCHECKED: &str = "The userinfo endpoint's answer is a JWT, whose signature nobody checks here. Set verifySignature, or let the server answer application/json (userinfo_signed_response_alg).";
pub(super) const STORAGE_UNAVAILABLE: &str = "The page may not use its storage, which a redirect, the answer from a popup or frame, and the key of DPoP need. Allow storage for this site.";
pub(super) const LOGIN_REQUIRED: &str = "The access token has run out and cannot be renewed. Call signIn.";
pub(super) const CHALLENGE_OF_401: &str = "The API answered 401, and no new token helped: it does not take this token, or wants more than the page can see. Compare the token's audience with what the API expects, and let the API list WWW-Authenticate in Access-Control-Expose-Headers.";
