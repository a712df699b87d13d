//! A service with an issuer for each of its tenants, and metadata for the users of any (Microsoft Entra).

use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::authorize::ResponseMode;
use scopewise::core::authorize::response::Callback;
use scopewise::core::config::{ClientOptions, Config};
use scopewise::core::error::Result;
use scopewise::core::resource::ResourceMetadata;
use scopewise::core::secret::AuthorizationCode;
use scopewise::core::server::ServerMetadata;
use scopewise::core::session::{Session, TokenEndpointAnswer};
use scopewise::core::token::Expected;
use serde_json::{Value as Json, json};

use crate::common::{
    self, CLIENT, NONCE, NOW, asked, code, config, id_token, known_provider, parse_json, reason, response, sign_in,
    token_body, upgrade_with, value, verified,
};

const ONE: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "99999999-2222-3333-4444-555555555555";

fn issuer(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

fn options(issuer: &str) -> ClientOptions {
    ClientOptions::new(CLIENT, issuer)
        .with_redirect_uri("/callback")
        .with_provider(known_provider("entra"))
}

fn client(tenant: &str) -> Config {
    config(options(&issuer(tenant))).unwrap()
}

fn document(issuer: &str) -> Json {
    json!({
        "issuer": issuer,
        "authorization_endpoint": "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize",
        "token_endpoint": "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
    })
}

fn discovered(client: &Config, document: &Json) -> Result<ServerMetadata> {
    ServerMetadata::response(&response(200, Some(document)), &client.expected_issuer)
}

fn claims(tenant: &str, tid: Option<&str>) -> Json {
    json!({ "iss": issuer(tenant), "aud": CLIENT, "sub": "ada", "nonce": NONCE, "iat": NOW, "exp": NOW + 300, "tid": tid })
}

fn check(client: &Config, claims: &Json) -> Result<()> {
    verified(&id_token(claims), &Expected::of(client, Some(NONCE), None, NOW)).map(drop)
}

#[test]
fn the_metadata_has_the_place_of_a_tenant() {
    for any in ["common", "organizations"] {
        let client = client(any);
        assert_eq!(client.issuer, issuer(any), "where the metadata is");
        assert!(discovered(&client, &document(&issuer("{tenantid}"))).is_ok());
        for wrong in [
            issuer(ONE),
            issuer(any),
            "https://evil.example/{tenantid}/v2.0".to_owned(),
        ] {
            assert_eq!(
                code(discovered(&client, &document(&wrong))),
                "metadata_invalid",
                "{wrong}"
            );
        }
        // Given up front it is the same.
        let given = ServerMetadata::parse(&value(&document(&issuer("{tenantid}")))).unwrap();
        let given = config(options(&issuer(any)).with_metadata(given)).unwrap();
        assert_eq!(given.expected_issuer, client.expected_issuer);
    }
    // A tenant's own issuer is one like any other, and so is that of any server of another kind.
    assert!(discovered(&client(ONE), &document(&issuer(ONE))).is_ok());
    assert_eq!(
        code(discovered(&client(ONE), &document(&issuer("{tenantid}")))),
        "metadata_invalid"
    );
    let generic = ClientOptions::new(CLIENT, issuer("common"));
    assert_eq!(config(generic).unwrap().expected_issuer, issuer("common"));
    assert_eq!(
        code(config(ClientOptions::new(CLIENT, issuer("{tenantid}")))),
        "invalid_options"
    );
}

#[test]
fn an_id_token_is_of_the_tenant_that_it_names() {
    let any = client("organizations");
    check(&any, &claims(ONE, Some(ONE))).unwrap();
    for (tenant, tid) in [
        (ONE, Some(OTHER)),
        (ONE, None),
        ("common", Some("common")),
        ("{tenantid}", Some("{tenantid}")),
        ("", Some("")),
        ("contoso.example", Some("contoso.example")),
        ("x/11111111-2222-3333-4444-555555555555", Some(ONE)),
    ] {
        assert_eq!(reason(check(&any, &claims(tenant, tid))), "iss", "{tenant} {tid:?}");
    }
    let mut stranger = claims(ONE, Some(ONE));
    stranger["iss"] = json!(format!("https://evil.example/{ONE}/v2.0"));
    assert_eq!(reason(check(&any, &stranger)), "iss");
    // Where the tenant is known, its issuer is expected to the letter.
    check(&client(ONE), &claims(ONE, Some(ONE))).unwrap();
    assert_eq!(reason(check(&client(ONE), &claims(OTHER, Some(OTHER)))), "iss");
}

#[test]
fn a_response_may_name_a_tenant() {
    let client = client("common");
    let request = asked(common::intent("openid"), &AuthorizeOptions::default());
    let respond = |iss: &str| {
        let part = format!("state=x&code=s3cr3t-code&iss={iss}");
        let callback = Callback::parse(&part, ResponseMode::Query)?;
        callback.check(&request, &client.expected_issuer).map(drop)
    };
    respond(&issuer(ONE)).unwrap();
    for wrong in [issuer("common"), issuer("{tenantid}"), issuer("contoso.example")] {
        assert_eq!(code(respond(&wrong)), "issuer_mismatch", "{wrong}");
    }
}

#[test]
fn user_and_tenant_stay_the_same() {
    let client = client("common");
    let sign_in = sign_in("openid read");
    let exchange = |before: Option<&Session>, request, claims: &Json| {
        let body = token_body(json!({ "id_token": id_token(claims), "scope": "openid read write" }));
        let answer = TokenEndpointAnswer {
            config: &client,
            metadata: &common::metadata(),
            response: &response(200, Some(&body)),
            key: None,
            now: NOW,
            parse_json: &parse_json,
        };
        let code = AuthorizationCode::new("s3cr3t-code");
        let session = answer.session_after_code(request, &code, before, "s".to_owned());
        session.map_err(|rejected| rejected.error)
    };
    let session = exchange(None, &sign_in, &claims(ONE, Some(ONE))).unwrap();
    let upgrade = upgrade_with(&session, "write", &AuthorizeOptions::default());
    exchange(Some(&session), &upgrade, &claims(ONE, Some(ONE))).unwrap();
    let other = exchange(Some(&session), &upgrade, &claims(OTHER, Some(OTHER)));
    assert_eq!(code(other), "subject_mismatch");
    // A new sign-in may bring anybody.
    exchange(Some(&session), &sign_in, &claims(OTHER, Some(OTHER))).unwrap();
}

#[test]
fn an_api_names_the_issuer_of_any_tenant_or_that_of_one() {
    let client = client("common");
    let read = |server: String| {
        let document = json!({ "resource": "https://api.example", "authorization_servers": [server] });
        ResourceMetadata::response(&response(200, Some(&document)), "https://api.example", &client)
    };
    read(issuer("common")).unwrap();
    read(issuer(ONE)).unwrap();
    for wrong in [
        issuer("{tenantid}"),
        issuer("contoso.example"),
        common::ISSUER.to_owned(),
    ] {
        assert_eq!(code(read(wrong)), "metadata_invalid");
    }
}
