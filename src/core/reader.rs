//! Readers over a [`Value`]: the strict [`Reader`] of an application's options keeps absent, null and wrong type apart, and
//! names what it does not know; [`ObjectReader`] takes what servers and earlier pages wrote.

use super::error::{Error, Result};
use super::value::Value;

/// Reads the members of an object. Names are those of the format; what was never asked for is unknown.
pub struct Reader<'a> {
    members: &'a [(String, Value)],
    read: Vec<&'static str>,
}

/// A member that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its name.
    pub name: String,
    /// What it must be; nothing where there is no such member.
    pub expected: Option<&'static str>,
}

/// What a member can be read as.
pub trait FromValue: Sized {
    /// What it must be, in words; of what an application gives.
    const EXPECTED: &'static str = "of its type";
    /// What an array of them is, in words.
    const EXPECTED_MANY: &'static str = "an array";

    /// The value, if it is one.
    fn from_value(value: &Value) -> Option<Self>;
}

impl<'a> Reader<'a> {
    /// A reader, if the value is an object.
    pub fn new(value: &'a Value) -> Option<Reader<'a>> {
        match value {
            Value::Object(members) => Some(Reader {
                members,
                read: Vec::new(),
            }),
            _ => None,
        }
    }

    /// A member as it stands.
    pub fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.read.push(name);
        self.members
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value)
    }

    /// A member that may be absent.
    #[inline(never)]
    pub fn optional<T: FromValue>(&mut self, name: &'static str) -> Result<Option<T>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => T::from_value(value).map(Some).ok_or_else(|| wrong(name, T::EXPECTED)),
        }
    }

    /// A member that must be there.
    #[inline(never)]
    pub fn required<T: FromValue>(&mut self, name: &'static str) -> Result<T, Wrong> {
        self.optional(name)?.ok_or_else(|| wrong(name, T::EXPECTED))
    }

    /// Refuses members that were not asked for.
    pub fn finish(self) -> Result<(), Wrong> {
        match self
            .members
            .iter()
            .find(|(name, _)| !self.read.contains(&name.as_str()))
        {
            None => Ok(()),
            Some((name, _)) => Err(Wrong {
                name: name.clone(),
                expected: None,
            }),
        }
    }
}

/// A stored record, by the version that it names as `v`. To change a record's form, raise the `VERSION` beside its
/// `to_value`: what a former version wrote is then as if it were not there.
pub(crate) enum Versioned<'a> {
    /// Of the version that is written here.
    Current(&'a Value),
    /// Of a later one, which another tab may go on with.
    Newer,
    /// Of a former one, or no record at all.
    Unsound,
}

impl<'a> Versioned<'a> {
    /// What stands in storage; nothing stands for a text that is no JSON.
    pub(crate) fn new(value: Option<&'a Value>, version: i64) -> Versioned<'a> {
        let found = value.and_then(|value| Some((i64::from_value(value.get("v")?)?, value)));
        match found {
            Some((found, value)) if found == version => Versioned::Current(value),
            Some((found, _)) if found > version => Versioned::Newer,
            _ => Versioned::Unsound,
        }
    }

    /// The record, if it is one of the version that is written here.
    pub(crate) fn current(self) -> Option<&'a Value> {
        match self {
            Versioned::Current(value) => Some(value),
            Versioned::Newer | Versioned::Unsound => None,
        }
    }
}

/// Reads an object that others wrote: a stored record, or a server's answer. All of its members are read at once, and then it
/// says which was wrong first. Null is absent (servers write it for what they do not have), and nobody minds what is not read.
/// Its methods are called for every member of every object, so they are kept from being inlined there.
pub struct ObjectReader<'a> {
    object: &'a Value,
    wrong: Option<&'static str>,
}

impl<'a> ObjectReader<'a> {
    /// A reader, if the value is an object.
    pub fn new(object: &'a Value) -> Option<ObjectReader<'a>> {
        let wrong = None;
        matches!(object, Value::Object(_)).then_some(ObjectReader { object, wrong })
    }

    /// A member that must be there.
    #[inline(never)]
    pub(crate) fn required<T: FromValue + Default>(&mut self, name: &'static str) -> T {
        let found = self.optional(name);
        if found.is_none() {
            self.refuse(name);
        }
        found.unwrap_or_default()
    }

    /// A member that may be absent or null.
    #[inline(never)]
    pub fn nullable<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        let found = T::from_value(self.object.present(name)?);
        if found.is_none() {
            self.refuse(name);
        }
        found
    }

    /// A member that must be there, and may be null.
    pub(crate) fn required_or_null<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        if self.object.get(name).is_none() {
            self.refuse(name);
        }
        self.nullable(name)
    }

    /// A member that counts for nothing where it is wrong.
    pub(crate) fn optional<T: FromValue>(&self, name: &str) -> Option<T> {
        self.object.get(name).and_then(T::from_value)
    }

    /// Says of a member that it is wrong.
    pub(crate) fn refuse(&mut self, name: &'static str) {
        self.wrong.get_or_insert(name);
    }

    /// The first of those that are wrong.
    pub fn wrong(&self) -> Option<&'static str> {
        self.wrong
    }

    /// The failure for the first of those that are wrong.
    pub(crate) fn check(&self, failure: fn(&'static str) -> Error) -> Result<()> {
        self.wrong.map_or(Ok(()), |name| Err(failure(name)))
    }

    /// What was read, if none of it is wrong.
    pub(crate) fn sound<T>(&self, found: T) -> Option<T> {
        self.wrong.is_none().then_some(found)
    }
}

fn wrong(name: &str, expected: &'static str) -> Wrong {
    Wrong {
        name: name.to_owned(),
        expected: Some(expected),
    }
}

impl FromValue for String {
    const EXPECTED: &'static str = "a string";
    const EXPECTED_MANY: &'static str = "an array of strings";

    fn from_value(value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_value(value: &Value) -> Option<bool> {
        match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}

/// Larger numbers are neither times nor durations, and sums of smaller ones do not overflow.
const MAX_NUMBER: f64 = 1e18;

/// A whole number; fractions are cut off.
impl FromValue for i64 {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) if number.abs() < MAX_NUMBER => Some(number.floor() as i64),
            _ => None,
        }
    }
}

/// All items, if each can be read.
impl<T: FromValue> FromValue for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED_MANY;

    fn from_value(value: &Value) -> Option<Vec<T>> {
        match value {
            Value::Array(values) => {
                let mut items = Vec::with_capacity(values.len());
                for value in values {
                    items.push(T::from_value(value)?);
                }
                Some(items)
            }
            _ => None,
        }
    }
}

impl FromValue for Value {
    const EXPECTED: &'static str = "a value";

    fn from_value(value: &Value) -> Option<Value> {
        Some(value.clone())
    }
}
