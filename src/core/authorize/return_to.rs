//! Where the application wants its user back: a path of its own origin and nothing else.

use super::response;
use crate::core::error::{Error, Result};
use crate::core::url;

/// Parses a path, or a URL of this very origin: safe to hand to a router or to `location`. It may be the redirect URI's own
/// page, and stays what it is, but for an authorization response there.
pub fn parse(text: &str, origin: &str, callback: &str) -> Result<String> {
    let rest = text.strip_prefix(origin);
    // A URL needs no slash behind its host.
    let slash = if rest.is_some_and(|rest| url::base(rest).is_empty()) {
        "/"
    } else {
        ""
    };
    let path = [slash, rest.unwrap_or(text)].concat();
    if !is_path(&path) {
        return Err(Error::InvalidReturnTo);
    }
    let callback = callback.strip_prefix(origin).unwrap_or_default();
    Ok(response::without_own_response(&path, callback).into_owned())
}

fn is_path(path: &str) -> bool {
    let own = url::base(path);
    url::is_printable(path) && own.starts_with('/') && !own.starts_with("//") && !own.split('/').any(is_dot_segment)
}

/// `.` and `..`, also percent-encoded: a router that resolves them could make `//host` of the path.
fn is_dot_segment(segment: &str) -> bool {
    [".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"]
        .iter()
        .any(|dots| segment.eq_ignore_ascii_case(dots))
}
