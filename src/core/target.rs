//! What a token is for.

use super::error::{Error, Result};
use super::reader::{FromValue, ObjectReader};
use super::text::check_text;
use super::value::{Members, ToValue, Value};

/// An `audience` (Auth0's API identifier), `resource` indicators (RFC 8707), or neither. Resources are a set: two targets
/// are the same in whatever order theirs are given.
#[derive(Clone, Debug, Default, Eq)]
pub struct Target {
    audience: Option<String>,
    /// Each once.
    resources: Vec<String>,
}

impl PartialEq for Target {
    fn eq(&self, other: &Target) -> bool {
        self.audience == other.audience
            && self.resources.len() == other.resources.len()
            && self.resources.iter().all(|resource| other.resources.contains(resource))
    }
}

impl Target {
    /// The target of some options. Identifiers are not empty.
    pub fn new(audience: Option<String>, resources: Vec<String>) -> Result<Target> {
        if audience.iter().chain(&resources).any(String::is_empty) {
            return Err(Error::invalid_options(
                "\"audience\" and \"resource\" must not be empty",
            ));
        }
        let mut texts = audience.iter().chain(&resources);
        texts.try_for_each(|text| check_text("audience, or resource", text))?;
        let mut target = Target {
            audience,
            resources: Vec::new(),
        };
        for resource in resources {
            if !target.resources.contains(&resource) {
                target.resources.push(resource);
            }
        }
        Ok(target)
    }

    /// `audience`.
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// `resource`, one for each.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// As request parameters, each with its name.
    pub(super) fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        let audience = self.audience().map(|audience| ("audience", audience));
        let resources = self.resources.iter().map(|resource| ("resource", resource.as_str()));
        audience.into_iter().chain(resources)
    }

    /// True where neither is there: the server's default.
    pub fn is_empty(&self) -> bool {
        self.audience.is_none() && self.resources.is_empty()
    }
}

/// As a record has it.
impl ToValue for Target {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("audience", &self.audience);
        record.put("resource", &self.resources);
        record.into()
    }
}

/// As a record has it.
impl FromValue for Target {
    fn from_value(value: &Value) -> Option<Target> {
        let mut record = ObjectReader::new(value)?;
        let target = Target::new(record.nullable("audience"), record.required("resource")).ok()?;
        record.sound(target)
    }
}
