//! Rules of the kind "this scope carries those".

/// A scope that carries others. A trailing `*` stands for the same rest on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpliedScopes {
    /// The scope.
    pub scope: String,
    /// What it carries.
    pub carries: Vec<String>,
}

impl ImpliedScopes {
    /// A rule.
    pub fn new(scope: &str, carries: &[&str]) -> ImpliedScopes {
        ImpliedScopes {
            scope: scope.to_owned(),
            carries: carries.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    /// The rules of several spellings of one scope: each stands for all.
    pub fn aliases(spellings: &[String]) -> Vec<ImpliedScopes> {
        let rule = |scope: &String| ImpliedScopes {
            scope: scope.clone(),
            carries: spellings.to_vec(),
        };
        spellings.iter().map(rule).collect()
    }

    /// Adds what a scope carries by this rule.
    pub(super) fn carried_by(&self, scope: &str, carried: &mut Vec<String>) {
        let Some(rest) = matched(&self.scope, scope) else {
            return;
        };
        for pattern in &self.carries {
            match pattern.strip_suffix('*') {
                None => carried.push(pattern.clone()),
                // A scope that has this spelling already is not the start of another.
                Some(start) if start.is_empty() || matched(pattern, scope).is_none() => {
                    carried.push([start, rest].concat());
                }
                Some(_) => {}
            }
        }
    }
}

/// What stands for the `*` of a pattern that a scope matches; nothing stands for it in a pattern without one.
fn matched<'a>(pattern: &str, scope: &'a str) -> Option<&'a str> {
    match pattern.strip_suffix('*') {
        Some(start) => scope.strip_prefix(start),
        None => (pattern == scope).then_some(""),
    }
}
