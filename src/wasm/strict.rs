//! The strict reader of options: an unknown member or a wrong type is `invalid_options`, which names it.

use wasm_bindgen::JsValue;

use crate::core::error::{Error, Result, UnknownOption};
use crate::core::reader::{FromValue, Reader};
use crate::core::scope::ScopeSet;
use crate::core::target::Target;
use crate::core::text::{MAX_TEXT, too_long};
use crate::core::url::Params;
use crate::core::value::Value;

/// The options of a method, and its name for messages.
pub(super) struct Options<'a> {
    method: &'static str,
    reader: Reader<'a>,
    /// What was wrong first.
    error: Option<Error>,
}

impl<'a> Options<'a> {
    pub(super) fn new(method: &'static str, value: &'a Value) -> Result<Options<'a>> {
        let reader = Reader::new(value).ok_or_else(|| not_options(method))?;
        Ok(Options {
            method,
            error: too_long_member(value),
            reader,
        })
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.reader.value(name)
    }

    pub(super) fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        let value = T::from_value(self.value(name)?);
        if value.is_none() {
            self.refuse(name, T::EXPECTED);
        }
        value
    }

    pub(super) fn scope(&mut self, name: &'static str) -> Option<ScopeSet> {
        self.read(name, scopes_of)
    }

    /// What a step that may fail makes of a member.
    pub(super) fn read<T>(&mut self, name: &'static str, read: impl FnOnce(&'a Value) -> Result<T>) -> Option<T> {
        let found = read(self.value(name)?);
        self.keep(found)
    }

    /// One text, or several.
    pub(super) fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        self.optional(name).map(|OneOrMore(texts)| texts)
    }

    /// One of some names.
    pub(super) fn named<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        let value = self.value(name)?.as_str();
        let known = names.iter().find(|(known, _)| value == Some(known));
        if known.is_none() {
            self.refuse(name, expected);
        }
        known.map(|(_, meaning)| *meaning)
    }

    /// `audience` and `resource`; nothing where neither is there.
    pub(super) fn target(&mut self) -> Option<Target> {
        let audience = self.optional("audience");
        let resources = self.texts("resource").unwrap_or_default();
        let target = self.keep(Target::new(audience, resources))?;
        Some(target).filter(|target| !target.is_empty())
    }

    /// The value of a step that may fail. What failed first is told in the end.
    pub(super) fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    fn refuse(&mut self, name: &str, expected: &'static str) {
        self.error.get_or_insert(Error::wrong_option(name, expected));
    }

    /// Fails where something was wrong or is unknown. Nothing that was read counts then.
    pub(super) fn finish(self) -> Result<()> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let method = self.method;
        self.reader.finish().map_err(|wrong| {
            let name = wrong.name;
            Error::UnknownOption(Box::new(UnknownOption { method, name }))
        })
    }
}

/// The failure for the first member with a text that is too long. appState has a bound of its own.
fn too_long_member(value: &Value) -> Option<Error> {
    let Value::Object(members) = value else { return None };
    let is_too_long = |(name, value): &&(String, Value)| {
        let text = if name == "appState" { 0 } else { value.longest_text() };
        name.len().max(text) > MAX_TEXT
    };
    let (name, _) = members.iter().find(is_too_long)?;
    Some(too_long(&name.chars().take(100).collect::<String>()))
}

fn not_options(method: &str) -> Error {
    Error::wrong_option(method, "an object of options")
}

struct OneOrMore(Vec<String>);

impl FromValue for OneOrMore {
    const EXPECTED: &'static str = "a string or an array of strings";

    fn from_value(value: &Value) -> Option<OneOrMore> {
        match value {
            Value::String(text) => Some(OneOrMore(vec![text.clone()])),
            value => Vec::from_value(value).map(OneOrMore),
        }
    }
}

/// Request parameters by name.
impl FromValue for Params {
    const EXPECTED: &'static str = "an object of strings";

    fn from_value(value: &Value) -> Option<Params> {
        let Value::Object(members) = value else { return None };
        let param = |(name, value): &(String, Value)| Some((name.clone(), value.as_str()?.to_owned()));
        members.iter().map(param).collect()
    }
}

/// Scopes: one text, or each token of an array apart.
pub(super) fn scopes_of(value: &Value) -> Result<ScopeSet> {
    match value {
        Value::String(text) => ScopeSet::parse(text),
        value => {
            let tokens = Vec::<String>::from_value(value).ok_or_else(|| Error::invalid_scope_syntax(None))?;
            ScopeSet::from_tokens(tokens.iter().map(String::as_str))
        }
    }
}

/// Reads the options of a method: all that `read` asks for, and nothing else may be there.
pub(super) fn read<T>(method: &'static str, options: &JsValue, read: impl FnOnce(&mut Options<'_>) -> T) -> Result<T> {
    let value = value_of(options, method)?;
    let mut options = Options::new(method, &value)?;
    let found = read(&mut options);
    options.finish()?;
    Ok(found)
}

/// The value of an options object; without one there are no options.
fn value_of(options: &JsValue, method: &'static str) -> Result<Value> {
    if options.is_undefined() {
        return Ok(Value::Object(Vec::new()));
    }
    serde_wasm_bindgen::from_value(options.clone()).map_err(|_| not_options(method))
}
