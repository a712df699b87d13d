//! What named servers answer, as published, and what it comes to with the profile of each.

use std::collections::HashSet;

use crate::common::{
    ISSUER, MARK, NOW, answer, assert_discreet, build, cases, claims, expected, id_token, metadata, options, param,
    purpose, sign_in, the_grant, upgrading, vectors, verified,
};
use scopewise::core::callback::{self, Answer};
use scopewise::core::error::Error;
use scopewise::core::form::{self, Form};
use scopewise::core::grant::{self, ScopeStatus};
use scopewise::core::http::Response;
use scopewise::core::options::Options;
use scopewise::core::outcome::Outcome;
use scopewise::core::profile::{Profile, named};
use scopewise::core::record::Fields;
use scopewise::core::scope;
use scopewise::core::session::{self, Event, Session};
use scopewise::core::token;
use scopewise::core::transaction::{Mode, Transaction};
use serde_json::{Value, json};

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
        assert!(scope::contains(names, name), "{name} means nothing in {case}");
    }
}

/// An answer as the token endpoint sends it: with an ID token, where the case has one.
fn token_answer(sent: &Value) -> Response {
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
    answer(sent["status"].as_u64().unwrap() as u16, Some(&body))
}

/// The request that the case is the answer to. What it sends is what the case says was sent.
fn asked(client: &Options, case: &Value) -> Transaction {
    let (requested, held) = (text(case, "requested"), case["held"].as_str());
    let all = scope::union(held.unwrap_or_default(), requested);
    let wanted = scope::minus(requested, held.unwrap_or_default());
    let purpose = match held {
        Some(_) => upgrading(&all, &wanted, None),
        None => purpose(&all),
    };
    let request = build(client, &metadata(), &[], purpose, NOW).unwrap();
    let sent = param(&request.url, "scope").unwrap_or_default();
    let is_same = scope::minus(&sent, requested).is_empty() && scope::minus(requested, &sent).is_empty();
    assert!(is_same, "{case} sends {sent}");
    request.transaction
}

/// The session after the answer of a case.
fn signed_in(client: &Options, case: &Value, transaction: &Transaction) -> Session {
    assert_members(&case["answer"], "status json");
    let answer = token_answer(&case["answer"]);
    let response = token::response(&answer).unwrap();
    assert!(
        response.id_token.is_some() || !response.promises_id_token(transaction),
        "{case} lacks an ID token"
    );
    let event = Event {
        transaction: Some(transaction),
        grant: grant::record(
            client.profile(),
            &transaction.target(),
            transaction.requested(),
            &response,
            NOW,
        ),
        id_token: response.id_token.map(|raw| verified(raw, &expected()).unwrap()),
        id: "session-1".into(),
    };
    session::apply(None, event).map_err(|refusal| refusal.error).unwrap()
}

/// The session after a refresh, which sends what the case says.
fn refreshed(client: &Options, refresh: &Value, session: &Session) -> Session {
    assert_members(refresh, "sends status json");
    let grant = the_grant(session);
    let request = token::refresh(&metadata(), client, grant);
    let sent = form::find(&request.form.unwrap(), "scope");
    assert_eq!(sent.as_deref(), refresh["sends"].as_str(), "{refresh}");
    let answer = token_answer(refresh);
    let response = token::response(&answer).unwrap();
    let event = Event {
        transaction: None,
        grant: grant.renewed(client.profile(), &response, session.id_token(), NOW),
        id_token: response.id_token.map(|raw| verified(raw, &expected()).unwrap()),
        id: "".into(),
    };
    let after = session::apply(Some(session), event).map_err(|refusal| refusal.error);
    after.unwrap()
}

/// Where the core sees an answer differently than the case.
fn judge(client: &Options, case: &Value) -> Vec<String> {
    assert_members(
        case,
        "name source recorded requested held answer refresh granted assumed missing covers lacks",
    );
    let transaction = asked(client, case);
    let mut session = signed_in(client, case, &transaction);
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
    differ("granted", grant.granted(), text(case, "granted"));
    differ("assumed", grant.assumed(), text(case, "assumed"));
    let missing = Outcome::of(&transaction, grant.granted());
    for (what, found) in [("denied", grant.denied().as_str()), ("missing", missing.missing())] {
        // In any order: an upgrade knows those held before first.
        let (more, less) = (
            scope::minus(found, text(case, "missing")),
            scope::minus(text(case, "missing"), found),
        );
        differ(&format!("too much {what}"), &more, "");
        differ(&format!("not {what}"), &less, "");
    }
    let status = |scope: &str| match (grant.status(scope), grant.covers(scope)) {
        (ScopeStatus::Granted | ScopeStatus::Assumed, true) => "there",
        (ScopeStatus::Denied | ScopeStatus::NotRequested, false) => "not there",
        _ => "of two minds",
    };
    let lacks = list(case, "lacks");
    let held = case["held"].as_str().unwrap_or_default();
    // What was held before is there still, unless the case says otherwise.
    let held = scope::tokens(held).filter(|token| !lacks.iter().any(|lacked| lacked == token));
    for scope in list(case, "covers").iter().map(String::as_str).chain(held) {
        differ(scope, status(scope), "there");
    }
    for scope in &lacks {
        differ(scope, status(scope), "not there");
    }
    wrong
}

/// The error that comes with a redirect.
fn redirected(error: &Value) -> Error {
    let mut form = Form::default();
    form.put("error", text(error, "error"));
    form.some("error_description", error["error_description"].as_str());
    form.put("state", "s3cr3t-state");
    let response = callback::read(form.as_str(), Mode::Query).unwrap();
    match response.check(&sign_in("openid"), ISSUER).unwrap() {
        Answer::Refused(refused) => refused,
        Answer::Code(_) => panic!("{error} is an error"),
    }
}

/// The error that the token endpoint answers with.
fn answered(error: &Value) -> Error {
    let mut body = error.clone();
    let status = body.as_object_mut().unwrap().remove("status").unwrap();
    body.as_object_mut().unwrap().remove("at");
    let answer = answer(status.as_u64().unwrap() as u16, Some(&body));
    let refused = token::response(&answer).unwrap_err();
    assert_eq!(refused.detail("status"), Some(status.to_string().as_str()), "{error}");
    assert!(!refused.is_retryable(), "{error} used up the code");
    refused
}

/// Where the core sees an error differently than the case.
fn explain(client: &Options, case: &Value) -> Vec<String> {
    assert_members(case, "name source recorded error code hint");
    let error = &case["error"];
    assert_members(error, "at status error error_description error_uri error_codes");
    let refused = match text(error, "at") {
        "authorize" => redirected(error),
        "token" => answered(error),
        other => panic!("nothing answers at {other}"),
    };
    let seen = client.profile().explain(refused.clone());
    assert_discreet(&seen);
    assert_eq!(seen.detail("description"), refused.detail("description"), "{case}");

    let mut wrong = Vec::new();
    if seen.code() != text(case, "code") {
        wrong.push(format!("the code is {}", seen.code()));
    }
    let hint = seen.detail("hint");
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
    assert_members(&file, "profile about cases");
    assert_eq!(text(&file, "profile"), name);
    let client = options(&[("extends", name)]).unwrap();
    let own = Profile(Fields(named(name).unwrap()));
    assert_eq!(client.profile().is_incremental(), own.is_incremental(), "{name}");
    let (mut names, mut wrong) = (HashSet::new(), Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let title = text(case, "name");
        assert!(names.insert(title), "{name} has {title:?} twice");
        assert!(
            case["recorded"].is_boolean() && !text(case, "source").is_empty(),
            "{case} has no source"
        );
        let found = match (case.get("answer"), case.get("error")) {
            (Some(_), None) => judge(&client, case),
            (None, Some(_)) => explain(&client, case),
            _ => panic!("{case} is an answer or an error"),
        };
        wrong.extend(found.iter().map(|found| format!("{name}, {title}: {found}")));
    }
    assert!(names.len() > 10, "{name} has {} cases", names.len());
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
}

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
