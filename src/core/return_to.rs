//! Where the application wants its user back: a path of its own origin and nothing else.

use super::error::{Code, Error, Result};
use super::pieces::pieces;
use super::text::Text;
use super::url;

/// Parses a path, or a URL of this very origin: safe to hand to a router or to `location`. The callback's own path
/// becomes "/": returning there would loop.
pub fn parse(text: &str, origin: &str, callback: &str) -> Result<Text> {
    let path = match text.strip_prefix(origin) {
        Some("") => "/",
        Some(rest) if matches!(rest.as_bytes(), [b'/' | b'?' | b'#', ..]) => rest,
        _ => text,
    };
    if !is_path(path) {
        return Err(Error::new(Code::InvalidReturnTo));
    }
    let own = url::base(path);
    let loops = own != "/"
        && callback
            .strip_prefix(origin)
            .is_some_and(|callback| url::base(callback) == own);
    Ok(if loops { "/" } else { path }.into())
}

fn is_path(path: &str) -> bool {
    let clean = !path.bytes().any(|byte| byte <= 0x20 || byte == 0x7f || byte == b'\\');
    let own = url::base(path);
    clean && own.starts_with('/') && !own.starts_with("//") && !pieces(own, b'/').any(is_dot_segment)
}

/// `.` and `..`, also percent-encoded: a router that resolves them could make `//host` of the path.
fn is_dot_segment(segment: &str) -> bool {
    [".", "..", "%2e", ".%2e", "%2e.", "%2e%2e"]
        .iter()
        .any(|dots| segment.eq_ignore_ascii_case(dots))
}
