//! What the targets make of their bytes, and what they ask of every failure.

use std::sync::OnceLock;

use scopewise::core::error::Error;
use scopewise::core::http::Response;
use scopewise::core::value::Value;

use crate::common::{self, MARK};

/// Text, in lines: what a target takes is mostly one text, or a few.
pub(crate) struct Input(String);

impl Input {
    pub(crate) fn new(data: &[u8]) -> Input {
        Input(String::from_utf8_lossy(data).into_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The first line, and the rest.
    pub(crate) fn two(&self) -> (&str, &str) {
        self.0.split_once('\n').unwrap_or((&self.0, ""))
    }

    /// Two lines, and the rest.
    pub(crate) fn three(&self) -> (&str, &str, &str) {
        let (first, rest) = self.two();
        let (second, third) = rest.split_once('\n').unwrap_or((rest, ""));
        (first, second, third)
    }

    /// A status, and a body that is JSON or not.
    pub(crate) fn response(&self) -> Response {
        let (status, body) = self.two();
        Response::new(status.parse().unwrap_or(200), common::parse_json(body))
    }

    /// The JSON that all of it is.
    pub(crate) fn json(&self) -> Option<Value> {
        common::parse_json(&self.0)
    }
}

/// A failure has a code of the contract and words for it, and tells none of these.
pub(crate) fn check_error<'a>(error: &Error, secrets: impl IntoIterator<Item = &'a str>) {
    static CODES: OnceLock<Vec<&'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(common::codes);
    assert!(
        codes.contains(&error.code()) || error.server_error().is_some(),
        "{error:?}"
    );
    // An option that the application misspelled is told as it wrote it.
    let message = error.message();
    let is_clean = !message.contains(char::is_control) || error.code() == "invalid_options";
    assert!(!message.is_empty() && is_clean, "{message:?}");
    // What the server itself says may hold anything, and is passed on.
    let server = error.server_error();
    let said = server.map(|server| format!("{} {:?} {:?}", server.code.as_str(), server.description, server.uri));
    if said.is_some_and(|said| said.contains(MARK)) {
        return;
    }
    check_secrets(&format!("{error:?} {error}"), secrets);
}

/// The text tells none of these. Only texts that are marked are secrets for sure: others could be words.
pub(crate) fn check_secrets<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) {
    for secret in secrets {
        assert!(
            !(secret.contains(MARK) && text.contains(secret)),
            "a secret leaked: {text}"
        );
    }
}

/// The texts of these members, wherever they are: secrets. None, where another text is marked like one: it may be told.
pub(crate) fn secrets<'a>(value: &'a Value, names: &[&str]) -> Vec<&'a str> {
    let (mut found, mut others) = (Vec::new(), false);
    collect(value, names, &mut found, &mut others);
    if others { Vec::new() } else { found }
}

fn collect<'a>(value: &'a Value, names: &[&str], found: &mut Vec<&'a str>, others: &mut bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                *others |= name.contains(MARK);
                match member.as_str() {
                    Some(text) if names.contains(&name.as_str()) => found.push(text),
                    _ => collect(member, names, found, others),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names, found, others)),
        Value::String(text) => *others |= text.contains(MARK),
        _ => {}
    }
}

/// An answer's secrets.
pub(crate) fn tokens(response: &Response) -> Vec<&str> {
    let names = ["access_token", "refresh_token", "id_token"];
    response.json.as_ref().map_or(Vec::new(), |json| secrets(json, &names))
}
