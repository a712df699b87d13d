//! Authorization responses, from the URL to the code.

use allocation_counter::measure;
use scopewise::core::authorize::response::{Callback, Located, cleaned, locate};
use scopewise::core::authorize::{AuthorizationResponse, LIFETIME, PendingRequest, ResponseMode, Transaction};
use scopewise::core::error::{Error, Result, ServerErrorCode};
use scopewise::core::secret::AuthorizationCode;
use scopewise::core::token::code_request;
use scopewise::core::url;
use serde_json::json;

use crate::common::{
    self, CALLBACK, ISSUER, MARK, NOW, Random, assert_discreet, assert_no_secret, build, cases, client, code, exchange,
    intent, metadata, metadata_with, options_with, parse_json, reason, rows, sign_in, vectors,
};

/// Where a URL holds a response, with one request waiting.
fn located(url: &str, request: &PendingRequest) -> Located {
    locate(url, CALLBACK, &parse_json, &|state, mode| {
        let is_ours = state.secret() == "s3cr3t-state";
        is_ours.then_some(mode == request.response_mode)
    })
}

/// A response's code, with one request waiting. Nothing where the URL is no response.
fn handle(url: &str, request: &PendingRequest) -> Result<Option<String>> {
    let (query, fragment) = url::parts(url);
    let callback = match located(url, request) {
        Located::Nothing | Located::SignOut | Located::Unknown(..) => return Ok(None),
        Located::WithoutState(_) => return Err(Error::StateMissing),
        Located::Response(ResponseMode::QueryJwt) => panic!("there is no JWT"),
        Located::Response(ResponseMode::Query) => Callback::parse(query, ResponseMode::Query)?,
        Located::Response(mode) => Callback::parse(fragment, mode)?,
    };
    if callback.state.secret() != "s3cr3t-state" {
        return Err(Error::TransactionMissing);
    }
    match callback.check(request, ISSUER)? {
        AuthorizationResponse::Code(code) => Ok(Some(code.secret().to_owned())),
        AuthorizationResponse::Error(error) => Err(error),
        other => panic!("{other:?}"),
    }
}

/// The URL once it was handled.
fn clean(url: &str, request: &PendingRequest) -> String {
    match located(url, request) {
        Located::Nothing | Located::Unknown(..) => url.to_owned(),
        Located::Response(mode) => cleaned(url, mode),
        Located::SignOut | Located::WithoutState(_) => cleaned(url, ResponseMode::Query),
    }
}

/// A request that wants its response there, of a server that promises `iss` or not.
fn waiting(fragment: bool, promises_issuer: bool, now: i64) -> PendingRequest {
    let metadata = metadata_with("authorization_response_iss_parameter_supported", json!(promises_issuer));
    let mode = if fragment {
        ResponseMode::Fragment
    } else {
        ResponseMode::Query
    };
    let options = options_with(|options| options.response_mode = Some(mode));
    build(&client(), &metadata, &options, intent("openid"), now)
        .unwrap()
        .pending
}

fn run(case: &str) {
    for row in rows(&vectors("callbacks"), case) {
        let url = row["url"].as_str().unwrap();
        let request = waiting(row["fragment"] == true, row["promisesIssuer"] == true, NOW);
        let result = handle(url, &request);
        match (row["accepted"].as_str(), row["error"].as_str()) {
            (Some(accepted), _) => assert_eq!(result.unwrap().unwrap(), accepted, "{url}"),
            (None, Some(error)) => {
                let failure = result.unwrap_err();
                assert_eq!(failure.code(), error, "{url}");
                assert_discreet(&failure);
            }
            (None, None) => {
                assert_eq!(row["none"], true);
                assert_eq!(result.unwrap(), None, "{url}");
                assert_eq!(row["cleaned"].as_str(), None);
            }
        }
        if let Some(expected) = row["cleaned"].as_str() {
            assert_eq!(clean(url, &request), expected);
        }
        if row["none"] != true {
            assert_no_secret(&clean(url, &request));
        }
    }
}

cases! { run:
    c001_no_state = "C001",
    c002_another_state = "C002",
    c018_error_and_code = "C018",
    c022_duplicate_code = "C022",
    c024_duplicate_iss_or_error = "C024",
    c025_duplicate_unknown_parameter = "C025",
    c026_wrong_or_missing_issuer = "C026",
    c028_issuer_that_was_not_promised = "C028",
    c029_empty_issuer = "C029",
    c030_issuer_is_compared_to_the_letter = "C030",
    c032_response_in_the_other_part = "C032",
    c033_only_the_expected_part_is_read = "C033",
    c034_tokens_in_the_front_channel = "C034",
    c036_neither_code_nor_error = "C036",
    c037_empty_code = "C037",
    c038_code_is_kept_byte_by_byte = "C038",
    c040_strange_characters = "C040",
    c041_names_of_object_members = "C041",
    c044_facebook_fragment = "C044",
    c045_scope_in_the_url_means_nothing = "C045",
    c049_another_path = "C049",
    c050_response_of_another_login = "C050",
    c165_the_user_said_no = "C165",
    c266_login_required = "C266",
    c289_the_url_keeps_the_rest = "C289",
    c293_an_error_that_repeats_the_request = "C293",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("callbacks"), CASES);
}

#[test]
fn c016_an_old_transaction_expires() {
    let request = sign_in("openid");
    assert!(!request.is_expired(NOW));
    assert!(!request.is_expired(NOW + LIFETIME));
    assert!(request.is_expired(NOW + LIFETIME + 1));
    assert_eq!(Error::TransactionExpired.code(), "transaction_expired");
}

#[test]
fn c017_a_clock_that_moved_back() {
    // The furthest that a stored number may be.
    let far = 999_999_999_999_999_999;
    for created_at in [NOW, -far, far, 0] {
        for now in [NOW - 86_400, i64::MIN, i64::MAX, 0, NOW] {
            let believable = now.abs_diff(created_at) <= LIFETIME as u64;
            let pending = waiting(false, false, created_at);
            assert_eq!(pending.is_expired(now), !believable, "{created_at} at {now}");
            for transaction in [
                Transaction::Exchanging {
                    created_at,
                    last_sign_out: None,
                },
                Transaction::Done {
                    created_at,
                    answer: None,
                    result: None,
                },
                Transaction::Pending(Box::new(pending)),
            ] {
                assert_eq!(transaction.created_at(), created_at);
            }
        }
    }
}

#[test]
fn c042_huge_responses() {
    let part = |code: &str, more: &str| format!("{CALLBACK}?state=s3cr3t-state&code={code}{more}");
    let huge = [
        part("s3cr3t", &format!("&x={}", "x".repeat(1 << 20))),
        part("s3cr3t", &"&x=1".repeat(10_000)),
        part(&"s3cr3t".repeat(20_000), ""),
        part(&"s3cr3t".repeat(2_000), ""),
        part("s3cr3t", &"&".repeat(1 << 20)),
        part("s3cr3t", &"&x=1".repeat(99)),
    ];
    for url in huge {
        let request = sign_in("openid");
        let mut handled = Ok(None);
        let made = measure(|| handled = handle(&url, &request));
        // What is too long is not taken apart: no more is copied than one response may hold, however long this one is.
        assert!(made.count_total <= 20, "{} allocations", made.count_total);
        assert!(made.bytes_total <= 64 * 1024, "{} bytes", made.bytes_total);
        let failure = handled.unwrap_err();
        assert_eq!(failure.code(), "response_malformed");
        assert_discreet(&failure);
    }
    // Just below the bounds.
    let longest = format!("{MARK}{}", "x".repeat(8 * 1024 - MARK.len()));
    assert_eq!(
        handle(&part(&longest, &"&x=1".repeat(98)), &sign_in("openid"))
            .unwrap()
            .unwrap(),
        longest
    );
    assert_eq!(
        code(handle(&part(&format!("{longest}x"), ""), &sign_in("openid"))),
        "response_malformed"
    );
}

#[test]
fn c052_without_state_pkce_or_nonce_nothing_is_usable() {
    assert_eq!(
        code(handle(&format!("{CALLBACK}?code=s3cr3t-code"), &sign_in("openid"))),
        "state_missing"
    );
    // The nonce was stripped on the way: the ID token cannot have it.
    let mut claims = common::claims("ada");
    claims.as_object_mut().unwrap().remove("nonce");
    let body = json!({ "id_token": common::id_token(&claims) });
    assert_eq!(reason(exchange(None, &sign_in("openid"), body)), "nonce");
    // The verifier is sent whatever came back.
    let code = AuthorizationCode::new("s3cr3t-code");
    let request = code_request(&metadata(), "app", &sign_in("openid"), &code);
    assert!(request.form.unwrap().contains("code_verifier=s3cr3t-verifier"));
}

#[test]
fn c165_an_error_is_the_servers_own() {
    let answer = "error=made_up&error_description=so+so&error_uri=https%3A%2F%2Fid.example%2Fe";
    let failure = handle(&format!("{CALLBACK}?state=s3cr3t-state&{answer}"), &sign_in("openid")).unwrap_err();
    assert_eq!(failure.code(), "made_up");
    let server = failure.server_error().unwrap();
    assert_eq!(server.description.as_deref(), Some("so so"));
    assert_eq!(server.uri.as_deref(), Some("https://id.example/e"));
    assert!(!failure.message().contains("so so"));
}

/// A URL of odd pieces: half of them pairs that belong there, half of them anything.
fn random_url(random: &mut Random) -> String {
    let pairs = [
        "state=s3cr3t-state",
        "code=s3cr3t-code",
        "iss=https%3A%2F%2Fid.example",
        "iss=",
        "error=access_denied",
        "x=1",
        "c%6Fde=s3cr3t-code",
        "access_token=s3cr3t-access",
        "_=_",
    ];
    let pieces = [
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2",
        "%00",
        "%FF",
        "%ED%A0%80",
        "+",
        ";",
        "/",
        "code",
        "state",
        "error",
        "s3cr3t-state",
        "https%3A%2F%2Fid.example",
        "\u{0}",
        "\u{1f600}",
        "\u{202e}",
        "\u{e9}",
        " ",
        "__proto__",
    ];
    let mut url = format!("{CALLBACK}{}", random.pick(&["?", "#", "", "?a=1#", "/"]));
    for _ in 0..random.below(6) {
        url.push_str(random.pick(&pairs));
        let odd = random.pick(&pieces);
        url.push_str(random.pick(&["&", "&", "&", "#", odd]));
    }
    for _ in 0..random.below(3) {
        url.push_str(random.pick(&pieces));
    }
    url
}

#[test]
fn c040_no_url_makes_it_panic_or_leak() {
    let mut random = Random(0xca11);
    let (mut codes, mut failures) = (0, 0);
    for round in 0..12_000 {
        let url = random_url(&mut random);
        let request = waiting(round % 2 == 0, false, NOW);
        match handle(&url, &request) {
            Ok(Some(_)) => codes += 1,
            Ok(None) => continue,
            Err(error) => {
                failures += 1;
                // A server's own code is what the server says, and here that is anything.
                let server = error.server_error().map(|server| &server.code);
                if !matches!(server, Some(ServerErrorCode::Other(_))) {
                    assert_discreet(&error);
                }
            }
        }
        // Cleaning is complete: what is left is no response, and cleaning it again changes nothing.
        let clean_url = clean(&url, &request);
        let left = located(&clean_url, &request);
        assert!(!matches!(left, Located::Response(_)), "{url:?} -> {clean_url:?}");
        if !matches!(left, Located::WithoutState(_)) {
            assert_eq!(clean(&clean_url, &request), clean_url, "{url:?}");
        }
    }
    assert!(
        codes > 10 && failures > 1000,
        "{codes} codes, {failures} failures: the generator is too tame"
    );
}

#[test]
fn c042_the_longest_response_and_the_longest_code() {
    let request = sign_in("openid");
    let of_code = |length: usize| {
        let part = format!("state=s3cr3t-state&code={}", "x".repeat(length));
        Callback::parse(&part, ResponseMode::Query)?.check(&request, ISSUER)
    };
    assert!(of_code(8_192).is_ok());
    assert_eq!(code(of_code(8_193)), "response_malformed");
    let of_length = |length: usize| {
        let start = "state=s3cr3t-state&code=s3cr3t-code&x=";
        let part = [start, &"x".repeat(length - start.len())].concat();
        Callback::parse(&part, ResponseMode::Query)
    };
    assert!(of_length(65_536).is_ok());
    assert_eq!(code(of_length(65_537)), "response_malformed");
}

#[test]
fn a_response_says_whose_it_is_or_does_not() {
    let names_issuer = |rest: &str| {
        let part = format!("state=s3cr3t-state&code=s3cr3t-code{rest}");
        Callback::parse(&part, ResponseMode::Query).unwrap().names_issuer()
    };
    assert!(names_issuer("&iss=https%3A%2F%2Fid.example") && names_issuer("&iss="));
    assert!(!names_issuer(""));
}
