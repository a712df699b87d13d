//! The JSON records of transactions: a record is read whole, or it is as if it were not there.

use scopewise::core::authorize::{
    Asker, Outcome, OutcomeStatus, PendingRequest, RequestIntent, RequestKind, ResponseMode, Transaction,
    TransactionResult,
};
use scopewise::core::secret::CodeVerifier;
use scopewise::core::sign_out_note::SignOutNote;
use serde_json::{Value as Json, json};

use crate::common::{
    self, MARK, NOW, Random, assert_no_secret, beginnings, build, changed, client, metadata_with, options_with, parsed,
    paths, set, sign_in, stringify, target, upgrading,
};

fn text_of(transaction: &Transaction) -> String {
    stringify(&transaction.to_value())
}

/// A record as JSON that a test can change.
fn json_of(transaction: &Transaction) -> Json {
    serde_json::from_str(&text_of(transaction)).unwrap()
}

/// A request with everything that it may have.
fn full_request() -> PendingRequest {
    let options = options_with(|options| {
        options.target = Some(target(Some("api"), &["https://a.example"]));
        options.app_state = Some(r#"{"a":"\u{1f600}&=%"}"#.to_owned());
        options.response_mode = Some(ResponseMode::Fragment);
        options.acr_values = Some("gold silver".to_owned());
        options.max_age = Some(0);
        options.params = [("claims".to_owned(), r#"{"acr":null}"#.to_owned())]
            .into_iter()
            .collect();
    });
    let metadata = metadata_with("authorization_response_iss_parameter_supported", true.into());
    let requested = set("openid api:read api:write");
    let intent = RequestIntent {
        return_to: "/notes?a=1&b=%20#c".to_owned(),
        in_window: true,
        is_silent: true,
        asker: Some(Asker {
            session_id: "session-1".to_owned(),
            subject: Some("ada".to_owned()),
            last_sign_out: Some(SignOutNote::after(None, 1_700_000_000_000)),
        }),
        recalled_for: Some("ada&nonce=x".to_owned()),
        ..upgrading(&requested, &set("api:write"), Some("ada&nonce=x"))
    };
    PendingRequest {
        last_sign_out: Some(SignOutNote::after(None, 1_700_000_000_001)),
        ..build(&client(), &metadata, &options, intent, NOW).unwrap().pending
    }
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
        Transaction::Exchanging {
            created_at,
            last_sign_out: Some(SignOutNote::after(None, 1_700_000_000_000)),
        },
        Transaction::Done {
            created_at,
            answer: None,
            result: None,
        },
        Transaction::Done {
            created_at,
            answer: None,
            result: Some(result()),
        },
    ]
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
    assert!(full.expects_issuer && full.in_window && full.is_silent);
    let asker = full.asker.unwrap();
    assert_eq!(
        (asker.session_id.as_str(), asker.subject.as_deref(), asker.last_sign_out),
        (
            "session-1",
            Some("ada"),
            Some(SignOutNote::after(None, 1_700_000_000_000))
        )
    );
    assert_eq!(full.subject.as_deref(), Some("ada&nonce=x"));
    assert_eq!(full.app_state.as_deref(), Some(r#"{"a":"\u{1f600}&=%"}"#));
    assert_eq!(full.return_to, "/notes?a=1&b=%20#c");
    assert_eq!(full.demands.acr_values.as_deref(), Some("gold silver"));
    assert_eq!(
        (full.demands.max_age, full.max_age, full.created_at),
        (Some(0), Some(0), NOW)
    );
    assert_eq!(full.demands.claims.as_deref(), Some(r#"{"acr":null}"#));
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
    let Some(Transaction::Done {
        created_at,
        answer: None,
        result,
    }) = parsed(&text_of(&done))
    else {
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
        let done = Transaction::Done {
            created_at,
            answer: None,
            result,
        };
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
fn c004_a_tampered_transaction_is_none() {
    let record = json_of(&full_transaction());
    let mut all = Vec::new();
    paths(&record, "", &mut all);
    for path in &all {
        let name = path.rsplit('/').next().unwrap();
        let may_be_null =
            "nonce asker subject last_sign_out audience acr_values max_age sent_max_age claims recalled_for app_state"
                .split(' ')
                .any(|nullable| nullable == name);
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
        ("/sent_max_age", json!("x")),
        ("/target/audience", json!("")),
        ("/response_mode", json!("form_post")),
    ] {
        let text = changed(&record, path, Some(member));
        assert_eq!(parsed(&text), None, "{text}");
    }
    // An outcome that cannot be understood is none: what was answered stays answered.
    let [.., done] = transactions();
    let record = json_of(&done);
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
                answer: None,
                result: None
            })
        );
    }
}

#[test]
fn c201_c213_half_a_transaction_is_none() {
    for transaction in transactions() {
        for beginning in beginnings(&text_of(&transaction)) {
            assert_eq!(parsed(beginning), None, "{beginning}");
        }
    }
}

#[test]
fn no_text_makes_the_reader_of_transactions_panic() {
    let mut random = Random(0x5703);
    let record = text_of(&full_transaction());
    let mut pending = 0;
    for _ in 0..3_000 {
        let text = random.damaged(&record);
        match parsed(&text) {
            Some(Transaction::Pending(read)) => {
                pending += 1;
                assert_ne!(read.code_verifier, CodeVerifier::new(""));
                let again = Transaction::Pending(read);
                assert_eq!(parsed(&text_of(&again)), Some(again));
            }
            read => assert_eq!(read, None),
        }
    }
    assert!(pending > 300, "{pending} transactions: too little is left of them");
}
