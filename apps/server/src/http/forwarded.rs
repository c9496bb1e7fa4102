//! What a proxy says of the request that it passes on: `Forwarded` (RFC 7239), or else `X-Forwarded-Proto`,
//! `X-Forwarded-Host` and `X-Forwarded-For`. Anybody can send these, so they count where a proxy that the operator trusts is at the other end of
//! the connection; and of several values the last one, which that proxy itself has added.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{
    FORWARDED, HOST, HeaderName, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO,
};
use ipnet::IpNet;

/// Where the client sees the server: scheme, `://` and host.
pub fn origin(request: &HttpRequest, trusted: &[IpNet]) -> String {
    let scheme = if is_https(request, trusted) { "https" } else { "http" };
    format!("{scheme}://{}", host(request, trusted))
}

/// Under which host the client sees the server, with a port where there is one.
pub fn host(request: &HttpRequest, trusted: &[IpNet]) -> String {
    let host =
        passed_on(request, trusted).and_then(|request| said(request, "host", &X_FORWARDED_HOST, is_host));
    let asked = || header(request, &HOST).filter(|host| !host.is_empty());
    host.or_else(asked).unwrap_or_else(|| request.app_config().local_addr().to_string())
}

/// Whether the client sees the server behind TLS. The server itself speaks none.
pub fn is_https(request: &HttpRequest, trusted: &[IpNet]) -> bool {
    let scheme =
        passed_on(request, trusted).and_then(|request| said(request, "proto", &X_FORWARDED_PROTO, is_scheme));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The client's address: the last one on the way here that is no proxy's that is trusted. Where a proxy does not say who asked it, it
/// is the proxy's own. There is none where the client is on no network.
pub fn client(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut nearest = request.peer_addr()?.ip().to_canonical();
    let mut before = hops(request);
    while is_trusted(nearest, trusted)
        && let Some(hop) = before.pop().as_deref().and_then(address)
    {
        nearest = hop;
    }
    Some(nearest)
}

/// From whom each proxy says that it was asked, in the order in which they were.
fn hops(request: &HttpRequest) -> Vec<String> {
    let lines = |name| {
        let lines: Vec<&str> =
            request.headers().get_all(name).filter_map(|line| line.to_str().ok()).collect();
        lines.join(",")
    };
    if header(request, &FORWARDED).is_some_and(|line| of_last_element(&line, "for").is_some()) {
        let elements = split(&lines(&FORWARDED), ',');
        return elements.iter().map(|element| of_last_element(element, "for").unwrap_or_default()).collect();
    }
    lines(&X_FORWARDED_FOR).split(',').map(|hop| hop.trim().to_owned()).collect()
}

/// The request, where a proxy that is trusted passes it on.
fn passed_on<'a>(request: &'a HttpRequest, trusted: &[IpNet]) -> Option<&'a HttpRequest> {
    Some(request).filter(|request| is_from(request, trusted))
}

fn is_from(request: &HttpRequest, trusted: &[IpNet]) -> bool {
    let peer = request.peer_addr().map(|address| address.ip().to_canonical());
    peer.is_some_and(|peer| is_trusted(peer, trusted))
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// What the proxy says in `Forwarded` under this name, or in a header of its own; nothing that is not fit for an address.
fn said(request: &HttpRequest, name: &str, own: &HeaderName, is_fit: fn(&str) -> bool) -> Option<String> {
    let forwarded = header(request, &FORWARDED).and_then(|value| of_last_element(&value, name));
    let own = || header(request, own)?.rsplit(',').next().map(|value| value.trim().to_owned());
    forwarded.or_else(own).filter(|value| is_fit(value))
}

/// The last line of a header.
fn header(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    request.headers().get_all(name).last()?.to_str().ok().map(ToOwned::to_owned)
}

fn is_scheme(text: &str) -> bool {
    ["http", "https"].iter().any(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// A name or an address, and a port where there is one.
fn is_host(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c))
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:5000`, `[2001:db8::1]:5000` and so on.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse::<IpAddr>().or_else(|_| with_port()).map(|address| address.to_canonical()).ok()
}

/// The value of a parameter of the last element: `for=192.0.2.1;proto=https, for=192.0.2.7;host="chat.example.org"`.
fn of_last_element(forwarded: &str, name: &str) -> Option<String> {
    let element = split(forwarded, ',').pop()?;
    split(&element, ';').into_iter().find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| unquoted(value.trim()))
    })
}

/// Splits a text at a sign that does not stand in a quoted string.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        match c {
            _ if c == at && !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// A token as it stands, or what a quoted string says.
fn unquoted(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut chars = quoted.chars();
    std::iter::from_fn(|| chars.next().and_then(|c| if c == '\\' { chars.next() } else { Some(c) })).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    /// A request that comes from this address with these headers.
    fn request_from(peer: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let mut request = TestRequest::get().peer_addr(format!("{peer}:5000").parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        request.append_header(("Host", "inside:8000")).to_http_request()
    }

    fn trusted() -> [IpNet; 3] {
        ["127.0.0.1/32", "10.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap())
    }

    /// Where a client is told that the server is, by a request that comes from this address with these headers.
    fn seen_from(peer: &str, headers: &[(&str, &str)]) -> String {
        origin(&request_from(peer, headers), &trusted())
    }

    /// The address that a client has, whose request comes from this one with these headers.
    fn client_from(peer: &str, headers: &[(&str, &str)]) -> String {
        client(&request_from(peer, headers), &trusted()).unwrap().to_string()
    }

    #[test]
    fn a_proxy_that_is_trusted_says_where_the_client_sees_the_server() {
        for (headers, seen) in [
            (&[][..], "http://inside:8000"),
            (&[("X-Forwarded-Proto", "https")], "https://inside:8000"),
            (
                &[("X-Forwarded-Proto", "HTTPS"), ("X-Forwarded-Host", "chat.example.org:8443")],
                "https://chat.example.org:8443",
            ),
            (&[("Forwarded", "for=192.0.2.1;proto=https;host=chat.example.org")], "https://chat.example.org"),
            (
                &[("Forwarded", r#"For="[2001:db8::1]";Proto=https;Host="[2001:db8::2]:8443""#)],
                "https://[2001:db8::2]:8443",
            ),
            (
                &[
                    ("Forwarded", "proto=https"),
                    ("X-Forwarded-Proto", "http"),
                    ("X-Forwarded-Host", "a.example"),
                ],
                "https://a.example",
            ),
        ] {
            for peer in ["127.0.0.1", "10.1.2.3", "[::1]", "[::ffff:10.1.2.3]"] {
                assert_eq!(seen_from(peer, headers), seen, "{peer} {headers:?}");
            }
        }
    }

    #[test]
    fn what_the_proxy_has_added_itself_counts_and_not_what_it_was_given() {
        for headers in [
            &[("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", "evil.example,chat.example.org")][..],
            &[("Forwarded", r#"host=evil.example;proto=http, host="chat.example.org";proto=https"#)],
            &[("Forwarded", "host=evil.example"), ("Forwarded", "host=chat.example.org;proto=https")],
            &[("Forwarded", r#"for="\",\\\";host=evil.example", proto=https;host=chat.example.org"#)],
        ] {
            assert_eq!(seen_from("10.0.0.1", headers), "https://chat.example.org", "{headers:?}");
        }
    }

    #[test]
    fn what_is_no_scheme_and_no_host_does_not_count() {
        for headers in [
            ("X-Forwarded-Proto", "javascript"),
            ("X-Forwarded-Proto", ""),
            ("X-Forwarded-Host", "evil.example/path?"),
            ("X-Forwarded-Host", "me@evil.example"),
            ("X-Forwarded-Host", " "),
            ("Forwarded", "proto=ftp;host=a b"),
            ("Forwarded", r#"host="<script>""#),
            ("Forwarded", ";;=,=;"),
        ] {
            assert_eq!(seen_from("127.0.0.1", &[headers]), "http://inside:8000", "{headers:?}");
        }
    }

    #[test]
    fn a_proxy_that_is_trusted_says_which_address_the_client_has() {
        for (headers, address) in [
            (("X-Forwarded-For", "192.0.2.1"), "192.0.2.1"),
            (("X-Forwarded-For", "198.51.100.1, 192.0.2.1"), "192.0.2.1"),
            // A proxy in front of the proxy, which is trusted too.
            (("X-Forwarded-For", "198.51.100.1, 192.0.2.1, 10.0.0.2"), "192.0.2.1"),
            (("X-Forwarded-For", "10.0.0.3, 10.0.0.2"), "10.0.0.3"),
            (("X-Forwarded-For", "192.0.2.1, unknown, 10.0.0.2"), "10.0.0.2"),
            (("Forwarded", "for=198.51.100.1, for=192.0.2.1, for=10.0.0.2;proto=https"), "192.0.2.1"),
            (("X-Forwarded-For", "192.0.2.1:5000"), "192.0.2.1"),
            (("X-Forwarded-For", "2001:db8::1"), "2001:db8::1"),
            (("X-Forwarded-For", "::ffff:192.0.2.1"), "192.0.2.1"),
            (("Forwarded", r#"for="[2001:db8::1]:5000""#), "2001:db8::1"),
            (("Forwarded", r#"for="[2001:db8::1]""#), "2001:db8::1"),
            (("Forwarded", "for=198.51.100.1, for=192.0.2.1;proto=https"), "192.0.2.1"),
            // What is no address is not taken for one.
            (("Forwarded", "for=_hidden"), "10.0.0.1"),
            (("X-Forwarded-For", "unknown"), "10.0.0.1"),
            (("X-Forwarded-For", ""), "10.0.0.1"),
        ] {
            assert_eq!(client_from("10.0.0.1", &[headers]), address, "{headers:?}");
        }
        assert_eq!(client_from("10.0.0.1", &[]), "10.0.0.1");
        for peer in ["192.0.2.7", "[::ffff:192.0.2.7]"] {
            assert_eq!(client_from(peer, &[("X-Forwarded-For", "198.51.100.1")]), "192.0.2.7");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        let headers = [("X-Forwarded-Proto", "https"), ("Forwarded", "host=evil.example")];
        for peer in ["192.0.2.1", "11.0.0.1", "[::2]", "[::ffff:192.0.2.1]"] {
            assert_eq!(seen_from(peer, &headers), "http://inside:8000", "{peer}");
        }
    }

    proptest! {
        #[test]
        fn any_host_in_a_quoted_string_comes_out_as_it_went_in(host in "[ -~]{0,20}", first in "[ -~&&[^\"]]{0,20}") {
            let quoted = host.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(of_last_element(&format!("{first},for=x; host=\"{quoted}\""), "host"), Some(host));
        }

        #[test]
        fn nothing_that_is_sent_breaks_it(text in "[\"\\\\,;=a ]{0,30}|\\PC{0,30}") {
            let _ = of_last_element(&text, "a");
        }
    }
}
