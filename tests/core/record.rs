//! The JSON records of sessions and transactions: a record is read whole, or it is as if it were not there.

use scopewise::core::authorize::{
    Outcome, OutcomeStatus, PendingRequest, RequestIntent, RequestKind, ResponseMode, Transaction, TransactionResult,
};
use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::CodeVerifier;
use scopewise::core::session::{Event, Session, StoredSession};
use scopewise::core::target::Target;
use serde_json::{Value as Json, json};

use crate::common::{
    self, MARK, NOW, Random, asked, assert_no_secret, build, claims, client, exchange, id_token, metadata_with,
    options_with, parse_json, session, session_after, set, sign_in, stored, stringify, target, upgrade_with, upgrading,
};

/// What stands in storage as this text.
fn restored(text: &str) -> StoredSession {
    StoredSession::from_value(parse_json(text).as_ref())
}

fn parsed(text: &str) -> Option<Transaction> {
    Transaction::from_value(&parse_json(text)?)
}

fn text_of(transaction: &Transaction) -> String {
    stringify(&transaction.to_value())
}

/// A record as JSON that a test can change.
fn json_of(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

/// Two grants, one of them with a refresh token that was sent, and texts full of marks.
fn full_session() -> Session {
    let session = session("openid api:read");
    let (at, default) = (NOW * 1000, &Target::default());
    let session = session_after(&session, Event::RefreshSent { target: default, at });
    let session = session_after(&session, Event::AskedSilently { target: default, at });
    let target = target(Some("a&v=9=%\u{e9}"), &["https://a.example", "https://b.example"]);
    let options = options_with(|options| options.target = Some(target));
    let members = json!({
        "access_token": "s3cr3t&granted=x=%26",
        "scope": "",
        "id_token": id_token(&claims("ada")),
    });
    let session = exchange(Some(&session), &upgrade_with(&session, "api:write", &options), members).unwrap();
    assert_eq!(session.grants().len(), 2);
    session
}

/// A request with everything that it may have.
fn full_request() -> PendingRequest {
    let options = options_with(|options| {
        options.target = Some(target(Some("api"), &["https://a.example"]));
        options.app_state = Some(r#"{"a":"\u{1f600}&=%"}"#.to_owned());
        options.response_mode = Some(ResponseMode::Fragment);
        options.acr_values = Some("gold silver".to_owned());
        options.max_age = Some(0);
    });
    let metadata = metadata_with("authorization_response_iss_parameter_supported", true.into());
    let requested = set("openid api:read api:write");
    let intent = RequestIntent {
        return_to: "/notes?a=1&b=%20#c".to_owned(),
        in_window: true,
        ..upgrading(&requested, &set("api:write"), Some("ada&nonce=x"))
    };
    build(&client(), &metadata, &options, intent, NOW).unwrap().pending
}

fn full_transaction() -> Transaction {
    Transaction::Pending(Box::new(full_request()))
}

fn result() -> TransactionResult {
    TransactionResult {
        outcome: full_request().outcome(&set("openid api:read")),
        session_id: "session-1".to_owned(),
    }
}

fn transactions() -> [Transaction; 5] {
    let created_at = NOW;
    [
        Transaction::Pending(Box::new(sign_in("openid"))),
        full_transaction(),
        Transaction::Exchanging { created_at },
        Transaction::Done {
            created_at,
            result: None,
        },
        Transaction::Done {
            created_at,
            result: Some(result()),
        },
    ]
}

#[test]
fn a_session_comes_back_whole() {
    let nameless = common::granted("api:read", json!({}));
    for session in [session("openid api:read"), full_session(), nameless] {
        assert_eq!(stored(&session), session);
    }
}

#[test]
fn a_transaction_comes_back_whole() {
    for transaction in transactions() {
        assert_eq!(parsed(&text_of(&transaction)), Some(transaction));
    }
    let Some(Transaction::Pending(full)) = parsed(&text_of(&full_transaction())) else {
        panic!("a request that waits is pending")
    };
    assert_eq!(
        (full.kind, full.response_mode),
        (RequestKind::Upgrade, ResponseMode::Fragment)
    );
    assert!(full.expects_issuer && full.in_window);
    assert_eq!(full.subject.as_deref(), Some("ada&nonce=x"));
    assert_eq!(full.app_state.as_deref(), Some(r#"{"a":"\u{1f600}&=%"}"#));
    assert_eq!(full.return_to, "/notes?a=1&b=%20#c");
    assert_eq!(full.acr_values.as_deref(), Some("gold silver"));
    assert_eq!((full.max_age, full.created_at), (Some(0), NOW));
    assert_eq!(full.target, target(Some("api"), &["https://a.example"]));
    assert_eq!(full.requested, set("openid api:read api:write"));
    assert_eq!(full.wanted, set("api:write"));
    assert_eq!(full.redirect_uri, common::CALLBACK);
    assert_eq!(full.nonce.unwrap().secret(), common::NONCE);
}

#[test]
fn an_outcome_comes_back_whole() {
    let [.., exchanging, failed, done] = transactions();
    assert!(matches!(exchanging, Transaction::Exchanging { .. }));
    assert!(matches!(failed, Transaction::Done { result: None, .. }));
    let Some(Transaction::Done { created_at, result }) = parsed(&text_of(&done)) else {
        panic!("what is done stays so")
    };
    let TransactionResult { outcome, session_id } = result.unwrap();
    assert_eq!((created_at, session_id.as_str()), (NOW, "session-1"));
    assert_eq!(
        (outcome.kind, outcome.status),
        (RequestKind::Upgrade, OutcomeStatus::Denied)
    );
    assert_eq!(outcome.requested, set("openid api:read api:write"));
    assert_eq!(outcome.granted, set("openid api:read"));
    assert_eq!(outcome.missing, set("api:write"));
    assert_eq!(outcome.return_to, "/notes?a=1&b=%20#c");
    assert_eq!(outcome.app_state.as_deref(), Some(r#"{"a":"\u{1f600}&=%"}"#));
    // Before it was stored it was the same, and nothing else.
    assert_eq!(outcome, full_request().outcome(&set("openid api:read")));
    // So are those of the other kind and statuses.
    let granted = set("openid api:read api:write");
    let nothing_missing = Outcome::nothing_missing(granted.clone(), granted, "/".to_owned(), None);
    for outcome in [nothing_missing, sign_in("a b").outcome(&set("a"))] {
        let result = Some(TransactionResult {
            outcome,
            session_id: "session-2".to_owned(),
        });
        let done = Transaction::Done { created_at, result };
        assert_eq!(parsed(&text_of(&done)), Some(done));
    }
}

#[test]
fn c009_no_code_is_stored_and_no_verifier_once_it_was_sent() {
    let [pending, _, exchanging, failed, done] = transactions();
    assert!(text_of(&pending).contains(MARK));
    for transaction in [exchanging, failed, done] {
        assert_no_secret(&text_of(&transaction));
    }
}

#[test]
fn c201_what_is_no_record_is_nothing() {
    for text in [
        "",
        "undefined",
        "null",
        "true",
        "1",
        "{}",
        "[]",
        "\"\"",
        "v",
        "v=1",
        "&&&",
        "%",
        "\u{0}",
        "\x1eid=x\x1d\x1ev=1\x1d",
        r#"{"v":1}"#,
        r#"{"v":2}"#,
        r#"{"v":1,"id":"x"}"#,
        r#"{"v":2,"id":"x"}"#,
        r#"{"v":2,"status":"pending"}"#,
        r#"{"v":2,"status":"done"}"#,
        r#"{"v":2,"status":"other","created_at":1}"#,
        r#"[{"v":2,"status":"exchanging","created_at":1}]"#,
        r#"{"id":"x","user":null,"grants":[],"denied":[]}"#,
        r#"{"status":"exchanging","created_at":1}"#,
    ] {
        assert_eq!(restored(text), StoredSession::Unsound, "{text:?}");
        assert_eq!(parsed(text), None, "{text:?}");
    }
    // The least that there is.
    let least = r#"{"v":2,"id":"x","user":null,"grants":[],"denied":[]}"#;
    assert!(matches!(restored(least), StoredSession::Sound(_)));
    let created_at = 1;
    let exchanging = r#"{"v":2,"status":"exchanging","created_at":1}"#;
    assert_eq!(parsed(exchanging), Some(Transaction::Exchanging { created_at }));
    // One kind of record is not the other.
    assert_eq!(parsed(least), None);
    assert_eq!(restored(exchanging), StoredSession::Unsound);
}

#[test]
fn c201_c213_half_a_record_is_no_record() {
    for beginning in beginnings(&stringify(&full_session().to_value())) {
        assert_eq!(restored(beginning), StoredSession::Unsound, "{beginning}");
    }
    for transaction in transactions() {
        for beginning in beginnings(&text_of(&transaction)) {
            assert_eq!(parsed(beginning), None, "{beginning}");
        }
    }
}

/// Everything that the record could be cut to.
fn beginnings(record: &str) -> impl Iterator<Item = &str> {
    record.char_indices().filter_map(|(end, _)| record.get(..end))
}

/// A record with another member at a path such as `/grants/0/refresh`; `None` takes it away.
fn changed(record: &Json, path: &str, member: Option<Json>) -> String {
    let mut changed = record.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    assert!(parent.contains_key(name), "{path}");
    match member {
        Some(member) => parent.insert(name.to_owned(), member),
        None => parent.remove(name),
    };
    changed.to_string()
}

/// Every path to a member of an object, in arrays too.
fn paths(json: &Json, start: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Json)> = match json {
        Json::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    for (name, member) in members {
        let path = format!("{start}/{name}");
        if json.is_object() {
            found.push(path.clone());
        }
        paths(member, &path, found);
    }
}

#[test]
fn c202_a_record_of_wrong_types() {
    let record = json_of(&stringify(&full_session().to_value()));
    assert_eq!(restored(&record.to_string()), StoredSession::Sound(full_session()));
    let mut all = Vec::new();
    paths(&record, "", &mut all);
    // Whatever the server said of the user is theirs, but for the subject.
    all.retain(|path| !path.starts_with("/user/claims/") || path == "/user/claims/sub");
    assert!(all.len() > 30, "{all:?}");
    for path in &all {
        let may_be_null = [
            "/user",
            "expires_at",
            "refresh",
            "sent",
            "asked_silently_at",
            "audience",
        ]
        .iter()
        .any(|name| path.ends_with(name));
        let is_text = record.pointer(path).unwrap().is_string() || path.ends_with("audience");
        for (member, is_sound) in [
            (
                None,
                path.ends_with("expires_at") || path.ends_with("asked_silently_at") || path.ends_with("audience"),
            ),
            (Some(json!(null)), may_be_null),
            (Some(json!({ "x": 1 })), false),
            (Some(json!([{}])), false),
            (Some(json!("soon")), is_text),
            (Some(json!("")), false),
        ] {
            let text = changed(&record, path, member.clone());
            let is_read = matches!(restored(&text), StoredSession::Sound(_));
            assert_eq!(is_read, is_sound, "{path} {member:?}");
        }
    }
    for (path, member) in [
        ("/user/claims/sub", json!("x".repeat(256))),
        ("/user/claims", json!([])),
        ("/grants/0/expires_at", json!("1700000000")),
        ("/grants/0/expires_at", json!(1e300)),
        ("/grants/0/granted", json!("openid api:read")),
        ("/grants/0/granted", json!(["openid", 1])),
        ("/v", json!("2")),
    ] {
        let text = changed(&record, path, Some(member));
        assert_eq!(restored(&text), StoredSession::Unsound, "{text}");
    }
}

#[test]
fn c004_a_tampered_transaction_is_none() {
    let record = json_of(&text_of(&full_transaction()));
    let mut all = Vec::new();
    paths(&record, "", &mut all);
    for path in &all {
        let name = path.rsplit('/').next().unwrap();
        let may_be_null = ["nonce", "subject", "audience", "acr_values", "max_age", "app_state"].contains(&name);
        for (member, is_sound) in [
            (None, may_be_null),
            (Some(json!(null)), may_be_null),
            (Some(json!({ "x": 1 })), false),
            (Some(json!([1])), false),
        ] {
            let text = changed(&record, path, member.clone());
            assert_eq!(parsed(&text).is_some(), is_sound, "{path} {member:?}");
        }
    }
    for (path, member) in [
        ("/code_verifier", json!("")),
        ("/created_at", json!("now")),
        ("/created_at", json!(1e300)),
        ("/kind", json!("other")),
        ("/status", json!("other")),
        ("/v", json!(1)),
        ("/v", json!(3)),
        ("/v", json!(0)),
        ("/max_age", json!("x")),
        ("/max_age", json!("")),
        ("/target/audience", json!("")),
        ("/fragment", json!("fragment")),
    ] {
        let text = changed(&record, path, Some(member));
        assert_eq!(parsed(&text), None, "{text}");
    }
    // An outcome that cannot be understood is none: what was answered stays answered.
    let [.., done] = transactions();
    let record = json_of(&text_of(&done));
    for (path, member) in [
        ("/outcome/status", json!("other")),
        ("/outcome/granted", json!("admin")),
        ("/outcome", json!(null)),
        ("/session", json!(null)),
    ] {
        let read = parsed(&changed(&record, path, Some(member)));
        assert_eq!(
            read,
            Some(Transaction::Done {
                created_at: NOW,
                result: None
            })
        );
    }
}

#[test]
fn c205_a_later_version_is_left_alone() {
    let record = json_of(&stringify(&session("openid").to_value()));
    assert_eq!(restored(&changed(&record, "/v", Some(json!(3)))), StoredSession::Newer);
    assert_eq!(restored(r#"{"v":3}"#), StoredSession::Newer);
    assert_eq!(restored(r#"{"v":99,"id":5,"grants":"other"}"#), StoredSession::Newer);
    for version in [json!(0), json!(1), json!(-1), json!("3"), json!(1e300), json!(null)] {
        let text = changed(&record, "/v", Some(version));
        assert_eq!(restored(&text), StoredSession::Unsound, "{text}");
    }
}

#[test]
fn no_text_makes_a_reader_panic() {
    let mut random = Random(0x5702);
    let (session, transaction) = (full_session(), full_transaction());
    let records = [stringify(&session.to_value()), text_of(&transaction)];
    let mut sessions = 0;
    for _ in 0..5_000 {
        let record = random.pick(&[records[0].as_str(), records[1].as_str()]);
        let mut bytes = record.as_bytes().to_vec();
        for _ in 0..=random.below(2) {
            let at = random.below(bytes.len());
            bytes[at] = b"\"{}[]:,0aZ-\xc3"[random.below(12)];
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // Any answer will do, but there must be one, and what was read can be written and read again.
        if let StoredSession::Sound(read) = restored(&text) {
            sessions += 1;
            assert_eq!(stored(&read), read);
            let scopes = set("openid");
            let again = asked(
                upgrading(&scopes, &ScopeSet::default(), read.subject()),
                &options_with(|_| ()),
            );
            let members = json!({ "id_token": id_token(&claims(read.subject().unwrap())) });
            let after = exchange(Some(&read), &again, members).unwrap();
            assert_eq!(stored(&after), after);
        }
        match parsed(&text) {
            Some(Transaction::Pending(read)) => {
                assert_ne!(read.code_verifier, CodeVerifier::new(""));
                let again = Transaction::Pending(read);
                assert_eq!(parsed(&text_of(&again)), Some(again));
            }
            read => assert_eq!(read, None),
        }
    }
    assert!(sessions > 500, "{sessions} sessions: too little is left of them");
}
