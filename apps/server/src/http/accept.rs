//! What a client would rather have (RFC 9110, 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header as _, Quality};

/// Whether a client would rather have JSON than an event stream. It has to say so: who takes both alike, or anything,
/// gets the stream.
pub fn prefers_json(request: &HttpRequest) -> bool {
    Accept::parse(request).is_ok_and(|accept| {
        quality(&accept, "application", "json") > quality(&accept, "text", "event-stream")
    })
}

/// How much a media type is wanted, by the range that fits it best.
fn quality(accept: &Accept, kind: &str, subtype: &str) -> Quality {
    let best = accept.iter().filter_map(|range| {
        let fit = match (range.item.type_().as_str(), range.item.subtype().as_str()) {
            ("*", "*") => 0,
            (a, "*") if a == kind => 1,
            (a, b) if (a, b) == (kind, subtype) => 2,
            _ => return None,
        };
        Some((fit, range.quality))
    });
    best.max().map_or(Quality::ZERO, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::ACCEPT;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn json_has_to_be_preferred() {
        let prefers = |accept: &str| {
            prefers_json(&TestRequest::default().insert_header((ACCEPT, accept)).to_http_request())
        };
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/event-stream;q=0.5, application/json",
            "text/event-stream;q=0, */*",
            "application/*, text/*;q=0.9",
            "application/json;q=0.2, text/html",
        ] {
            assert!(prefers(json), "{json}");
        }
        for stream in [
            "",
            "*/*",
            "text/event-stream",
            "text/html",
            "application/json, text/event-stream",
            "application/json, text/plain, */*",
            "application/json;q=0.5, text/event-stream;q=0.6",
            "application/json;q=0, */*",
            "application/*;q=0.9, text/*",
            "nonsense",
        ] {
            assert!(!prefers(stream), "{stream}");
        }
        assert!(!prefers_json(&TestRequest::default().to_http_request()));
    }
}
