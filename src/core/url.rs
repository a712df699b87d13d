//! Just enough of URLs to decide where requests and users may be sent. The browser does the real parsing.

use super::form::Form;
use super::pieces::{before, cut};
use super::text::Text;

/// True for `https:`, and for `http:` on a loopback host: the only places for codes, tokens and users.
pub fn is_safe(url: &str) -> bool {
    if url.bytes().any(|byte| byte <= 0x20 || byte == 0x7f || byte == b'\\') {
        return false;
    }
    match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => !host(rest).is_empty(),
        (_, Some(rest)) => is_loopback(host(rest)),
        _ => false,
    }
}

/// The URL up to its query or fragment.
pub fn base(url: &str) -> &str {
    before(before(url, b'#'), b'?')
}

/// The query without `?` and the fragment without `#`, as they stand.
pub fn parts(url: &str) -> (&str, &str) {
    let (rest, fragment) = cut(url, b'#').unwrap_or((url, ""));
    (cut(rest, b'?').map_or("", |(_, query)| query), fragment)
}

/// The URL with a form added to its query (RFC 6749 §3.1 keeps an endpoint's own).
pub fn with_query(url: &str, form: Form) -> Text {
    let separator = if before(url, b'?') == url { "?" } else { "&" };
    Text::of(&[url, separator, &form.into_text()])
}

/// The URL up to its path: scheme and authority.
pub fn origin(url: &str) -> &str {
    let rest = url
        .strip_prefix("https://")
        .or(url.strip_prefix("http://"))
        .unwrap_or(url);
    let path = cut(rest, b'/').map_or(0, |(_, path)| path.len() + 1);
    url.split_at_checked(url.len() - path).map_or(url, |(origin, _)| origin)
}

/// The host, or nothing where the authority has user information: that only serves to deceive.
fn host(rest: &str) -> &str {
    let authority = before(base(rest), b'/');
    if cut(authority, b'@').is_some() {
        return "";
    }
    match authority.strip_prefix('[') {
        Some(v6) => match cut(v6, b']') {
            Some((host, port)) if port.is_empty() || port.starts_with(':') => host,
            _ => "",
        },
        None => before(authority, b':'),
    }
}

fn is_loopback(host: &str) -> bool {
    // Digits and dots only: no name can hide behind 127.0.0.0/8.
    let is_v4 = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit());
    host == "localhost" || host == "::1" || host.ends_with(".localhost") || host.strip_prefix("127.").is_some_and(is_v4)
}
