//! A JSON value as the host parsed it, with accessors that keep absent, null and wrong type apart.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::error::{Code, Error, Result};

/// How deep and how large a value from outside may be.
pub const MAX_DEPTH: usize = 32;
/// How many values one document may hold.
pub const MAX_VALUES: usize = 20_000;

/// A JSON value. Objects keep their members' order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number
    Number(f64),
    /// A string
    String(String),
    /// An array
    Array(Vec<Value>),
    /// An object
    Object(Vec<(String, Value)>),
}

/// A member that is there with the wrong type: never the same as one that is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType(pub &'static str);

impl WrongType {
    /// The failure that says so, under the code of whoever reads the document.
    pub fn in_document(self, code: Code, document: &str) -> Error {
        Error::new(
            code,
            format!("The member `{}` of {document} has the wrong type.", self.0),
        )
    }
}

type Read<T> = std::result::Result<Option<T>, WrongType>;

impl Value {
    /// An own member, or nothing where it is absent or this is no object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The members of an object; none for anything else.
    pub fn members(&self) -> &[(String, Value)] {
        match self {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// This value as a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// A finite number, cut to whole units; saturates.
    pub fn as_seconds(&self) -> Option<i64> {
        match self {
            Value::Number(number) if number.is_finite() => Some(*number as i64),
            _ => None,
        }
    }

    /// A string member.
    pub fn string(&self, name: &'static str) -> Read<&str> {
        self.read(name, Value::as_str)
    }

    /// A boolean member.
    pub fn boolean(&self, name: &'static str) -> Read<bool> {
        self.read(name, |value| match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A numeric member in whole seconds.
    pub fn seconds(&self, name: &'static str) -> Read<i64> {
        self.read(name, Value::as_seconds)
    }

    /// An array member.
    pub fn array(&self, name: &'static str) -> Read<&[Value]> {
        self.read(name, Value::as_array)
    }

    /// An array of strings.
    pub fn strings(&self, name: &'static str) -> Read<Vec<String>> {
        self.read(name, |value| {
            value
                .as_array()?
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect()
        })
    }

    /// A member read by `as_type`; null and other types are wrong, absent is `None`.
    fn read<'a, T>(&'a self, name: &'static str, as_type: impl FnOnce(&'a Value) -> Option<T>) -> Read<T> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => as_type(value).map(Some).ok_or(WrongType(name)),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A required string of a stored record.
pub(crate) fn required<T>(read: Read<T>) -> Option<T> {
    read.ok().flatten()
}

/// Refuses members that nobody knows, by name.
pub(crate) fn only_known(value: &Value, known: &[&str], document: &str) -> Result<()> {
    match value.members().iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(Error::new(
            Code::InvalidOptions,
            format!("`{name}` is not a member of {document}. Check its spelling."),
        )),
    }
}
