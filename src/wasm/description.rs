//! The `scopes` option: what scopes are for.

use super::strict::Options;
use crate::core::error::{Error, Result};
use crate::core::scope::Scope;
use crate::core::scope_description::{ScopeDescription, ScopeWording};
use crate::core::value::Value;

/// Descriptions by scope.
pub(super) fn descriptions(value: &Value) -> Result<Vec<ScopeDescription>> {
    let descriptions = members("scopes", value)?.iter();
    descriptions.map(|(scope, value)| description(scope, value)).collect()
}

fn description(scope: &str, value: &Value) -> Result<ScopeDescription> {
    let mut options = Options::new("scopes", value)?;
    let description = ScopeDescription {
        scope: Scope::parse(scope)?,
        wording: wording(&mut options),
        is_sensitive: options.optional("sensitive").unwrap_or_default(),
        locales: options.read("locales", locales).unwrap_or_default(),
    };
    options.finish()?;
    Ok(description)
}

/// Wordings by language tag.
fn locales(value: &Value) -> Result<Vec<(String, ScopeWording)>> {
    let locales = members("locales", value)?.iter();
    let locales = locales.map(|(tag, value)| {
        let mut options = Options::new("locales", value)?;
        let wording = wording(&mut options);
        options.finish()?;
        Ok((tag.clone(), wording))
    });
    locales.collect()
}

fn wording(options: &mut Options<'_>) -> ScopeWording {
    ScopeWording {
        title: options.optional("title").unwrap_or_default(),
        why: options.optional("why"),
    }
}

fn members<'a>(name: &str, value: &'a Value) -> Result<&'a [(String, Value)]> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Error::wrong_option(name, "an object of descriptions")),
    }
}
