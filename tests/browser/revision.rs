//! How texts stand in a storage that several tabs share: each has a revision, which is higher each time.

use super::page::{script, script_with};

/// A text that such a storage takes.
pub(crate) fn record(name: &str) -> String {
    json(name, "{ v: 2, id: it }")
}

/// The name in a record, whatever its revision.
pub(crate) fn name(record: &str) -> String {
    let name = script_with(&record.into(), "return JSON.parse(it).id");
    name.as_string().expect("a record with a name")
}

/// Puts a record into localStorage, as another tab would.
pub(crate) fn put(key: &str, name: &str, revision: f64) {
    let record = json(name, &format!("{{ revision: {revision}, v: 2, id: it }}"));
    script_with(&record.into(), &format!("localStorage.setItem('{key}', it)"));
}

/// The revision of what localStorage has.
pub(crate) fn revision(key: &str) -> f64 {
    let revision = script(&format!("return JSON.parse(localStorage.getItem('{key}')).revision"));
    revision.as_f64().expect("a number")
}

fn json(name: &str, object: &str) -> String {
    let text = script_with(&name.into(), &format!("return JSON.stringify({object})"));
    text.as_string().expect("JSON")
}
