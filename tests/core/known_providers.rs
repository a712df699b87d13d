//! What known servers respond, as published, and which scopes are granted with the profile of each.

use std::collections::HashSet;

use scopewise::core::authorize::response::Callback;
use scopewise::core::authorize::{AuthorizationResponse, PendingRequest, ResponseMode};
use scopewise::core::config::Config;
use scopewise::core::error::Error;
use scopewise::core::http::Response;
use scopewise::core::scope::ScopeSet;
use scopewise::core::server::ServerMetadata;
use scopewise::core::session::{Event, Grant, ScopeStatus, Session};
use scopewise::core::token::{IdToken, TokenResponse};
use scopewise::core::url::Params;
use serde_json::{Value, json};

use crate::common::{
    ISSUER, MARK, NOW, assert_discreet, build, cases, claims, client_of, expected, id_token, intent, known_provider,
    metadata, options_with, pairs, param, response, session_after, set, sign_in, the_grant, upgrading, value, vectors,
    verified,
};

/// A text of a case; it must be there.
fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("{case} has no {name}"))
}

/// The scopes in a list of a case.
fn list(case: &Value, name: &str) -> Vec<String> {
    serde_json::from_value(case[name].clone()).unwrap()
}

/// The members of a case are these, so that none is misspelt and passed over.
fn assert_members(case: &Value, names: &str) {
    for name in case.as_object().unwrap().keys() {
        assert!(set(names).contains(name), "{name} means nothing in {case}");
    }
}

/// A response as the token endpoint sends it: with an ID token, where the case has one.
fn token_response(sent: &Value) -> Response {
    let mut body = sent["json"].clone();
    for (name, member) in body.as_object().unwrap() {
        let is_secret = name.ends_with("_token") && name != "id_token";
        assert!(
            !is_secret || member.as_str().unwrap().contains(MARK),
            "{name} in {sent}"
        );
    }
    if body.get("id_token").is_some() {
        assert_eq!(body["id_token"], true, "the test makes the token of {sent}");
        body["id_token"] = json!(id_token(&claims("ada")));
    }
    response(sent["status"].as_u64().unwrap() as u16, Some(&body))
}

/// The request that the case is the answer to. What it sends is what the case says was sent.
fn asked(client: &Config, case: &Value) -> PendingRequest {
    let requested = set(text(case, "requested"));
    let intent = match case["held"].as_str().map(set) {
        Some(held) => upgrading(&held.union(&requested), &requested.minus(&held), None),
        None => intent(text(case, "requested")),
    };
    let request = build(client, &metadata(), &options_with(|_| ()), intent, NOW).unwrap();
    let sent = set(&param(&request.url, "scope").unwrap_or_default());
    assert!(
        sent.contains_all(&requested) && requested.contains_all(&sent),
        "{case} sends {sent}"
    );
    request.pending
}

/// The ID token of a response, checked.
fn checked(response: &TokenResponse) -> Option<IdToken> {
    let raw = response.id_token.as_ref()?;
    Some(verified(raw.secret(), &expected()).unwrap())
}

/// The session after the response of a case.
fn signed_in(client: &Config, case: &Value, request: &PendingRequest) -> Session {
    assert_members(&case["answer"], "status json");
    let response = TokenResponse::parse(&token_response(&case["answer"])).unwrap();
    assert!(
        response.id_token.is_some() || !response.promises_id_token(request, &client.provider),
        "{case} lacks an ID token"
    );
    let id_token = checked(&response);
    let (target, requested) = (request.target.clone(), request.requested.clone());
    let event = Event::Authorized {
        request,
        grant: Grant::new(&client.provider, target, requested, response, NOW),
        id_token,
        session_id: "session-1".to_owned(),
    };
    Session::apply(None, event).unwrap()
}

/// The session after a refresh, which sends what the case says.
fn refreshed(client: &Config, refresh: &Value, session: &Session) -> Session {
    assert_members(refresh, "sends status json");
    let grant = the_grant(session);
    let request = grant.refresh_request(&client.provider).unwrap();
    let request = request.request(&metadata(), &client.client_id);
    let sent = Params::from_iter(pairs(&request.form.unwrap()));
    assert_eq!(sent.get("scope"), refresh["sends"].as_str(), "{refresh}");
    let response = TokenResponse::parse(&token_response(refresh)).unwrap();
    let id_token = checked(&response);
    let has_id_token = id_token.is_some() || session.id_token().is_some();
    let event = Event::Refreshed {
        grant: grant.refreshed(&client.provider, response, has_id_token, NOW),
        id_token,
    };
    session_after(session, event)
}

/// Where the core sees a response differently than the case.
fn differences(client: &Config, case: &Value) -> Vec<String> {
    assert_members(
        case,
        "name source recorded requested held answer refresh granted assumed missing covers lacks",
    );
    let request = asked(client, case);
    let mut session = signed_in(client, case, &request);
    if let Some(refresh) = case.get("refresh") {
        session = refreshed(client, refresh, &session);
    }
    let grant = the_grant(&session);

    let mut wrong = Vec::new();
    let mut differ = |what: &str, found: &str, right: &str| {
        if found != right {
            wrong.push(format!("{what} is {found:?}, not {right:?}"));
        }
    };
    differ("granted", &grant.granted().to_string(), text(case, "granted"));
    differ("assumed", &grant.assumed().to_string(), text(case, "assumed"));
    let missing = set(text(case, "missing"));
    let outcome = request.outcome(grant.granted());
    for (what, found) in [("denied", grant.denied()), ("missing", outcome.missing)] {
        // In any order: an upgrade knows those held before first.
        differ(&format!("too much {what}"), &found.minus(&missing).to_string(), "");
        differ(&format!("not {what}"), &missing.minus(&found).to_string(), "");
    }
    let status = |scope: &str| match (grant.status(scope), grant.covers(scope)) {
        (ScopeStatus::Granted | ScopeStatus::Assumed, true) => "there",
        (ScopeStatus::Denied | ScopeStatus::NotRequested, false) => "not there",
        _ => "contradictory",
    };
    let lacks = list(case, "lacks");
    let held = case["held"].as_str().map_or(ScopeSet::default(), set);
    // What was held before is there still, unless the case says otherwise.
    let held = held.filter(&|held| !lacks.iter().any(|lacked| lacked == held));
    for scope in list(case, "covers").iter().map(String::as_str).chain(held.iter()) {
        differ(scope, status(scope), "there");
    }
    for scope in &lacks {
        differ(scope, status(scope), "not there");
    }
    wrong
}

/// The error that comes with a redirect.
fn redirected(error: &Value) -> Error {
    let mut params = Params::new();
    params.push("error", text(error, "error"));
    params.push_some("error_description", error["error_description"].as_str());
    params.push("state", "s3cr3t-state");
    let callback = Callback::parse(&params.to_form(), ResponseMode::Query).unwrap();
    match callback.check(&sign_in("openid"), ISSUER).unwrap() {
        AuthorizationResponse::Error(refused) => refused,
        _ => panic!("{error} is an error"),
    }
}

/// The error that the token endpoint responds with.
fn responded(error: &Value) -> Error {
    let mut body = error.clone();
    let status = body.as_object_mut().unwrap().remove("status").unwrap();
    let status = status.as_u64().unwrap() as u16;
    body.as_object_mut().unwrap().remove("at");
    let is_empty = body.as_object().unwrap().is_empty();
    let refused = TokenResponse::parse(&response(status, (!is_empty).then_some(&body))).unwrap_err();
    assert_eq!(refused.status(), Some(status), "{error}");
    assert!(!refused.is_retryable(), "{error} used up the code");
    refused
}

/// Where the core sees an error differently than the case.
fn differences_of_error(client: &Config, case: &Value) -> Vec<String> {
    assert_members(case, "name source recorded error code hint");
    let error = &case["error"];
    assert_members(error, "at status error error_description error_uri error_codes");
    let refused = match text(error, "at") {
        "authorize" => redirected(error),
        "token" => responded(error),
        other => panic!("nothing responds at {other}"),
    };
    let description = |error: &Error| error.server_error().and_then(|server| server.description.clone());
    let seen = client.provider.explain(refused.clone());
    assert_discreet(&seen);
    assert_eq!(description(&seen), description(&refused), "{case}");

    let mut wrong = Vec::new();
    if seen.code() != text(case, "code") {
        wrong.push(format!("the code is {}", seen.code()));
    }
    let hint = seen.server_error().and_then(|server| server.hint);
    let is_right = match case["hint"].as_str() {
        Some(part) => hint.is_some_and(|hint| hint.contains(part)),
        None => hint.is_none() && case["hint"].is_null(),
    };
    if !is_right {
        wrong.push(format!("the hint is {hint:?}, not {}", case["hint"]));
    }
    wrong
}

/// Every case of a file.
fn run(name: &str) {
    let file = vectors(&format!("providers/{name}"));
    assert_members(&file, "profile about metadata cases");
    let profile = text(&file, "profile");
    let client = client_of(profile);
    assert_eq!(client.provider, known_provider(profile));
    if let Some(document) = file.get("metadata") {
        let metadata = ServerMetadata::parse(&value(document)).unwrap();
        assert_eq!(metadata.issuer, text(document, "issuer"));
        assert_eq!(
            metadata.revocation_endpoint.as_deref(),
            document["revocation_endpoint"].as_str()
        );
        assert_eq!(
            metadata.end_session_endpoint.as_deref(),
            document["end_session_endpoint"].as_str()
        );
    }
    let (mut names, mut wrong) = (HashSet::new(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let title = text(case, "name");
        assert!(names.insert(title), "{name} has {title:?} twice");
        assert!(
            case["recorded"].is_boolean() && !text(case, "source").is_empty(),
            "{case} has no source"
        );
        let found = match (case.get("answer"), case.get("error")) {
            (Some(_), None) => differences(&client, case),
            (None, Some(_)) => differences_of_error(&client, case),
            _ => panic!("{case} is an answer or an error"),
        };
        wrong.extend(found.iter().map(|found| format!("{name}, {title}: {found}")));
    }
    let is_server = SERVERS.contains(&name);
    assert!(profile == name || is_server, "{name} has the profile {profile}");
    assert!(
        names.len() > if is_server { 3 } else { 10 },
        "{name} has {} cases",
        names.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

cases! { run:
    generic = "generic",
    auth0 = "auth0",
    google = "google",
    entra = "entra",
    okta = "okta",
    keycloak = "keycloak",
    github = "github",
    authlib = "authlib",
    canaille = "canaille",
    django_oauth_toolkit = "django-oauth-toolkit",
    glewlwyd = "glewlwyd",
    oauth2_mock_server = "oauth2-mock-server",
}

/// Those that are read with the profile of another name.
const SERVERS: [&str; 5] = [
    "authlib",
    "canaille",
    "django-oauth-toolkit",
    "glewlwyd",
    "oauth2-mock-server",
];

#[test]
fn every_file_is_run() {
    let folder = format!("{}/tests/vectors/providers", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut known: Vec<String> = CASES.iter().map(|name| format!("{name}.json")).collect();
    files.sort();
    known.sort();
    assert_eq!(files, known);
}
