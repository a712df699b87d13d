//! Just enough of URLs to decide where requests and users may be sent. The browser does the real parsing.

use super::form::Form;
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
    before(before(url, '#'), '?')
}

/// The query without `?` and the fragment without `#`, as they stand.
pub fn parts(url: &str) -> (&str, &str) {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    (rest.split_once('?').map_or("", |(_, query)| query), fragment)
}

/// The URL with a form added to its query (RFC 6749 §3.1 keeps an endpoint's own).
pub fn with_query(url: &str, form: Form) -> Text {
    let separator = if before(url, '?') == url { "?" } else { "&" };
    Text::of(&[url, separator, &form.into_text()])
}

/// The URL up to its path: scheme and authority.
pub fn origin(url: &str) -> &str {
    let rest = url
        .strip_prefix("https://")
        .or(url.strip_prefix("http://"))
        .unwrap_or(url);
    let path = rest.split_once('/').map_or(0, |(_, path)| path.len() + 1);
    url.split_at_checked(url.len() - path).map_or(url, |(origin, _)| origin)
}

fn before(text: &str, mark: char) -> &str {
    text.split_once(mark).map_or(text, |(before, _)| before)
}

/// The host, or nothing where the authority has user information: that only serves to deceive.
fn host(rest: &str) -> &str {
    let authority = before(base(rest), '/');
    if before(authority, '@') != authority {
        return "";
    }
    match authority.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((host, port)) if port.is_empty() || port.starts_with(':') => host,
            _ => "",
        },
        None => before(authority, ':'),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.ends_with(".localhost") || is_loopback_v4(host)
}

/// 127.0.0.0/8, in the one spelling that nothing can be hidden in.
fn is_loopback_v4(host: &str) -> bool {
    let is_byte = |part: &str| part.len() <= 3 && part.parse::<u8>().is_ok();
    host.starts_with("127.") && host.split('.').count() == 4 && host.split('.').all(is_byte)
}
