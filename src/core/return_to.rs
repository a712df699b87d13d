//! Where the application wants its user back: a path of its own origin and nothing else.

use super::error::{Code, Error, Result};

/// A same-origin path with query and fragment, safe to hand to a router or to `location`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Parses a path, or a URL of this very origin. The callback's own path becomes "/": returning there would loop.
    pub fn parse(text: &str, origin: &str, callback: &str) -> Result<ReturnTo> {
        let path = match text.strip_prefix(origin) {
            Some("") => "/",
            Some(rest) if rest.starts_with(['/', '?', '#']) => rest,
            _ => text,
        };
        if !is_path(path) {
            return Err(Error::new(
                Code::InvalidReturnTo,
                "returnTo must be a path of this origin that starts with one slash, without dot segments or backslashes.",
            ));
        }
        let own = super::url::base(path);
        if callback
            .strip_prefix(origin)
            .is_some_and(|callback| callback == own && own != "/")
        {
            return Ok(ReturnTo("/".to_owned()));
        }
        Ok(ReturnTo(path.to_owned()))
    }

    /// What was stored, if it still is such a path, else "/".
    pub fn restored(text: &str, origin: &str) -> ReturnTo {
        ReturnTo::parse(text, origin, "").unwrap_or_else(|_| ReturnTo("/".to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_path(path: &str) -> bool {
    let clean = !path.chars().any(|c| c.is_control() || c == '\\' || c == ' ');
    let own = super::url::base(path);
    clean && own.starts_with('/') && !own.starts_with("//") && !own.split('/').any(is_dot_segment)
}

/// `.` and `..`, also percent-encoded: a router that resolves them could make `//host` of the path.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}
