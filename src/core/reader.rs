//! The strict reader over a [`Value`]: it keeps absent, null and wrong type apart, and names what it does not know.

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
    /// What it must be, in words.
    const EXPECTED: &'static str;
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

    /// A member that may be absent or null: of a stored record, or of an answer whose server writes null for nothing.
    #[inline(never)]
    pub fn nullable<T: FromValue>(&mut self, name: &'static str) -> Result<Option<T>, Wrong> {
        match self.value(name) {
            None | Some(Value::Null) => Ok(None),
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

/// Reads a stored record: its members at once, and then whether all of them were sound. A record that is not is none. Its
/// methods are called for every member of every record, so they are kept from being inlined there.
pub(crate) struct RecordReader<'a> {
    reader: Reader<'a>,
    is_sound: bool,
}

impl<'a> RecordReader<'a> {
    pub(crate) fn new(value: &'a Value) -> Option<RecordReader<'a>> {
        Some(RecordReader {
            reader: Reader::new(value)?,
            is_sound: true,
        })
    }

    /// A member that must be there.
    #[inline(never)]
    pub(crate) fn required<T: FromValue + Default>(&mut self, name: &'static str) -> T {
        let value = self.reader.value(name).and_then(T::from_value);
        self.is_sound &= value.is_some();
        value.unwrap_or_default()
    }

    /// A member that may be absent or null.
    #[inline(never)]
    pub(crate) fn nullable<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        let value = self.reader.value(name)?;
        let found = T::from_value(value);
        self.is_sound &= found.is_some() || *value == Value::Null;
        found
    }

    /// A member that must be there, and may be null.
    pub(crate) fn required_or_null<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        self.is_sound &= self.reader.value(name).is_some();
        self.nullable(name)
    }

    /// A member without which the record is one, too.
    pub(crate) fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        self.reader.value(name).and_then(T::from_value)
    }

    /// The record, if all that was read of it is sound.
    pub(crate) fn sound<T>(self, record: T) -> Option<T> {
        self.is_sound.then_some(record)
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
