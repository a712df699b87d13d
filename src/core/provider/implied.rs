//! Rules of the kind "this scope carries those".

/// A scope that carries others. Where both sides end in `*`, it stands for the same rest; on one side alone it is a
/// character like any other.
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
        for carries in &self.carries {
            match (self.scope.strip_suffix('*'), carries.strip_suffix('*')) {
                (Some(start), Some(other)) => {
                    // A scope that has this spelling already is not the start of a longer one.
                    if let Some(rest) = scope.strip_prefix(start)
                        && (other.len() < start.len() || !scope.starts_with(other))
                    {
                        carried.push([other, rest].concat());
                    }
                }
                _ if self.scope == scope => carried.push(carries.clone()),
                _ => {}
            }
        }
    }
}
