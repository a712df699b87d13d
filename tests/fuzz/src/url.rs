//! Which URLs are safe, and which get a token, compared with what browsers make of a URL.

use scopewise::core::apis::{Api, ApiOptions, find};
use scopewise::core::url::{Params, base, is_safe, origin, parts, with_query};
use url::{Host, Url};

use crate::common::{ORIGIN, params};
use crate::input::{Input, check_error};

/// A prefix of an API, and a URL.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (prefix, text) = input.two();
    safe(prefix);
    safe(text);
    let (query, fragment) = parts(text);
    assert!(text.starts_with(base(text)) && base(text).len() + query.len() + fragment.len() <= text.len());
    let mut added = Params::new();
    added.push("state", text);
    if !text.contains('#') {
        assert_eq!(
            params(&with_query(text, &added)).pop(),
            Some(("state".to_owned(), text.to_owned()))
        );
    }
    // The browser's parser comes first, as in a page.
    let (Ok(prefix), Ok(url)) = (Url::parse(prefix), Url::parse(text)) else {
        return;
    };
    let api = match Api::new(ApiOptions::new(prefix.as_str())) {
        Ok(api) => api,
        Err(error) => return check_error(&error, []),
    };
    if api.contains(url.as_str()) {
        assert_eq!(url.origin(), prefix.origin(), "{url} is not of {prefix}");
        assert!(url.path().starts_with(prefix.path().trim_end_matches('/')));
        assert!(url.username().is_empty() && url.password().is_none());
    }
    let found = find(&[api.clone()], url.as_str(), ORIGIN);
    let own = url.origin() == Url::parse(ORIGIN).unwrap().origin();
    assert_eq!(found.is_some_and(|found| found == api), api.contains(url.as_str()));
    assert!(find(&[], url.as_str(), ORIGIN).is_none() || own);
}

/// What is taken for safe goes over TLS, or stays on this machine, whoever reads it.
pub(crate) fn safe(text: &str) {
    if !is_safe(text) {
        return;
    }
    let Ok(url) = Url::parse(text) else { return };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    assert!(
        url.scheme() == "https" || url.scheme() == "http" && is_local,
        "{text:?} is {url}"
    );
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?}");
    let is_normal = url.as_str().starts_with(origin(text));
    assert!(
        !is_normal || url.origin() == Url::parse(origin(text)).unwrap().origin(),
        "{text:?}"
    );
}
