//! JSON as an enum: the one form in which options, server answers and stored records come in.
//!
//! A `Value` is bounded in depth. Members that an object has twice are one, the last (RFC 8259 §4: the host's parser
//! decides, and it decides so).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

/// The most levels of arrays and objects.
const MAX_DEPTH: usize = 64;
/// Up to here every whole number is one that JSON parsers agree on (RFC 8259 §6).
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
/// The most members of an object.
const MAX_MEMBERS: usize = 20_000;

/// A JSON value.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Text.
    String(String),
    /// Values in a row.
    Array(Vec<Value>),
    /// Members by name, in order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// An object of these members.
    pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
        Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The member of a name; nothing where there is none, or this is no object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members
                .iter()
                .rev()
                .find(|(held, _)| held == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of the longest text in it, names included.
    pub fn longest_text(&self) -> usize {
        match self {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(Value::longest_text).max().unwrap_or_default(),
            Value::Object(members) => {
                let lengths = members.iter().map(|(name, value)| name.len().max(value.longest_text()));
                lengths.max().unwrap_or_default()
            }
            _ => 0,
        }
    }

    /// About the bytes that it has as JSON.
    pub fn size(&self) -> usize {
        match self {
            Value::String(text) => text.len() + 2,
            Value::Array(values) => values.iter().map(|value| value.size() + 1).sum::<usize>() + 2,
            Value::Object(members) => {
                let sizes = members.iter().map(|(name, value)| name.len() + 4 + value.size());
                sizes.sum::<usize>() + 2
            }
            _ => 8,
        }
    }

    /// The text of a string member.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A member that is there and not null: servers write null for what they do not have.
    pub(crate) fn present(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| **value != Value::Null)
    }
}

/// The members of an object, while it is made.
#[derive(Default)]
pub(crate) struct Members(Vec<(String, Value)>);

impl Members {
    /// Adds a member; one without a value is null.
    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.push(name, value.into());
    }

    fn push(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), value));
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Value {
        Value::Object(members.0)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number as f64)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::Array(values.into_iter().map(Into::into).collect())
    }
}

/// Not what it holds: answers have tokens in them, and ID tokens a person's data.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            // Who reads a moment as an integer takes no `1700000000.0`.
            Value::Number(number) if number.fract() == 0.0 && number.abs() < MAX_WHOLE => {
                serializer.serialize_i64(*number as i64)
            }
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(values) => values.serialize(serializer),
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

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Depth(MAX_DEPTH).deserialize(deserializer)
    }
}

/// Reads a value that has so many levels left.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn next<E: serde::de::Error>(self) -> Result<Depth, E> {
        self.0
            .checked_sub(1)
            .map(Depth)
            .ok_or_else(|| E::custom("too many levels"))
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let depth = self.next()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(depth)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let depth = self.next()?;
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(depth)?;
            // Where a script copies the members by assignment, this one would set the object's prototype.
            if name == "__proto__" {
                continue;
            }
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
            members.push((name, value));
        }
        Ok(Value::Object(last_of_each_name(members)))
    }
}

/// Members by name, each once: of several with the same name the last counts, in its place.
fn last_of_each_name(members: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut order: Vec<(&str, usize)> = members.iter().map(|(name, _)| name.as_str()).zip(0..).collect();
    order.sort_unstable();
    let mut is_last = vec![true; members.len()];
    for pair in order.windows(2) {
        if let [(name, index), (next, _)] = pair
            && name == next
            && let Some(is_last) = is_last.get_mut(*index)
        {
            *is_last = false;
        }
    }
    let kept = members.into_iter().zip(is_last).filter(|(_, is_last)| *is_last);
    kept.map(|(member, _)| member).collect()
}
