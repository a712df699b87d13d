//! Issuers to the letter, and those of a service that has one for each of its tenants.

/// The issuer that the metadata names for users of any tenant, where an issuer is that of any (Microsoft Entra).
pub(crate) fn template(issuer: &str) -> Option<String> {
    let start = issuer.strip_suffix("/v2.0")?;
    let start = ["/common", "/organizations", "/{tenantid}"]
        .iter()
        .find_map(|tenant| start.strip_suffix(tenant))?;
    Some([start, "/{tenantid}/v2.0"].concat())
}

/// Whether an issuer has the place of a tenant in it.
pub(crate) fn is_template(issuer: &str) -> bool {
    parts(issuer).is_some()
}

/// Whether an issuer is the expected one: to the letter, or with a tenant's id where that has the place of one.
pub(crate) fn is_expected(expected: &str, found: &str) -> bool {
    if is_template(expected) {
        tenant(expected, found).is_some()
    } else {
        expected == found
    }
}

/// The same where the tenant is known: an ID token names it besides.
pub(crate) fn is_of_tenant(expected: &str, found: &str, known: Option<&str>) -> bool {
    is_expected(expected, found) && (!is_template(expected) || tenant(expected, found) == known)
}

/// The tenant that an issuer names in the place that a template has for it.
fn tenant<'a>(template: &str, issuer: &'a str) -> Option<&'a str> {
    let (start, end) = parts(template)?;
    let tenant = issuer.strip_prefix(start)?.strip_suffix(end)?;
    is_guid(tenant).then_some(tenant)
}

/// What stands before and after `{tenantid}`.
fn parts(template: &str) -> Option<(&str, &str)> {
    let (start, rest) = template.split_once('{')?;
    Some((start, rest.strip_prefix("tenantid}")?))
}

/// As RFC 9562 §4 writes it.
fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
