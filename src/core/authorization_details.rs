//! What a server granted besides scopes (RFC 9396 §7). Its meaning is the application's.

use super::reader::FromValue;
use super::value::{ToValue, Value};

/// More of it is no answer to what a URL can ask for, bytes.
const MAX_SIZE: usize = 64 * 1024;

/// Objects in an array.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationDetails(Value);

impl AuthorizationDetails {
    /// As JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

impl FromValue for AuthorizationDetails {
    fn from_value(value: &Value) -> Option<AuthorizationDetails> {
        let is_object = |item: &Value| matches!(item, Value::Object(_));
        let is_sound = matches!(value, Value::Array(items) if items.iter().all(is_object));
        (is_sound && value.size() <= MAX_SIZE).then(|| AuthorizationDetails(value.clone()))
    }
}

impl ToValue for AuthorizationDetails {
    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
