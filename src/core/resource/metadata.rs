//! What an API says of itself (RFC 9728).

use crate::core::config::Config;
use crate::core::error::{Endpoint, Error, InvalidMember, Result, inert};
use crate::core::http::{Request, Response};
use crate::core::issuer;
use crate::core::reader::ObjectReader;
use crate::core::scope::ScopeSet;
use crate::core::url;
use crate::core::value::Value;

/// Stands between the host and the path of the API's identifier (§3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
/// The most scopes of a document: each one is looked for in the grant.
const MAX_SCOPES: usize = 1_000;
/// The most characters of a name.
const MAX_NAME: usize = 200;

/// A sound document of an API: it names the API that was asked for, and where it names authorization servers, the client's.
///
/// ```
/// use scopewise::ResourceMetadata;
///
/// let request = ResourceMetadata::request("https://api.example.com/v1");
/// assert_eq!(request.url, "https://api.example.com/.well-known/oauth-protected-resource/v1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceMetadata {
    /// The API's identifier.
    pub resource: String,
    /// The scopes that it lists; none where it lists none. It need not list all.
    pub scopes_supported: ScopeSet,
    /// Its name, for people.
    pub name: Option<String>,
    /// A page about it, for developers.
    pub documentation: Option<String>,
}

/// What an API says of itself, and what of it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiScopes {
    /// The API.
    pub metadata: ResourceMetadata,
    /// Of its scopes, those that are granted.
    pub granted: ScopeSet,
    /// And those that are not.
    pub missing: ScopeSet,
}

impl ResourceMetadata {
    /// Where the document is of an API with this identifier (§3.1): a slash that ends the host is left out.
    pub fn request(resource: &str) -> Request {
        let origin = url::origin(resource);
        let rest = resource.strip_prefix(origin).unwrap_or_default();
        let is_bare = rest == "/" || rest.starts_with("/?");
        let rest = if is_bare {
            rest.get(1..).unwrap_or_default()
        } else {
            rest
        };
        Request::get([origin, WELL_KNOWN, rest].concat())
    }

    /// Reads an answer. The document must name the API's identifier to the letter (§3.3), and the client's issuer where it
    /// names any.
    pub fn response(response: &Response, resource: &str, client: &Config) -> Result<ResourceMetadata> {
        if let Some(error) = response.status_error() {
            return Err(error.at(Endpoint::ResourceMetadata));
        }
        let document = response.json.as_ref().unwrap_or(&Value::Null);
        let mut reader = ObjectReader::new(document)
            .ok_or_else(|| invalid("content-type: application/json", "must have a JSON object with it"))?;
        let found: String = reader.required("resource");
        let servers: Option<Vec<String>> = reader.nullable("authorization_servers");
        let scopes: Option<Vec<String>> = reader.nullable("scopes_supported");
        let scopes = scopes.unwrap_or_default();
        let is_ours =
            |server: &String| *server == client.issuer || issuer::is_expected(&client.expected_issuer, server);
        let wrong = reader.wrong();
        if wrong == Some("resource") {
            Err(invalid("resource", "must be the API's identifier"))
        } else if !is_same(resource, &found) {
            Err(invalid(inert(&found, MAX_NAME), NOT_RESOURCE))
        } else if wrong == Some("authorization_servers")
            // Where it does not say, the options do.
            || servers.is_some_and(|servers| !servers.iter().any(is_ours))
        {
            Err(invalid("authorization_servers", IS_SERVERS))
        } else if wrong.is_some() || scopes.len() > MAX_SCOPES {
            Err(invalid(
                "scopes_supported",
                "must be a list of 1,000 scopes at the most",
            ))
        } else {
            // What is for people to read keeps nobody from anything.
            let name = document.text("resource_name").map(|name| inert(name, MAX_NAME));
            let documentation = document
                .text("resource_documentation")
                .filter(|page| url::is_safe(page));
            Ok(ResourceMetadata {
                resource: found,
                scopes_supported: ScopeSet::from_answer(scopes),
                name,
                documentation: documentation.map(str::to_owned),
            })
        }
    }

    /// The API, and what of its scopes is held.
    pub fn with_missing(self, missing: ScopeSet) -> ApiScopes {
        ApiScopes {
            granted: self.scopes_supported.minus(&missing),
            missing,
            metadata: self,
        }
    }
}

const NOT_RESOURCE: &str = "is the resource that it names: the API's resource option, or else its URL in apis, must be the same, to the letter (§3.3)";
const IS_SERVERS: &str =
    "must be a list with the issuer option in it, to the letter: this API takes tokens of others only";

fn invalid(name: impl Into<String>, problem: &'static str) -> Error {
    let name = name.into();
    Error::ApiMetadataInvalid(Box::new(InvalidMember { name, problem }))
}

/// To the letter. One document is that of a host with and without a slash behind it, which its place leaves out.
fn is_same(resource: &str, found: &str) -> bool {
    let without_slash = |text: &str| {
        let origin = text.strip_suffix('/').filter(|rest| url::origin(text) == *rest);
        origin.map(str::to_owned)
    };
    let bare = |text: &str| without_slash(text).unwrap_or_else(|| text.to_owned());
    bare(resource) == bare(found)
}
