//! JSON records that a test changes.

use serde_json::Value as Json;

use super::parse_json;
use scopewise::core::authorize::Transaction;
use scopewise::core::session::StoredSession;

/// What stands in storage as this text.
pub(crate) fn restored(text: &str) -> StoredSession {
    StoredSession::from_value(parse_json(text).as_ref())
}

/// The transaction of this text.
pub(crate) fn parsed(text: &str) -> Option<Transaction> {
    Transaction::from_value(&parse_json(text)?)
}

/// Everything that the record could be cut to.
pub(crate) fn beginnings(record: &str) -> impl Iterator<Item = &str> {
    record.char_indices().filter_map(|(end, _)| record.get(..end))
}

/// A record with another member at a path such as `/grants/0/refresh`; `None` takes it away.
pub(crate) fn changed(record: &Json, path: &str, member: Option<Json>) -> String {
    let mut changed = record.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    assert!(parent.contains_key(name), "{path}");
    match member {
        Some(member) => parent.insert(name.to_owned(), member),
        None => parent.remove(name),
    };
    changed.to_string()
}

/// Every path to a member of an object, in arrays too.
pub(crate) fn paths(json: &Json, start: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Json)> = match json {
        Json::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    for (name, member) in members {
        let path = format!("{start}/{name}");
        if json.is_object() {
            found.push(path.clone());
        }
        paths(member, &path, found);
    }
}
