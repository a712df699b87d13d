//! How texts stand in a storage that several tabs share: each has a revision, which is higher each time.

use super::page::{script, text};

/// A text that such a storage takes.
pub(crate) fn record(name: &str) -> String {
    name.to_owned()
}

/// The name in a record, whatever its revision.
pub(crate) fn name(record: &str) -> String {
    record.to_owned()
}

/// Puts a record into localStorage, as another tab would.
pub(crate) fn put(key: &str, name: &str, revision: f64) {
    script(&format!("localStorage.setItem('{key}', 'n={revision}{name}')"));
}

/// The revision of what localStorage has.
pub(crate) fn revision(key: &str) -> f64 {
    let digits = text(&format!("return /^n=([0-9]+)/.exec(localStorage.getItem('{key}'))[1]"));
    digits.parse().expect("a number")
}
