//! Authorization responses: finding one in a URL, reading it, and cleaning the address bar.

use scopewise::core::authorize::response::{Callback, Located, cleaned, locate};
use scopewise::core::authorize::{AuthorizationResponse, PendingRequest, ResponseMode};
use scopewise::core::secret::State;
use scopewise::core::url;

use crate::common::{CALLBACK, ISSUER, pairs, parse_json, sign_in};
use crate::input::{Input, check_error};

/// The `state` of the request that the client has.
const STATE: &str = "s3cr3t-state";
const READ: [&str; 6] = ["state", "code", "iss", "error", "error_description", "error_uri"];

thread_local! {
    static REQUEST: PendingRequest = sign_in("openid read");
}

pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (text, mode) = input.two();
    let mode = match mode {
        "fragment" => ResponseMode::Fragment,
        _ => ResponseMode::Query,
    };
    let url = match text.strip_prefix('?').or(text.strip_prefix('#')) {
        Some(_) => [CALLBACK, text].concat(),
        None => text.to_owned(),
    };
    let expects = |state: &State, part| (state.secret() == STATE).then_some(part == mode);
    let located = locate(&url, CALLBACK, &parse_json, &expects);
    let (query, fragment) = url::parts(&url);
    for (part, part_mode) in [(query, ResponseMode::Query), (fragment, ResponseMode::Fragment)] {
        read(part, part_mode);
        clean(&url, part_mode);
    }
    let part = match &located {
        Located::Response(ResponseMode::Query) => query,
        Located::Response(_) => fragment,
        _ => return,
    };
    assert_eq!(url::origin(&url), url::origin(CALLBACK));
    let names: Vec<_> = pairs(part).into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name == "state"));
}

/// A code comes of a response that has nothing else, and of the issuer only.
fn read(part: &str, mode: ResponseMode) {
    let found = pairs(part);
    let all = |name: &str| {
        let named = found.iter().filter(|(held, _)| held == name);
        named.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    let secrets = || [all("code"), all("state")].concat();
    let callback = match Callback::parse(part, mode) {
        Ok(callback) => callback,
        Err(error) => return check_error(&error, secrets()),
    };
    assert_eq!(Some(callback.state.secret()), all("state").first().copied());
    assert!(READ.iter().all(|name| all(name).len() <= 1));
    let debug = format!("{callback:?}");
    let told = READ
        .iter()
        .skip(2)
        .flat_map(|name| all(name))
        .any(|value| value.contains("s3cr3t"));
    if !told {
        crate::input::check_secrets(&debug, secrets());
    }
    REQUEST.with(|request| match callback.check(request, ISSUER) {
        Ok(AuthorizationResponse::Code(code)) => {
            assert_eq!(mode, ResponseMode::Query);
            assert_eq!(Some(code.secret()), all("code").first().copied());
            assert_eq!(all("error").len(), 0);
            assert!(all("iss").iter().all(|issuer| *issuer == ISSUER));
            assert!(code.secret().bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        }
        Ok(_) => assert_eq!((all("error").len(), all("code").len()), (1, 0)),
        Err(error) => check_error(&error, secrets()),
    });
}

/// No code is left in the part, what is the page's own is as it was, and cleaning once is enough.
fn clean(url: &str, mode: ResponseMode) {
    let clean = cleaned(url, mode);
    assert!(clean.len() <= url.len());
    let parts = [url, &clean].map(|url| {
        let (query, fragment) = url::parts(url);
        if mode == ResponseMode::Query { query } else { fragment }.to_owned()
    });
    let [before, after] = parts.map(|part| {
        part.split('&')
            .filter(|pair| !pair.is_empty())
            .map(str::to_owned)
            .collect()
    });
    let (before, after): (Vec<String>, Vec<String>) = (before, after);
    for pair in &after {
        let names = pairs(pair);
        let is_response = names
            .iter()
            .any(|(name, _)| READ.contains(&name.as_str()) || name == "access_token");
        assert!(!is_response, "{pair} is left of {url}");
    }
    let mut rest = before.iter();
    assert!(
        after.iter().all(|pair| rest.any(|held| held == pair)),
        "{url} became {clean}"
    );
    assert_eq!(url::base(&clean), url::base(url));
    assert_eq!(cleaned(&clean, mode), clean);
    let in_query = |url: &str| matches!(locate(url, CALLBACK, &parse_json, &|_, _| None), Located::Response(_));
    assert!(mode != ResponseMode::Query || !in_query(&clean), "{clean}");
}
