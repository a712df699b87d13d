//! What is stored, and what is made of what stands there: never half of it, never something else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{
    MARK, NOW, Random, build, claims, exchange, form, id_token, parse_json, request_options, session, set, sign_in,
    target, upgrade_with, upgrading,
};
use scopewise::core::form::{Fields, Form};
use scopewise::core::outcome::{Outcome, Verdict};
use scopewise::core::session::{self, Session, Stored};
use scopewise::core::transaction::{Kind, Mode, Status, Transaction};
use serde_json::json;

fn restored(text: &str) -> Stored {
    session::restore(text, parse_json)
}

/// Two grants, and text that is made to be misread.
fn full_session() -> Session {
    let session = session("openid api:read");
    let target = [
        ("audience", "a&v=9=%\u{e9}"),
        ("resource", "https://a.example"),
        ("resource", "https://b.example"),
    ];
    let id_token = id_token(&claims("ada"));
    let body = json!({ "access_token": "s3cr3t&grant=x=%26", "scope": "", "id_token": id_token });
    let session = exchange(Some(&session), &upgrade_with(&session, "api:write", &target), body).unwrap();
    assert_eq!(session.grants.len(), 2);
    session
}

/// A transaction with everything that it may have.
fn full_transaction() -> Transaction {
    let options = [
        ("audience", "api"),
        ("resource", "https://a.example"),
        ("appState", r#"{"a":"\u{1f600}&=%"}"#),
        ("responseMode", "fragment"),
        ("acrValues", "gold silver"),
        ("maxAge", "0"),
    ];
    let metadata = common::metadata_with("authorization_response_iss_parameter_supported", true.into());
    let mut purpose = upgrading(
        set("openid api:read api:write"),
        "api:write",
        Some("ada&nonce=x".into()),
    );
    purpose.return_to = "/notes?a=1&b=%20#c".into();
    let options = request_options(&options).unwrap();
    build(&common::client(), &metadata, options, purpose, NOW)
        .unwrap()
        .transaction
}

fn transactions() -> [Transaction; 5] {
    let full = full_transaction();
    let outcome = Outcome::of(&full, &set("openid api:read"));
    [
        sign_in("openid"),
        full.clone(),
        full.in_flight(),
        full.done(None),
        full.done(Some((&outcome, "session-1"))),
    ]
}

#[test]
fn a_session_comes_back_whole() {
    for session in [session("openid api:read"), full_session()] {
        assert_eq!(restored(&session.to_record()), Stored::Session(Box::new(session)));
    }
}

#[test]
fn a_transaction_comes_back_whole() {
    for transaction in transactions() {
        assert_eq!(Transaction::parse(transaction.to_record()), Some(transaction));
    }
    let full = Transaction::parse(full_transaction().to_record()).unwrap();
    assert_eq!(
        (full.kind(), full.mode(), full.status()),
        (Kind::Upgrade, Mode::Fragment, Status::Pending)
    );
    assert!(full.expects_issuer());
    assert_eq!(full.subject().unwrap(), "ada&nonce=x");
    assert_eq!(full.app_state().unwrap(), r#"{"a":"\u{1f600}&=%"}"#);
    assert_eq!(full.return_to(), "/notes?a=1&b=%20#c");
    assert_eq!(full.acr_values().unwrap(), "gold silver");
    assert_eq!((full.max_age(), full.created_at()), (Some(0), NOW));
    assert_eq!(
        full.target(),
        target(&[("audience", "api"), ("resource", "https://a.example")])
    );
    assert_eq!(full.requested().as_str(), "openid api:read api:write");
    assert_eq!(full.wanted().as_str(), "api:write");
}

#[test]
fn an_outcome_comes_back_whole() {
    let [_, _, in_flight, failed, done] = transactions();
    assert_eq!(
        (in_flight.status(), failed.status(), done.status()),
        (Status::InFlight, Status::Done, Status::Done)
    );
    assert_eq!((in_flight.result(), failed.result()), (None, None));
    let done = Transaction::parse(done.to_record()).unwrap();
    let (outcome, session) = done.result().unwrap();
    assert_eq!(session, "session-1");
    assert_eq!(outcome.verdict(), Verdict::Denied);
    let members = [
        ("kind", "upgrade"),
        ("outcome", "denied"),
        ("requested", "openid api:read api:write"),
        ("granted", "openid api:read"),
        ("missing", "api:write"),
        ("returnTo", "/notes?a=1&b=%20#c"),
        ("appState", r#"{"a":"\u{1f600}&=%"}"#),
    ];
    assert_eq!(outcome.as_str(), &*form(&members).into_text());
    assert_eq!(done.created_at(), NOW);
}

#[test]
fn c009_no_code_is_stored_and_no_verifier_once_it_was_sent() {
    let [fresh, _, in_flight, failed, done] = transactions();
    assert!(fresh.to_record().contains(MARK));
    for transaction in [in_flight, failed, done] {
        common::assert_no_secret(transaction.to_record());
    }
}

#[test]
fn c201_what_is_no_record_is_nothing() {
    for text in [
        "",
        "undefined",
        "null",
        "{}",
        "[]",
        "\"\"",
        "v",
        "v=",
        "v=x",
        "v=1",
        "v=0",
        "v=-1",
        "&&&",
        "=",
        "%",
        "\u{0}",
        r#"{"v":1,"id":"x"}"#,
    ] {
        assert_eq!(restored(text), Stored::Unsound, "{text:?}");
        assert_eq!(Transaction::parse(text), None, "{text:?}");
    }
}

#[test]
fn c201_c213_half_a_record_is_no_record() {
    for beginning in beginnings(&full_session().to_record()) {
        assert_eq!(restored(beginning), Stored::Unsound, "{beginning}");
    }
    for transaction in transactions() {
        for beginning in beginnings(transaction.to_record()) {
            assert_eq!(Transaction::parse(beginning), None, "{beginning}");
        }
    }
}

/// Everything that the record could be cut to.
fn beginnings(record: &str) -> impl Iterator<Item = &str> {
    record.char_indices().filter_map(|(end, _)| record.get(..end))
}

/// A record with one member changed; `None` takes it away.
fn changed(record: &str, name: &str, text: Option<&str>) -> String {
    let mut form = Form::default();
    for (held, member) in common::members(record) {
        if held == name {
            form.some(name, text);
        } else {
            form.put(&held, &member);
        }
    }
    form.into_text().as_str().to_owned()
}

#[test]
fn c202_a_record_of_wrong_types() {
    let record = session("openid api:read").to_record();
    for (name, text) in [
        ("id", None),
        ("id_token", Some("x")),
        ("id_token", Some("e30.e30.e30")),
        ("id_token", Some("")),
        ("grant", Some("x")),
        ("grant", Some("")),
        ("v", Some("1.0")),
        ("v", Some("")),
        ("v", None),
    ] {
        assert_eq!(
            restored(&changed(&record, name, text)),
            Stored::Unsound,
            "{name} {text:?}"
        );
    }
    let grant = Fields(&record).text("grant").unwrap();
    for (name, text) in [
        ("access_token", None),
        ("access_token", Some("")),
        ("expires_at", Some("soon")),
        ("expires_at", Some("")),
        ("expires_at", Some("1e3")),
    ] {
        let broken = changed(&grant, name, text);
        assert_eq!(
            restored(&changed(&record, "grant", Some(&broken))),
            Stored::Unsound,
            "{name} {text:?}"
        );
    }
    // What does not say that something was granted grants nothing.
    let Stored::Session(bare) = restored(&changed(&record, "grant", Some(&changed(&grant, "granted", None)))) else {
        panic!("a grant without scopes is a grant");
    };
    assert!(!bare.grants[0].covers("api:read"));
}

#[test]
fn c004_a_tampered_transaction_is_none() {
    let record = full_transaction().to_record().to_owned();
    for (name, text) in [
        ("code_verifier", None),
        ("code_verifier", Some("")),
        ("created_at", None),
        ("created_at", Some("now")),
        ("v", None),
        ("v", Some("2")),
        ("v", Some("0")),
        ("max_age", Some("x")),
        ("max_age", Some("")),
    ] {
        assert_eq!(
            Transaction::parse(&changed(&record, name, text)),
            None,
            "{name}={text:?}"
        );
    }
}

#[test]
fn c205_a_later_version_is_left_alone() {
    let record = session("openid").to_record();
    assert_eq!(restored(&changed(&record, "v", Some("2"))), Stored::Newer);
    assert_eq!(restored("v=2"), Stored::Newer);
    assert_eq!(restored(&changed(&record, "v", Some("0"))), Stored::Unsound);
}

#[test]
fn no_text_makes_a_reader_panic() {
    let mut random = Random(0x5702);
    let (session, transaction) = (full_session().to_record(), full_transaction());
    for _ in 0..5_000 {
        let mut bytes = random.pick(&[&*session, transaction.to_record()]).as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = b"&=%+0aZ-"[random.below(8)];
        }
        let text = String::from_utf8(bytes).unwrap();
        // Any answer will do, but there must be one, and what was read is written as it was read.
        if let Stored::Session(session) = restored(&text) {
            assert_eq!(restored(&session.to_record()), Stored::Session(session));
        }
        if let Some(read) = Transaction::parse(&text) {
            let _ = (
                read.kind(),
                read.mode(),
                read.requested(),
                read.target(),
                read.max_age(),
                read.result(),
            );
            assert!(read.in_flight().verifier().is_empty());
        }
    }
}
